"""
Tests of L{revproxy.edge.stream_protocol}.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.edge.stream_protocol import StreamProtocol
from revproxy.flow.tunnel import TunnelEnd
from tests.edge.memory import BUFFER, MemoryConnection
from tests.flow.tunnel_ends import TunnelConnection
from tests.sources import on_sources

ADDRESS = IPv4Address("TCP", "192.0.2.1", 4321)


class Listening(StreamProtocol):
    """
    Keeps what it is told.

    @ivar told: in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    @override
    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)

    @override
    def dataReceived(self, data: bytes) -> None:
        assert self._tunnel is not None
        self._tunnel.received(data)

    def switch(self) -> TunnelEnd:
        """
        Leave HTTP.
        """
        self._tunnel = TunnelEnd(self.transport, secure=False)
        return self._tunnel

    @override
    def _read_closed(self) -> None:
        self.told.append("read closed")

    @override
    def _write_closed(self) -> None:
        self.told.append("write closed")

    @override
    def _lost(self, reason: Failure) -> None:
        self.told.append(type(reason.value).__name__)

    @override
    def _block(self) -> None:
        self.told.append("block")

    @override
    def _unblock(self) -> None:
        self.told.append("unblock")


@on_sources
class StreamProtocolTests(SynchronousTestCase):
    """
    What a connection hears.

    @ivar connection: the one in question, whose tunnel would lead to C{other}.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.protocol = Listening()
        self.connection = MemoryConnection(self.clock, ADDRESS, ADDRESS)
        self.connection.join(self.protocol)
        self.other = TunnelConnection(self.clock)

    def open_tunnel(self) -> None:
        end = self.protocol.switch()
        end.join(self.other.end)
        self.other.end.join(end)

    def fill(self) -> None:
        """
        Write more than the other side takes.
        """
        self.connection.stall()
        self.connection.write(b"a" * (BUFFER + 1))

    def test_interfaces(self) -> None:
        """
        It is what transports want of a protocol that hears of half-closes and is paused.
        """
        verifyObject(IHalfCloseableProtocol, self.protocol)
        verifyObject(IPushProducer, self.protocol)

    def test_pressure(self) -> None:
        """
        Pitfall 26: without a tunnel the subclass hears when to write no more, and when to
        go on.
        """
        self.fill()
        self.assertEqual(self.protocol.told, ["block"])
        self.connection.take()
        self.assertEqual(self.protocol.told, ["block", "unblock"])

    def test_pressure_in_a_tunnel(self) -> None:
        """
        Pitfall 26: in a tunnel the other end is read no more until there is room.
        """
        self.open_tunnel()
        self.fill()
        self.assertTrue(self.other.paused)
        self.connection.take()
        self.assertFalse(self.other.paused)
        self.assertEqual(self.protocol.told, [])

    def test_half_close(self) -> None:
        """
        Pitfall 33: without a tunnel the subclass hears of the end of each direction.
        """
        self.connection.finish()
        self.assertEqual(self.protocol.told, ["read closed"])
        self.connection.loseWriteConnection()
        self.clock.advance(0)
        self.assertEqual(self.protocol.told, ["read closed", "write closed"])
        self.assertFalse(self.connection.gone)

    def test_half_close_in_a_tunnel(self) -> None:
        """
        Pitfall 33: in a tunnel the end of a direction goes through, and the other direction
        stays open.
        """
        self.open_tunnel()
        self.connection.finish()
        self.assertEqual((self.other.finished, self.other.gone), (True, False))
        self.other.send(b"more")
        self.assertEqual(self.connection.received, b"more")
        self.assertEqual(self.protocol.told, [])

    def test_own_half_close_in_a_tunnel(self) -> None:
        """
        That our direction is closed, as the tunnel asked, is told to nobody.
        """
        self.open_tunnel()
        self.other.finish()
        self.assertEqual((self.connection.finished, self.protocol.told), (True, []))

    def test_lost(self) -> None:
        """
        The subclass hears why the connection is gone.
        """
        self.connection.leave()
        self.assertEqual(self.protocol.told, ["ConnectionLost"])

    def test_lost_in_a_tunnel(self) -> None:
        """
        Pitfall 44: the tunnel ends with the connection, and the subclass hears of it, too.
        """
        self.open_tunnel()
        self.connection.leave()
        self.assertTrue(self.other.gone)
        self.assertEqual(self.protocol.told, ["ConnectionLost"])

    def test_stopped(self) -> None:
        """
        That the transport wants no more to write is not the end: it tells of that itself.
        """
        self.open_tunnel()
        self.protocol.stopProducing()
        self.assertEqual((self.other.open, self.protocol.told), (True, []))
