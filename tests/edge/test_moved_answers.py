"""
Bodies of responses that go from socket to socket, past L{revproxy.edge.upstream_http1}
and L{revproxy.edge.http1_response}.
"""

from __future__ import annotations

from typing import Any

from revproxy.exchange import Exchange, Response
from revproxy.flow.pool.terms import UpstreamTimeouts
from revproxy.flow.splice.splicer import MUCH, WORTH_MOVING
from tests.edge.moved_case import FIRST, REST, SIZE, MovedCase
from tests.edge.proxied import GET, OK, undated

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % SIZE


class MovedAnswerCase(MovedCase):
    def begin(self, **settings: Any) -> None:
        """
        A large answer has begun.
        """
        self.start(**settings)
        self.ask(answer=HEAD + FIRST)


class ChosenTests(MovedAnswerCase):
    """
    Which bodies are moved.
    """

    def answered(self, answer: bytes, request: bytes = GET) -> int:
        """
        @return: how many bodies are moved.
        """
        self.ask(request, answer)
        return len(self.splicer.pumps)

    def test_large(self) -> None:
        """
        What is left of a large body is moved, and the head and what came with it are
        written before.
        """
        self.start()
        self.assertEqual(self.answered(HEAD + FIRST), 1)
        self.assertEqual(self.splicer.pump.left, len(REST))
        self.assertEqual(undated(self.client.received), HEAD + FIRST)
        self.end()

    def test_little_is_left(self) -> None:
        """
        A body of which little is left is read and written.
        """
        self.start()
        body = b"a" * (SIZE - WORTH_MOVING)
        self.assertEqual(self.answered(HEAD + body), 0)
        self.assertFalse(self.proxied.origin.paused)
        self.end()

    def test_much_at_once(self) -> None:
        """
        Where much of a body came with its head, all of it or not, less is read of the
        next one.
        """
        self.start()
        self.assertEqual(self.answered(HEAD + FIRST + REST), 0)
        self.assertEqual(self.splicer.slowed, 1)
        self.assertEqual(self.answered(HEAD + FIRST + REST[:200_000]), 1)
        self.assertEqual(self.splicer.slowed, 2)
        self.end()

    def test_not_to_be_moved(self) -> None:
        """
        Not so where it could not have been moved, or was not much.
        """
        self.start()
        self.answered(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n" % SIZE + FIRST + REST)
        self.proxied.origin.send(b"\r\n0\r\n\r\n")
        body = b"a" * MUCH
        self.answered(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % MUCH + body[:-100])
        self.proxied.origin.send(body[-100:])
        self.assertEqual((self.proxied.statuses, self.splicer.slowed), ([200, 200], 0))
        self.end()

    def test_chunks(self) -> None:
        """
        So are chunks, which have to be looked at.
        """
        self.start()
        size = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n" % SIZE
        self.assertEqual(self.answered(size + FIRST), 0)
        self.end()

    def test_until_the_end(self) -> None:
        """
        So is what ends with the connection.
        """
        self.start()
        self.assertEqual(self.answered(b"HTTP/1.1 200 OK\r\n\r\n" + FIRST), 0)
        self.end()

    def test_no_body(self) -> None:
        """
        An answer to HEAD has nothing to move, whatever its length.
        """
        self.start()
        self.assertEqual(self.answered(HEAD, GET.replace(b"GET", b"HEAD")), 0)
        self.assertEqual(self.proxied.statuses, [200])
        self.end()

    def test_other_length(self) -> None:
        """
        Where a filter has announced fewer octets than the server sends, they are counted
        as they are written.
        """

        class Shortened:
            def filter_response(self, exchange: Exchange, response: Response) -> None:
                response.length = 2000

        self.start(response_filters=[Shortened()])
        self.assertEqual(self.answered(HEAD + FIRST), 0)
        self.end()

    def test_no_pipe(self) -> None:
        """
        Where there is no pipe to be had the body is read and written, and none is lost.
        """
        self.start()
        self.splicer.able = False
        self.ask(answer=HEAD + FIRST)
        self.proxied.origin.send(REST)
        self.assertEqual(undated(self.client.received), HEAD + FIRST + REST)
        self.end()


class MovingTests(MovedAnswerCase):
    """
    What is asked of a moved body as of any other.
    """

    def test_whole(self) -> None:
        """
        When all was moved the exchange is over, with all octets counted; the next one is
        served by the same connections.
        """
        self.begin()
        self.client.send(GET)
        self.splicer.pump.move(REST)
        self.assertEqual([exchange.body_sent for exchange in self.proxied.finished], [SIZE])
        self.proxied.advance(0)
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), HEAD + FIRST + REST + OK)
        self.assertEqual(len(self.proxied.origins), 1)
        self.end()

    def test_more_than_a_body(self) -> None:
        """
        Pitfall 32: what follows a body is not taken for the next answer: its connection
        is not used again.
        """
        self.begin()
        self.splicer.unread = True
        self.splicer.pump.move(REST)
        self.assertTrue(self.proxied.origin.reset)
        self.ask()
        self.assertEqual((len(self.proxied.origins), self.proxied.statuses), (2, [200, 200]))
        self.end()

    def test_cut(self) -> None:
        """
        Pitfall 13: where the server stops in the middle the client can tell.
        """
        self.begin()
        self.splicer.pump.move(b"r" * 1000)
        self.splicer.pump.end()
        self.proxied.origin.finish()
        self.proxied.advance(0)
        self.assertTrue(self.client.reset)
        self.assertEqual([exchange.body_sent for exchange in self.proxied.finished], [2000])
        self.assert_nothing_left()

    def test_broken(self) -> None:
        """
        So it can where the server's connection breaks.
        """
        self.begin()
        self.proxied.origin.leave()
        self.proxied.advance(0)
        self.assertFalse(self.splicer.pump.running)
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: with the client goes the server's connection, and nothing is moved.
        """
        self.begin()
        self.client.leave()
        self.proxied.advance(0)
        self.assertFalse(self.splicer.pump.running)
        self.assertTrue(self.proxied.origin.reset)
        self.assert_nothing_left()

    def test_drain(self) -> None:
        """
        A listener that closes lets it end.
        """
        self.begin()
        for connection in list(self.proxied.settings.connections):
            connection.drain()
        self.splicer.pump.move(REST)
        self.proxied.advance(0)
        self.assertTrue(self.client.received.endswith(REST))
        self.assert_nothing_left()


class DeadlineTests(MovedAnswerCase):
    """
    What moves is progress; what does not is not.
    """

    def begin(self, **settings: Any) -> None:
        timeouts = UpstreamTimeouts(idle=60.0, response=300.0)
        super().begin(timeouts=timeouts, slow_reader_timeout=20.0, **settings)

    def test_idle_server(self) -> None:
        """
        A server that sends nothing for too long is given up.
        """
        self.begin()
        self.proxied.advance(59)
        self.splicer.pump.move(b"r" * 1000)
        self.proxied.advance(59)
        self.assertTrue(self.splicer.pump.running)
        self.proxied.advance(1)
        self.assertFalse(self.splicer.pump.running)
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_whole_response(self) -> None:
        """
        So is one that takes too long altogether.
        """
        self.begin()
        for _ in range(6):
            self.splicer.pump.move(b"r" * 1000)
            self.proxied.advance(50)
        self.proxied.advance(0)
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_slow_reader(self) -> None:
        """
        Pitfall 26: a client that reads nothing for too long is cut off, one that reads
        something is not, and the server is not to blame.
        """
        self.begin()
        for _ in range(8):
            self.splicer.pump.hold(b"r" * 1000)
            self.proxied.advance(19)
            self.splicer.pump.resume()
        self.assertFalse(self.client.gone)
        self.splicer.pump.hold(b"r" * 1000)
        self.proxied.advance(20)
        self.assertTrue(self.client.reset)
        self.assertFalse(self.splicer.pump.running)
        self.assert_nothing_left()

    def test_reads_on_later(self) -> None:
        """
        A client that was slow does not have the server's connection read before all was
        moved.
        """
        self.begin()
        self.splicer.pump.hold(b"r" * 1000)
        self.splicer.pump.resume()
        self.proxied.advance(0)
        self.assertTrue(self.proxied.origin.paused)
        self.splicer.pump.left = 1
        self.splicer.pump.move(b"r")
        self.assertFalse(self.proxied.origin.paused)
        self.end()
