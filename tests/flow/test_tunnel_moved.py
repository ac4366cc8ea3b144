"""
Tests of L{revproxy.flow.tunnel}: bytes that go from socket to socket.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.deadline import Deadline
from revproxy.flow.splice.pump import ENDLESS
from revproxy.flow.splice.splicer import WORTH_MOVING
from revproxy.flow.tunnel import Tunnel
from tests.flow.moving import StandInPump, StandInSplicer
from tests.flow.tunnel_ends import TunnelConnection

BULK = b"b" * WORTH_MOVING


class MovedTunnelCase(SynchronousTestCase):
    """
    @ivar over: grows when the tunnel is over.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.splicer = StandInSplicer()
        self.over: list[None] = []
        self.tunnel = Tunnel(lambda late: Deadline(self.clock, late), 60.0, lambda: self.over.append(None))
        self.client = TunnelConnection(self.clock, splicer=self.splicer)
        self.server = TunnelConnection(self.clock, splicer=self.splicer)
        self.tunnel.open(self.client.end, self.server.end)

    def tearDown(self) -> None:
        """
        Pitfall 44: both connections go, nothing is moved, and no call is left.
        """
        self.client.leave()
        self.clock.pump([0] * 4)
        self.assertEqual((self.client.gone, self.server.gone), (True, True))
        self.assertFalse(any(pump.running for pump in self.splicer.pumps))
        self.assertEqual((len(self.over), self.clock.getDelayedCalls()), (1, []))

    def moving(self) -> StandInPump:
        """
        Much comes from the client.
        """
        self.client.send(BULK)
        return self.splicer.pump


class BulkTests(MovedTunnelCase):
    def test_messages(self) -> None:
        """
        Small messages are read and written.
        """
        for _ in range(100):
            self.client.send(BULK[1:])
        self.assertEqual(self.splicer.pumps, [])

    def test_bulk(self) -> None:
        """
        Where much comes at once the rest is moved, each way for itself, and all of it is
        counted.
        """
        up = self.moving()
        self.server.send(BULK)
        down = self.splicer.pump
        up.move(b"up")
        down.move(b"down")
        self.assertEqual((up.running, down.running), (True, True))
        self.assertEqual((self.server.received, self.client.received), (BULK + b"up", BULK + b"down"))
        self.assertEqual(self.server.end.octets, len(BULK) + 2)
        self.assertEqual(up.left, ENDLESS - 2)

    def test_no_pipe(self) -> None:
        """
        Where there is no pipe to be had all is read and written.
        """
        self.splicer.able = False
        self.client.send(BULK)
        self.client.send(BULK)
        self.assertEqual(self.server.received, BULK * 2)
        self.assertEqual(self.splicer.pumps, [])

    def test_thin(self) -> None:
        """
        Where little has come many times it is read and written again, until much comes.
        """
        pump = self.moving()
        for _ in range(15):
            pump.move(b"a little")
        pump.move(BULK)
        for _ in range(16):
            pump.move(b"a little")
        self.assertFalse(pump.running)
        self.clock.advance(0)
        self.client.send(b"read")
        self.assertTrue(self.server.received.endswith(b"a littleread"))
        self.assertIsNot(self.moving(), pump)

    def test_back_pressure(self) -> None:
        """
        Pitfall 26: while the other side takes nothing the end is not read.
        """
        pump = self.moving()
        pump.hold(BULK)
        pump.resume()
        self.clock.advance(0)
        self.assertTrue(self.client.paused)


class SecureTests(MovedTunnelCase):
    def test_one_side(self) -> None:
        """
        What is encrypted on either side cannot be moved.
        """
        for secure in ((True, False), (False, True)):
            client = TunnelConnection(self.clock, secure=secure[0], splicer=self.splicer)
            server = TunnelConnection(self.clock, secure=secure[1], splicer=self.splicer)
            tunnel = Tunnel(lambda late: Deadline(self.clock, late), 60.0, lambda: None)
            tunnel.open(client.end, server.end)
            client.send(BULK)
            self.assertEqual((server.received, self.splicer.pumps), (BULK, []))
            tunnel.abort()
            self.clock.advance(0)


class EndTests(MovedTunnelCase):
    def test_half_closed(self) -> None:
        """
        Pitfall 33: a direction that ends is ended at the other side, and the rest of the
        other still arrives.
        """
        pump = self.moving()
        pump.end()
        self.client.finish()
        self.clock.advance(0)
        self.assertTrue(self.server.finished)
        self.server.send(b"the rest")
        self.assertEqual(self.client.received, b"the rest")

    def test_gone(self) -> None:
        """
        What had come from an end that is gone goes out before the other is closed.
        """
        pump = self.moving()
        pump.hold(b"last words")
        self.client.leave()
        self.clock.pump([0, 0])
        self.assertEqual(self.server.received, BULK + b"last words")
        self.assertTrue(self.server.gone)

    def test_nobody_takes_it(self) -> None:
        """
        Where the other end is gone nothing more is moved.
        """
        pump = self.moving()
        self.server.leave()
        self.assertFalse(pump.running)

    def test_idle(self) -> None:
        """
        What moves keeps a tunnel open; one in which nothing does is closed.
        """
        pump = self.moving()
        for _ in range(3):
            self.clock.advance(59)
            pump.move(BULK)
        self.assertEqual(self.over, [])
        self.clock.advance(60)
        self.clock.advance(0)
        self.assertEqual((self.client.reset, self.server.reset), (True, True))
