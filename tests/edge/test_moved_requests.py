"""
Bodies of requests that go from socket to socket, past L{revproxy.edge.http1} and
L{revproxy.edge.upstream_http1}.
"""

from __future__ import annotations

from typing import Any

from revproxy.edge.turn import TurnWriter
from revproxy.edge.upstream_http1 import Http1UpstreamConnection
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.flow.pool.terms import UpstreamTimeouts
from revproxy.flow.splice.splicer import WORTH_MOVING
from tests.edge.memory import MemoryConnection
from tests.edge.moved_case import FIRST, REST, SIZE, MovedCase
from tests.edge.proxied import GET, OK, post, undated


class MovedRequestCase(MovedCase):
    def begin(self, **settings: Any) -> None:
        """
        A large body has begun.
        """
        self.start(**settings)
        self.client.send(post(SIZE, FIRST))

    @property
    def origin(self) -> MemoryConnection:
        return self.proxied.origin


class ChosenTests(MovedRequestCase):
    """
    Which bodies are moved.
    """

    def test_large(self) -> None:
        """
        What is left of a large body is moved, behind the head and what came with it.
        """
        self.begin()
        self.assertEqual(self.splicer.pump.left, len(REST))
        self.assertTrue(self.origin.received.endswith(b"\r\n\r\n" + FIRST))
        self.end()

    def test_little_is_left(self) -> None:
        """
        A body of which little is left is read and written.
        """
        self.start()
        self.client.send(post(SIZE, b"a" * (SIZE - WORTH_MOVING)))
        self.assertEqual(self.splicer.pumps, [])
        self.end()

    def test_chunks(self) -> None:
        """
        So are chunks, which have to be looked at.
        """
        self.start()
        self.client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % SIZE)
        self.client.send(FIRST)
        self.assertEqual(self.splicer.pumps, [])
        self.end()

    def test_secure_server(self) -> None:
        """
        So is what a server gets over TLS.
        """
        self.start()
        settings = UpstreamHttp1Settings(
            self.proxied.clock, TurnWriter(self.proxied.clock), splicer=self.splicer
        )
        connection = Http1UpstreamConnection(self.proxied.servers[0], settings, secure=True)
        self.assertIsNone(connection.outlet(SIZE))
        self.end()

    def test_no_connection_yet(self) -> None:
        """
        What comes before there is a connection goes before what is moved.
        """
        self.start()
        self.proxied.endpoints[0].holding = True
        self.client.send(post(SIZE, FIRST))
        self.assertEqual(self.splicer.pumps, [])
        self.proxied.endpoints[0].accept()
        self.client.send(b"second")
        self.assertTrue(self.origin.received.endswith(b"\r\n\r\n" + FIRST + b"second"))
        self.assertEqual(self.splicer.pump.left, len(REST) - len(b"second"))
        self.end()


class MovingTests(MovedRequestCase):
    """
    What is asked of a moved body as of any other.
    """

    def test_whole(self) -> None:
        """
        When all was moved the answer is awaited; the next request follows.
        """
        self.begin()
        self.splicer.pump.move(REST)
        self.proxied.advance(0)
        self.assertTrue(self.origin.received.endswith(FIRST + REST))
        self.origin.send(OK)
        self.ask()
        self.assertEqual(undated(self.client.received), OK + OK)
        self.assertEqual(len(self.proxied.origins), 1)
        self.end()

    def test_client_stops(self) -> None:
        """
        Pitfall 13: a client that stops in the middle of its body is not passed for one
        that has sent it.
        """
        self.begin()
        self.splicer.pump.move(b"r" * 1000)
        self.splicer.pump.end()
        self.client.finish()
        self.proxied.advance(0)
        self.assertTrue(self.origin.reset)
        self.assert_nothing_left()

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: with the client goes the server's connection, and nothing is moved.
        """
        self.begin()
        self.client.leave()
        self.proxied.advance(0)
        self.assertFalse(self.splicer.pump.running)
        self.assertTrue(self.origin.reset)
        self.assert_nothing_left()

    def test_early_answer(self) -> None:
        """
        Pitfall 2: where the answer comes before the body has ended, the rest of it is not
        taken for a request.
        """
        self.begin()
        self.origin.send(OK)
        self.assertFalse(self.splicer.pump.running)
        self.assertEqual(undated(self.client.received), OK)
        self.proxied.advance(0)
        self.client.send(REST[: 2 * WORTH_MOVING])
        self.client.send(GET)
        self.assertEqual(self.proxied.statuses, [200])
        self.end()

    def test_server_breaks(self) -> None:
        """
        Where the server's connection breaks the client is told.
        """
        self.begin()
        self.origin.leave()
        self.proxied.advance(0)
        self.assertFalse(self.splicer.pump.running)
        self.assertIn(b"HTTP/1.1 502 ", self.client.received)
        self.end()

    def test_cut(self) -> None:
        """
        Where the answer breaks while the body is still moved, nothing is moved any more by
        the time that the client is told.
        """
        self.begin()
        self.origin.send_in_turn(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        self.origin.send_in_turn(b"no chunk\r\n")
        self.assertEqual((self.client.reset, self.client.gone), (True, False))
        self.assertFalse(self.splicer.pump.running)
        self.end()

    def test_both_ways(self) -> None:
        """
        A server may answer at length while it is still asked at length.
        """
        self.begin()
        asking = self.splicer.pump
        self.origin.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % SIZE + FIRST)
        answering = self.splicer.pump
        asking.move(REST)
        answering.move(REST)
        self.proxied.advance(0)
        self.assertTrue(self.client.received.endswith(FIRST + REST))
        self.assertTrue(self.origin.received.endswith(FIRST + REST))
        self.ask()
        self.assertEqual((len(self.proxied.origins), self.proxied.statuses), (1, [200, 200]))
        self.end()


class DeadlineTests(MovedRequestCase):
    """
    What moves is progress; what does not is not.
    """

    def begin(self, **settings: Any) -> None:
        timeouts = UpstreamTimeouts(idle=60.0, response=300.0)
        super().begin(timeouts=timeouts, body_grace=10.0, least_body_rate=100, **settings)

    def test_too_slow(self) -> None:
        """
        Pitfall 25: a body has to come at the least rate.
        """
        self.begin()
        for _ in range(5):
            self.splicer.pump.move(b"r" * 1000)
            self.proxied.advance(10)
        self.assertEqual(self.client.received, b"")
        self.splicer.pump.move(b"r" * 999)
        self.proxied.advance(10)
        self.assertIn(b"HTTP/1.1 408 ", self.client.received)
        self.assertFalse(self.splicer.pump.running)
        self.end()

    def test_server_does_not_read(self) -> None:
        """
        Pitfall 26: a server that takes nothing for too long is given up, and the client
        is not to blame.
        """
        self.begin()
        self.splicer.pump.hold(b"r" * 1000)
        self.proxied.advance(59)
        self.assertEqual(self.client.received, b"")
        self.proxied.advance(1)
        self.assertIn(b"HTTP/1.1 504 ", self.client.received)
        self.end()

    def test_reads_on_later(self) -> None:
        """
        A server that was slow does not have the client's connection read before all was
        moved.
        """
        self.begin()
        self.splicer.pump.hold(b"r" * 1000)
        self.splicer.pump.resume()
        self.proxied.advance(0)
        self.assertTrue(self.client.paused)
        self.end()
