"""
Connecting: Twisted's own clients connect, and uvloop takes over what is connected.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet import tcp, unix
from twisted.internet.address import UNIXAddress
from twisted.internet.error import ConnectError
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.reactor.addresses import Address, internet_address
from revproxy.reactor.transport import StreamTransport

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor


class ConnectedTCP(StreamTransport):
    """
    A TCP connection that we asked for.

    @ivar connector: what is told of its end.
    """

    _tlsClientDefault = True
    _log = Logger()

    def __init__(self, reactor: UVReactor, attempt: Attempt) -> None:
        super().__init__(reactor)
        self._attempt: Attempt | None = attempt
        self._peer = attempt.getPeer()

    @override
    def logPrefix(self) -> str:
        return f"{super().logPrefix()},client"

    @property
    def logstr(self) -> str:
        """
        What L{logPrefix} returns, under the name that Twisted's own transports give it.
        """
        return self.logPrefix()

    def failIfNotConnected(self, error: BaseException) -> None:
        """
        Do nothing: the connector's timeout finds that we are connected.
        """

    @override
    def _established(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is None or not hasattr(attempt, "connector"):
            self.disconnected = True
            self._uv.abort()
            return
        self.connector = attempt.connector
        try:
            protocol = self.connector.buildProtocol(self._peer)
        except BaseException:
            self._refused(attempt)
        else:
            self._connected(attempt, protocol)

    def _refused(self, attempt: Attempt) -> None:
        """
        The factory has failed.
        """
        self._log.failure("A protocol could not be built")
        self.disconnected = True
        self._uv.abort()
        attempt.failIfNotConnected(ConnectError(string=Failure()))

    def _connected(self, attempt: Attempt, protocol: Any) -> None:
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
        super()._end(reason)
        self.connector.connectionLost(reason)

    @override
    def _address_of_host(self) -> Address:
        return internet_address(self._uv.get_extra_info("sockname"))


class ConnectedUNIX(ConnectedTCP):
    """
    A connection to a UNIX socket.
    """

    @override
    def _reset_on_close(self) -> None:
        """
        There is no reset on UNIX sockets.
        """

    @override
    def getTcpNoDelay(self) -> bool:
        return False

    @override
    def setTcpNoDelay(self, enabled: bool) -> None:
        """
        There is no such thing here.
        """

    @override
    def _address_of_host(self) -> Address:
        return UNIXAddress(None)


class Attempt:
    """
    An attempt to connect, which gives its socket to uvloop when it has succeeded.
    """

    reactor: UVReactor
    connector: Any
    connected: bool
    socket: socket.socket
    connection: type[ConnectedTCP]

    def _connectDone(self) -> None:
        connected = self.socket
        self._collectSocketDetails()  # type: ignore[attr-defined]
        transport = self.connection(self.reactor, self)
        self.reactor.hand_over(transport, connected)

    def getPeer(self) -> Any:
        """
        @return: the address that is connected to.
        """
        raise NotImplementedError

    def failIfNotConnected(self, error: BaseException) -> None:
        """
        Give up.
        """
        raise NotImplementedError


class TCPAttempt(tcp.Client):
    """
    An attempt to connect by TCP.
    """

    connection = ConnectedTCP
    _connectDone = Attempt._connectDone


class UNIXAttempt(unix.Client):
    """
    An attempt to connect to a UNIX socket.
    """

    connection = ConnectedUNIX
    _connectDone = Attempt._connectDone


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
