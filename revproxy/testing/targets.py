"""
What stands in for servers in tests of health checks.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError, NoProtocol
from twisted.internet.interfaces import IHandshakeListener, IProtocol, IProtocolFactory, ISSLTransport
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import alsoProvides, implementer

from revproxy.interfaces import IProbeTarget


class StandInConnection(StringTransport):
    """
    A connection of a health check, at whose other end is the test.

    As with real ones the check hears in the next turn that a connection is over which it
    has closed itself: see L{StandInTarget.turn}.

    @ivar open: whether neither side has closed it.
    @ivar gone: whether the check has heard that it is over.
    """

    def __init__(self, protocol: IProtocol, secure: bool = False) -> None:
        super().__init__()
        self.gone = False
        self._protocol = protocol
        if secure:
            alsoProvides(self, ISSLTransport)

    @property
    def open(self) -> bool:
        """
        Whether neither side has closed it.
        """
        return not (self.disconnecting or self.gone)

    @property
    def heard(self) -> bytes:
        """
        All that the check has said.
        """
        return bytes(self.value())

    def say(self, data: bytes) -> None:
        """
        Say something to the check, unless it has closed the connection.
        """
        if self.open:
            self._protocol.dataReceived(data)

    def shake_hands(self) -> None:
        """
        Let the TLS handshake go well.
        """
        if self.open and IHandshakeListener.providedBy(self._protocol):
            self._protocol.handshakeCompleted()

    def close(self) -> None:
        """
        Close the connection in good order.
        """
        self.end(ConnectionDone())

    def reset(self) -> None:
        """
        Be gone without a word.
        """
        self.end(ConnectionLost())

    def end(self, reason: Exception) -> None:
        """
        Let the check hear that the connection is over.
        """
        if not self.gone:
            self.gone = True
            self._protocol.connectionLost(Failure(reason))


@implementer(IProbeTarget)
class StandInTarget:
    """
    A server as a health check sees it, whose part the test takes: it accepts or refuses
    connections, and speaks on them.

    @ivar connections: all that were accepted.
    @ivar ports: for each attempt to connect the port that was asked for in place of the
        server's own, or C{None}.
    """

    def __init__(self, name: str = "http://127.0.0.1:8001", port: int = 8001) -> None:
        self.name = name
        self.authority = b"127.0.0.1:%d" % port
        self.host = "127.0.0.1"
        self.port = port
        self.connections: list[StandInConnection] = []
        self.ports: list[int | None] = []
        self._attempts: list[tuple[Deferred[IProtocol], IProtocolFactory]] = []

    def connect(self, factory: IProtocolFactory, port: int | None = None) -> Deferred[IProtocol]:
        """
        Implement L{IProbeTarget.connect}.
        """
        attempt: Deferred[IProtocol] = Deferred(self._given_up)
        self._attempts.append((attempt, factory))
        self.ports.append(port)
        return attempt

    def _given_up(self, attempt: Deferred[IProtocol]) -> None:
        self._attempts = [each for each in self._attempts if each[0] is not attempt]

    def accept(self, secure: bool = False) -> StandInConnection:
        """
        Accept the first connection that waits for it.

        @param secure: whether TLS is to be spoken; L{StandInConnection.shake_hands} then
            ends the handshake.
        """
        attempt, factory = self._attempts.pop(0)
        protocol: IProtocol | None = factory.buildProtocol(IPv4Address("TCP", self.host, self.port))
        connection = StandInConnection(protocol or Protocol(), secure)
        self.connections.append(connection)
        if protocol is None:
            connection.loseConnection()
        else:
            protocol.makeConnection(connection)
        if attempt.called:
            return connection  # It was given up, and came about all the same.
        if protocol is None:
            attempt.errback(NoProtocol())
        else:
            attempt.callback(protocol)
        return connection

    def refuse(self, error: Exception | None = None) -> None:
        """
        Refuse the first connection that waits.
        """
        self._attempts.pop(0)[0].errback(error or ConnectionRefusedError())

    def turn(self) -> None:
        """
        Let the check hear of the connections that it has closed.
        """
        for connection in self.connections:
            if connection.disconnecting:
                connection.end(ConnectionDone())

    @property
    def busy(self) -> bool:
        """
        Whether the check still connects, or has a connection open.
        """
        return bool(self._attempts) or any(connection.open for connection in self.connections)
