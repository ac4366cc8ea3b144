"""
Listening: the ports are Twisted's own, but uvloop accepts.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet import tcp, unix
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from revproxy.reactor.accepting import Acceptor
from revproxy.reactor.reasons import DONE
from revproxy.reactor.serving import ServedTCP, ServedUNIX

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor


class AcceptedByLoop:
    """
    A port whose connections uvloop accepts.
    """

    reactor: UVReactor
    socket: socket.socket
    backlog: int | None
    connected: bool
    disconnecting: bool
    sessionno = 0
    served: type[ServedTCP]
    _acceptor: Acceptor | None = None

    def startReading(self) -> None:
        """
        Accept connections.
        """
        if self._acceptor is None:
            backlog = socket.SOMAXCONN if self.backlog is None else self.backlog
            self._acceptor = Acceptor(self.reactor.loop, self.socket, backlog, self._new)
            self.reactor.ports.add(self)

    def stopReading(self) -> None:
        """
        Leave connections in the queue of the socket.
        """
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.stop()
            self.reactor.ports.discard(self)

    def loseConnection(self, connDone: Failure = DONE) -> Any:
        """
        Stop listening.  Connections that uvloop has accepted already are served before
        the factory is told.
        """
        self.disconnecting = True
        self.stopReading()
        if not self.connected:
            return None
        stopped: Deferred[None] = Deferred()
        self.reactor.loop.call_soon(self._stopped, stopped, connDone)
        return stopped

    stopListening = loseConnection

    def _new(self) -> ServedTCP:
        self.sessionno += 1
        return self.served(self.reactor, self, self.sessionno - 1)

    def _stopped(self, stopped: Deferred[None], reason: Failure) -> None:
        try:
            self.connectionLost(reason)  # type: ignore[attr-defined]
        except BaseException:
            stopped.errback(Failure())
        else:
            stopped.callback(None)


class TCPPort(AcceptedByLoop, tcp.Port):  # type: ignore[misc]
    """
    A TCP port.
    """

    served = ServedTCP


class UNIXPort(AcceptedByLoop, unix.Port):  # type: ignore[misc]
    """
    A UNIX socket that is listened on.
    """

    served = ServedUNIX
