"""
Asking a server of DNS by TCP, where the answer is too large for a datagram.
"""

from __future__ import annotations

from typing import cast

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.error import ConnectingCancelledError
from twisted.internet.interfaces import IProtocol, IReactorTCP, ITCPTransport
from twisted.internet.protocol import Factory, connectionDone
from twisted.names import dns
from twisted.protocols.basic import Int16StringReceiver
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.config.resolving import NameServer
from revproxy.discovery.question import Question


def ask_by_stream(reactor: IReactorTCP, server: NameServer, question: Question) -> Deferred[dns.Message]:
    """
    @return: the answer; fails with a L{ConnectError} or L{ConnectionClosed} where the
        server is not to be reached, or closes the connection.  There may never be one.
        Cancelling gives up.
    """
    kind = TCP6ClientEndpoint if ":" in server.address else TCP4ClientEndpoint
    stream = _Stream(question)
    factory = Factory.forProtocol(lambda: stream)
    factory.noisy = False
    connecting: Deferred[IProtocol] = kind(reactor, server.address, server.port).connect(factory)
    return connecting.addCallbacks(lambda _: stream.answer, _not_connected)


def _not_connected(failure: Failure) -> Failure:
    """
    @raise CancelledError: it was given up, of which the endpoint tells in its own way.
    """
    if failure.check(ConnectingCancelledError):
        raise CancelledError
    return failure


class _Stream(Int16StringReceiver):
    """
    A connection for one question, RFC 1035 section 4.2.2.
    """

    def __init__(self, question: Question) -> None:
        self.answer: Deferred[dns.Message] = Deferred(self._give_up)
        self._question = question

    @override
    def connectionMade(self) -> None:
        self.sendString(self._question.octets)

    @override
    def stringReceived(self, string: bytes) -> None:
        answer = self._question.answer_in(string)
        if answer is not None and not self.answer.called:
            self.answer.callback(answer)
        self._close()

    @override
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.answer.called:
            self.answer.errback(reason)

    def _give_up(self, answer: Deferred[dns.Message]) -> None:
        answer.errback(CancelledError())
        self._close()

    def _close(self) -> None:
        cast(ITCPTransport, self.transport).abortConnection()
