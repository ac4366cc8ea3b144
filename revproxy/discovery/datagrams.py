"""
Asking a server of DNS by UDP.
"""

from __future__ import annotations

from os import strerror
from socket import AF_INET, AF_INET6, SO_ERROR, SOCK_DGRAM, SOL_SOCKET, socket

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.names import dns
from twisted.python.failure import Failure
from zope.interface import implementer

from revproxy.config.resolving import NameServer
from revproxy.discovery.question import Question

_LARGEST = 65535


def ask_by_datagram(reactor: IReactorFDSet, server: NameServer, question: Question) -> Deferred[dns.Message]:
    """
    @return: the answer; fails with an L{OSError} where the server is not to be reached.
        There may never be one.  Cancelling gives up.
    """
    return _Datagrams(reactor, server, question).answer


@implementer(IReadDescriptor)
class _Datagrams:
    """
    A socket for one question.  It is connected, so that the system lets through only what
    comes from the server, and tells if nobody is there; and each has a port of its own.

    Twisted's own UDP ports do neither, and write two lines to the log for each question.
    """

    def __init__(self, reactor: IReactorFDSet, server: NameServer, question: Question) -> None:
        self.answer: Deferred[dns.Message] = Deferred(lambda _: self._close())
        self._reactor = reactor
        self._question = question
        self._socket = socket(AF_INET6 if ":" in server.address else AF_INET, SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.connect(server)
            self._socket.send(question.octets)
        except OSError:
            self._socket.close()
            self.answer.errback()
        else:
            reactor.addReader(self)

    def fileno(self) -> int:
        """
        Implement L{IFileDescriptor.fileno}.
        """
        return self._socket.fileno()

    def logPrefix(self) -> str:
        """
        Implement L{ILoggingContext.logPrefix}.
        """
        return "DNS"

    def doRead(self) -> None:
        """
        Implement L{IReadDescriptor.doRead}.
        """
        try:
            answer = self._question.answer_in(self._socket.recv(_LARGEST))
        except BlockingIOError:
            return
        except OSError:
            self._close()
            self.answer.errback()
            return
        if answer is not None:
            self._close()
            self.answer.callback(answer)

    def connectionLost(self, reason: Failure) -> None:
        """
        Implement L{IFileDescriptor.connectionLost}: something is wrong with the socket, or
        the reactor ends.
        """
        error = self._socket.getsockopt(SOL_SOCKET, SO_ERROR)
        self._close()
        self.answer.errback(OSError(error, strerror(error)) if error else reason)

    def _close(self) -> None:
        self._reactor.removeReader(self)
        self._socket.close()
