"""
Connections that have left HTTP, in memory.
"""

from __future__ import annotations

from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import implementer

from revproxy.exchange import Response
from revproxy.flow.splice.splicer import Splicer
from revproxy.flow.transport import IStreamTransport
from revproxy.flow.tunnel import TunnelEnd
from tests.edge.memory import MemoryConnection
from tests.fakes import RecordingDownstream

ADDRESS = IPv4Address("TCP", "192.0.2.1", 4321)


@implementer(IHalfCloseableProtocol, IPushProducer)
class TunnelProtocol(Protocol):
    """
    Tells its end of a tunnel what it hears from the transport.
    """

    def __init__(self, secure: bool, early: bytes, splicer: Splicer | None) -> None:
        self._secure, self._early, self._splicer = secure, early, splicer

    @override
    def connectionMade(self) -> None:
        transport = cast(IStreamTransport, self.transport)
        transport.registerProducer(self, True)
        self.end = TunnelEnd(transport, self._secure, self._early, self._splicer)

    @override
    def dataReceived(self, data: bytes) -> None:
        self.end.received(data)

    def readConnectionLost(self) -> None:
        self.end.read_closed()

    def writeConnectionLost(self) -> None:
        pass

    @override
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.end.lost()

    def pauseProducing(self) -> None:
        self.end.pause_other()

    def resumeProducing(self) -> None:
        self.end.resume_other()

    def stopProducing(self) -> None:
        pass


class TunnelConnection(MemoryConnection):
    """
    A connection in memory whose other end is an end of a tunnel.  Once it is gone
    it may not be told to close: Twisted's TLS raises then.

    @ivar end: that end.
    """

    def __init__(
        self, clock: Clock, early: bytes = b"", secure: bool = False, splicer: Splicer | None = None
    ) -> None:
        super().__init__(clock, ADDRESS, ADDRESS)
        protocol = TunnelProtocol(secure, early, splicer)
        self.join(protocol)
        self.end = protocol.end

    @override
    def unregisterProducer(self) -> None:
        self._must_be_there()
        super().unregisterProducer()

    @override
    def loseConnection(self) -> None:
        self._must_be_there()
        super().loseConnection()

    @override
    def abortConnection(self) -> None:
        self._must_be_there()
        super().abortConnection()

    def _must_be_there(self) -> None:
        if self.gone:
            raise AttributeError("the connection is gone")


class SwitchingDownstream(RecordingDownstream):
    """
    A client that can leave HTTP.

    @ivar switched: the 101, once there is one.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.connection = TunnelConnection(clock)
        self.switched: Response | None = None

    @override
    def switch(self, response: Response) -> TunnelEnd:
        self.calls.append("switch")
        self.switched = response
        return self.connection.end
