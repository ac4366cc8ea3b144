"""
Connecting: Twisted's own clients connect, and uvloop takes over what is connected.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet import tcp, unix
from twisted.internet.address import UNIXAddress
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IFileDescriptorReceiver
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.reactor.addresses import Address
from revproxy.reactor.transport import StreamTransport
from revproxy.reactor.unix_stream import UNIXStream

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor


class ConnectedTCP(StreamTransport):
    """
    A TCP connection that we asked for.

    @ivar connector: what is told of its end.
    """

    _tlsClientDefault = True

    def __init__(self, reactor: UVReactor, attempt: Any) -> None:
        """
        @param attempt: how it came to be connected.
        """
        super().__init__(reactor)
        self.addr = attempt.addr
        self._peer = attempt.getPeer()
        self._attempt = attempt
        self.connector: Any = None

    def __repr__(self) -> str:
        return f"<{type(self)} to {self.addr} at {id(self):x}>"

    @override
    def logPrefix(self) -> str:
        return f"{super().logPrefix()},client"

    def failIfNotConnected(self, error: BaseException) -> None:
        """
        Do nothing: the connector's timeout finds that we are connected.
        """

    @override
    def _established(self) -> None:
        attempt, self._attempt = self._attempt, None
        if not hasattr(attempt, "connector"):
            self._drop()
            return
        self.connector = attempt.connector
        try:
            protocol = self.connector.buildProtocol(self._peer)
        except BaseException:
            self._log.failure("A protocol could not be built")
            self._drop()
            attempt.failIfNotConnected(ConnectError(string=Failure()))
        else:
            self._connected(attempt, protocol)

    def _connected(self, attempt: Any, protocol: Any) -> None:
        """
        @param protocol: L{None} if nobody wants the connection; it is closed then.
        """
        attempt.connected = True
        self.connector.transport = self
        try:
            self._begin(Protocol() if protocol is None else protocol)
        except BaseException:
            self._log.failure("A protocol failed as it was connected")
            self._fail(Failure())
        if protocol is None:
            self.loseConnection()

    @override
    def _end(self, reason: Failure) -> None:
        connector, self.connector = self.connector, None
        super()._end(reason)
        connector.connectionLost(reason)


class ConnectedUNIX(UNIXStream, ConnectedTCP):
    """
    A connection to a UNIX socket.
    """

    @override
    def _connected(self, attempt: Any, protocol: Any) -> None:
        if IFileDescriptorReceiver.providedBy(protocol):
            connected = self.socket.duplicate()
            self._drop()
            attempt.go_on(connected, protocol)
        else:
            super()._connected(attempt, protocol)

    @override
    def _address_of_host(self) -> Address:
        return UNIXAddress(None)


class Attempt:
    """
    An attempt to connect, which gives its socket to uvloop when it has succeeded.

    @cvar connection: what becomes of it.
    """

    reactor: UVReactor
    socket: socket.socket
    connection: type[ConnectedTCP]

    def _connectDone(self) -> None:
        connected = self.socket
        self._collectSocketDetails()  # type: ignore[attr-defined]
        self.reactor.hand_over(self.connection(self.reactor, self), connected)


class TCPAttempt(Attempt, tcp.Client):  # type: ignore[misc]
    """
    An attempt to connect by TCP.
    """

    connection = ConnectedTCP


class UNIXAttempt(Attempt, unix.Client):  # type: ignore[misc]
    """
    An attempt to connect to a UNIX socket.
    """

    connection = ConnectedUNIX

    def go_on(self, connected: socket.socket, protocol: Any) -> None:
        """
        Be the connection's transport: uvloop does not receive descriptors, so Twisted's
        own transport does.
        """
        self.socket = connected
        self.fileno = connected.fileno
        self.protocol = protocol
        self.connected = True
        self.logstr = f"{self._getLogPrefix(protocol)},client"
        self.startReading()
        protocol.makeConnection(self)


class TCPConnector(tcp.Connector):
    """
    What connects by TCP, again and again if it is asked to.
    """

    @override
    def _makeTransport(self) -> Any:
        return TCPAttempt(self.host, self.port, self.bindAddress, self, self.reactor)


class UNIXConnector(unix.Connector):
    """
    What connects to a UNIX socket, again and again if it is asked to.
    """

    @override
    def _makeTransport(self) -> Any:
        return UNIXAttempt(self.address, self, self.reactor, self.checkPID)
