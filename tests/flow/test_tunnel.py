"""
Tests of L{revproxy.flow.tunnel}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.deadline import Deadline
from revproxy.flow.tunnel import Tunnel
from tests.edge.memory import BUFFER
from tests.flow.tunnel_ends import TunnelConnection


class TunnelCase(SynchronousTestCase):
    """
    @ivar over: grows when the tunnel is over.
    """

    secure = False

    def setUp(self) -> None:
        self.clock = Clock()
        self.over: list[None] = []
        self.tunnel = Tunnel(lambda late: Deadline(self.clock, late), 60.0, lambda: self.over.append(None))
        self.open()

    def open(self, from_client: bytes = b"", from_server: bytes = b"") -> None:
        self.client = TunnelConnection(self.clock, from_client, self.secure)
        self.server = TunnelConnection(self.clock, from_server, self.secure)
        self.tunnel.open(self.client.end, self.server.end)

    def assertOver(self) -> None:
        """
        Pitfall 44: both connections are gone, the tunnel is over once, and no call is left.
        """
        self.clock.pump([0] * 4)
        self.assertEqual((self.client.gone, self.server.gone), (True, True))
        self.assertEqual((len(self.over), self.clock.getDelayedCalls()), (1, []))


class BytesTests(TunnelCase):
    def tearDown(self) -> None:
        self.client.leave()
        self.assertOver()

    def test_both_ways(self) -> None:
        """
        What comes in at one end goes out at the other, and is counted.
        """
        self.client.send(b"ping")
        self.server.send(b"pong!")
        self.assertEqual((self.client.received, self.server.received), (b"pong!", b"ping"))
        self.assertEqual((self.client.end.octets, self.server.end.octets), (5, 4))

    def test_back_pressure(self) -> None:
        """
        Pitfall 26: an end whose other side takes no more is not read, both ways, and the
        other direction goes on.
        """
        for slow, quick in [(self.client, self.server), (self.server, self.client)]:
            slow.stall()
            quick.send(b"a" * BUFFER + b"b")
            quick.send(b"c")
            self.assertEqual((quick.paused, slow.waiting), (True, BUFFER + 1))
            slow.send(b"still")
            self.assertTrue(quick.received.endswith(b"still"))
            slow.take()
            self.assertEqual((quick.paused, slow.received[-2:]), (False, b"bc"))


class EarlyTests(TunnelCase):
    def open(self, from_client: bytes = b"hello", from_server: bytes = b"welcome") -> None:
        super().open(from_client, from_server)

    def test_comes_first(self) -> None:
        """
        What came behind the heads goes through before anything else.
        """
        self.client.send(b" world")
        self.server.send(b" home")
        self.assertEqual((self.client.received, self.server.received), (b"welcome home", b"hello world"))

    def test_before_it_is_open(self) -> None:
        """
        What comes before the ends are joined is kept, and so is the end of it.
        """
        client, server = TunnelConnection(self.clock, b"a"), TunnelConnection(self.clock)
        client.send(b"b")
        client.finish()
        self.tunnel.open(client.end, server.end)
        self.clock.advance(0)
        self.assertEqual((server.received, server.finished), (b"ab", True))


class HalfCloseTests(TunnelCase):
    def test_client_first(self) -> None:
        """
        Pitfall 33: a client that sends no more still gets the rest, and then the end.
        """
        self.client.send(b"last")
        self.client.finish()
        self.assertEqual(
            (self.server.received, self.server.finished, self.server.gone), (b"last", True, False)
        )
        self.server.send(b"rest")
        self.assertEqual((self.client.received, self.client.open), (b"rest", True))
        self.server.finish()
        self.assertOver()
        self.assertEqual((self.client.reset, self.server.reset), (False, False))

    def test_server_first(self) -> None:
        """
        Pitfall 33: so does a server.
        """
        self.server.send(b"last")
        self.server.finish()
        self.assertEqual((self.client.received, self.client.finished), (b"last", True))
        self.client.send(b"rest")
        self.assertEqual(self.server.received, b"rest")
        self.client.finish()
        self.assertOver()

    def test_the_rest_is_sent(self) -> None:
        """
        Pitfall 33: what waits for a slow end is sent before its direction is closed.
        """
        self.client.stall()
        self.server.send(b"a" * 10)
        self.server.finish()
        self.client.finish()
        self.clock.pump([0] * 4)
        self.assertFalse(self.client.gone)
        self.client.take()
        self.assertEqual(self.client.received, b"a" * 10)
        self.assertOver()


class LostTests(TunnelCase):
    def test_client(self) -> None:
        """
        Pitfall 44: where the client is gone the server's end is closed, after it got
        what was written to it.
        """
        self.client.send(b"last")
        self.client.leave()
        self.assertOver()
        self.assertEqual((self.server.received, self.server.reset), (b"last", False))

    def test_server(self) -> None:
        """
        Pitfall 44: so is the client's where the server is gone.
        """
        self.server.send(b"last")
        self.server.leave()
        self.assertOver()
        self.assertEqual((self.client.received, self.client.reset), (b"last", False))

    def test_after_half_close(self) -> None:
        """
        Pitfall 44: a client that finished and then vanished does not keep its server busy.
        """
        self.client.finish()
        self.server.send(b"more")
        self.client.leave()
        self.assertOver()

    def test_while_the_other_is_paused(self) -> None:
        """
        Pitfall 44: an end that is not read, because the other was slow, is closed too.
        """
        self.client.stall()
        self.server.send(b"a" * (BUFFER + 1))
        self.client.leave()
        self.assertOver()

    def test_a_slow_end_is_not_waited_for_long(self) -> None:
        """
        Pitfall 26: an end that takes nothing of what is left for it is reset after the
        idle time.
        """
        self.server.stall()
        self.client.send(b"a")
        self.client.leave()
        self.clock.advance(60)
        self.assertTrue(self.server.reset)
        self.assertOver()

    def test_abort(self) -> None:
        """
        Aborting resets both ends.
        """
        self.tunnel.abort()
        self.client.end.read_closed()
        self.assertOver()
        self.assertEqual((self.client.reset, self.server.reset), (True, True))


class IdleTests(TunnelCase):
    def test_idle(self) -> None:
        """
        Where nothing moves for the idle time, both ends are reset.
        """
        self.clock.advance(59)
        self.assertEqual((self.client.reset, self.server.reset), (False, False))
        self.clock.advance(1)
        self.assertOver()
        self.assertEqual((self.client.reset, self.server.reset), (True, True))

    def test_not_idle(self) -> None:
        """
        Octets either way begin the time anew.
        """
        for connection in (self.client, self.server):
            self.clock.advance(59)
            connection.send(b"a")
        self.clock.advance(59)
        self.assertFalse(self.client.reset)
        self.clock.advance(1)
        self.assertOver()

    def test_half_closed(self) -> None:
        """
        Pitfall 33: a direction that is left open does not stay open for ever.
        """
        self.client.finish()
        self.clock.advance(60)
        self.assertOver()


class SecureTests(TunnelCase):
    """
    Over TLS, where the end of the one direction is the notice of closing.
    """

    secure = True

    def test_finish(self) -> None:
        """
        Pitfall 33: an end over TLS is told of the other's finish, after all that was sent.
        """
        self.client.send(b"last")
        self.client.finish()
        self.assertEqual((self.server.received, self.server.finished), (b"last", True))
        self.server.send(b"words")
        self.server.finish()
        self.assertOver()
        self.assertEqual((self.client.received, self.server.reset), (b"words", False))

    def test_lost(self) -> None:
        """
        TLS has no half-close to hear of: where it ends, the other end is closed.
        """
        self.server.send(b"last")
        self.server.leave()
        self.assertOver()
        self.assertEqual(self.client.received, b"last")

    def test_idle(self) -> None:
        """
        Pitfall 44: an end that is gone is not told to close, which TLS would not bear, so
        that the other end and the server's place are free.
        """
        self.clock.advance(60)
        self.assertOver()

    def test_sends_on(self) -> None:
        """
        Pitfall 44: a server that does not mind the notice of closing, and sends on for
        nobody, is reset after the idle time.
        """
        self.server.stall()
        self.client.send(b"a")
        self.client.leave()
        self.clock.advance(59)
        self.server.end.received(b"more")
        self.clock.advance(1)
        self.assertTrue(self.server.reset)
        self.assertOver()
