"""
Tests of L{revproxy.edge.request_body}: how much of a body, how fast, and the 100 that
clients wait for.
"""

from __future__ import annotations

from typing import Any

from tests.edge.proxied import OK, ProxiedTestCase, refused, undated

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\n"


def post(fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"POST / HTTP/%b\r\nHost: a\r\n%b\r\n%b" % (version, fields, body)


class Bodies(ProxiedTestCase):
    def end(self) -> None:
        """
        The client leaves, and nothing stays behind.
        """
        self.client.leave()
        self.assert_nothing_left()


class ContinueTests(Bodies):
    """
    Pitfall 11: C{Expect: 100-continue}.
    """

    HEAD = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n"

    def expect(self, body: bytes = b"", **settings: Any) -> None:
        self.start(**settings)
        self.client.send(post(b"Expect: 100-Continue\r\nContent-Length: 3\r\n", body))

    def test_relayed_once(self) -> None:
        """
        Pitfall 11: the server's 100 reaches the client, once, and then the body the server.
        """
        self.expect()
        self.assertEqual(self.proxied.forwarded, [self.HEAD.replace(b"100-continue", b"100-Continue")])
        self.proxied.origin.send(CONTINUE + CONTINUE)
        self.assertEqual(self.client.received, CONTINUE)
        self.client.send(b"abc")
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\nabc"))
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), CONTINUE + OK)
        self.assertTrue(self.client.open)
        self.assertFalse(self.proxied.origin.gone)
        self.end()

    def test_sent_in_the_servers_place(self) -> None:
        """
        Pitfall 11: where the server says nothing for a while the client gets its 100 from
        the proxy, and none from the server after it.
        """
        self.expect(continue_timeout=1.0)
        self.proxied.advance(0.9)
        self.assertEqual(self.client.received, b"")
        self.proxied.advance(0.1)
        self.assertEqual(self.client.received, CONTINUE)
        self.proxied.origin.send(CONTINUE)
        self.assertEqual(self.client.received, CONTINUE)
        self.end()

    def test_body_without_waiting(self) -> None:
        """
        Pitfall 11: a client that sends its body at once gets no 100.
        """
        self.expect(b"abc")
        self.proxied.origin.send(CONTINUE + OK)
        self.assertEqual(undated(self.client.received), OK)
        self.assertTrue(self.client.open)
        self.end()

    def test_final_answer(self) -> None:
        """
        Pitfall 11: a final answer before the body ends the connection, as the client
        may send the body or not.
        """
        self.expect()
        self.proxied.origin.send(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(
            undated(self.client.received),
            b"HTTP/1.1 403 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        )
        self.assertTrue(self.client.finished)
        self.assertTrue(self.proxied.origin.gone)
        self.client.send(post(b"", b""))
        self.assertEqual(self.proxied.statuses, [403])
        self.end()

    def test_too_large(self) -> None:
        """
        Pitfall 11: a body that will be refused is not asked for.
        """
        self.expect(most_body=2)
        self.assertTrue(self.client.received.startswith(TOO_LARGE))
        self.assertTrue(self.client.finished)
        self.assertEqual(self.proxied.origins, [])
        self.end()

    def test_without_a_body(self) -> None:
        """
        A client that has nothing to send is not asked for it.
        """
        self.start()
        self.client.send(post(b"Expect: 100-continue\r\n"))
        self.proxied.advance(5)
        self.proxied.origin.send(CONTINUE + OK)
        self.assertEqual(undated(self.client.received), OK)
        self.end()

    def test_http_1_0(self) -> None:
        """
        A client of HTTP/1.0 cannot expect anything.
        """
        self.start()
        self.client.send(post(b"Expect: 100-continue\r\nContent-Length: 3\r\n", b"", b"1.0"))
        self.proxied.advance(5)
        self.proxied.origin.send(CONTINUE)
        self.assertEqual(self.client.received, b"")
        self.end()

    def test_rate_from_then_on(self) -> None:
        """
        Pitfall 25: the time that a client waits for its 100 does not count against its body,
        the time after it does.
        """
        self.expect(continue_timeout=60.0, body_grace=10.0)
        self.proxied.advance(59)
        self.proxied.origin.send(CONTINUE)
        self.proxied.advance(9)
        self.assertEqual(self.client.received, CONTINUE)
        self.proxied.advance(1)
        self.assertEqual(undated(self.client.received), CONTINUE + refused(b"408 Request Timeout"))
        self.end()


class SizeTests(Bodies):
    """
    Bodies that are larger than the route allows.
    """

    def test_by_length(self) -> None:
        """
        A body whose length says that it is too large reaches no server, and where it is
        small enough to be passed over the connection goes on.
        """
        self.start(most_body=10)
        self.client.send(post(b"Content-Length: 11\r\n", b"0123456789a"))
        self.assertTrue(self.client.received.startswith(TOO_LARGE))
        self.client.send(post(b"Content-Length: 10\r\n", b"0123456789"))
        self.assertEqual(len(self.proxied.origins), 1)
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\n0123456789"))
        self.end()

    def test_much(self) -> None:
        """
        Pitfall 2: a body that is too large to be passed over ends the connection, once the
        client could read the answer.
        """
        self.start(most_body=10)
        self.client.send(post(b"Content-Length: 1000000\r\n", b"a" * 60000))
        self.assertIn(b"\r\nconnection: close\r\n", self.client.received)
        self.client.send(b"a" * 10000)
        self.assertTrue(self.client.finished)
        self.assertFalse(self.client.gone)
        self.proxied.advance(2)
        self.assertTrue(self.client.gone)
        self.assertEqual(self.proxied.leftovers(), [])

    def test_very_much(self) -> None:
        """
        A client that sends on and on is cut off.
        """
        self.start(most_body=10)
        self.client.send(post(b"Content-Length: 100000000\r\n"))
        self.client.send(b"a" * (1 << 20))
        self.assertFalse(self.client.gone)
        for _ in range(16):
            self.client.send(b"a" * (1 << 20))
        self.assertTrue(self.client.reset)
        self.assertEqual(self.proxied.leftovers(), [])

    def test_in_chunks(self) -> None:
        """
        A body in chunks that grows too large is answered, and not passed on for whole.
        """
        self.start(most_body=4)
        self.client.send(post(b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n"))
        self.assertEqual(len(self.proxied.origins), 1)
        self.client.send(b"2\r\nde\r\n0\r\n\r\n")
        self.assertEqual(undated(self.client.received), refused(b"413 Content Too Large"))
        self.assertTrue(self.proxied.origin.reset)
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\n3\r\nabc\r\n"))
        self.end()

    def test_after_the_answer_began(self) -> None:
        """
        Where the server has begun to answer, the answer is cut.
        """
        self.start(most_body=4)
        self.client.send(post(b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n"))
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok")
        self.client.send(b"2\r\nde\r\n")
        self.assertTrue(self.client.reset)
        self.assertTrue(self.proxied.origin.reset)
        self.assertEqual(self.proxied.leftovers(), [])


class RateTests(Bodies):
    """
    Pitfall 25: bodies that come too slowly.
    """

    def upload(self, length: int = 100000, **settings: Any) -> None:
        self.start(least_body_rate=100, body_grace=10.0, **settings)
        self.client.send(post(b"Content-Length: %d\r\n" % length))

    def test_too_slow(self) -> None:
        """
        Pitfall 25: a body that comes byte by byte ends with 408 after the time of grace,
        and the server's connection with it.
        """
        self.upload()
        for _ in range(9):
            self.client.send(b"a")
            self.proxied.advance(1)
        self.assertEqual(self.client.received, b"")
        self.proxied.advance(1)
        self.assertEqual(undated(self.client.received), refused(b"408 Request Timeout"))
        self.assertTrue(self.proxied.origin.reset)
        self.end()

    def test_fast_enough(self) -> None:
        """
        Pitfall 25: a body that keeps up is not bothered, however long it takes.
        """
        self.upload(20000)
        for _ in range(100):
            self.proxied.advance(1)
            self.client.send(b"a" * 200)
        self.proxied.origin.send(OK)
        self.assertEqual(self.proxied.statuses, [200])
        self.assertTrue(self.client.open)
        self.end()

    def test_head_start(self) -> None:
        """
        Pitfall 25: what came fast does not allow for pauses later.
        """
        self.upload()
        self.client.send(b"a" * 50000)
        self.proxied.advance(10, 10)
        self.assertEqual(self.proxied.statuses, [408])
        self.end()

    def test_server_to_blame(self) -> None:
        """
        A server that does not read makes its client wait without blame.
        """
        self.upload()
        self.proxied.origin.stall()
        self.client.send(b"a" * 70000)
        self.assertTrue(self.client.paused)
        self.proxied.advance(*[9] * 5)
        self.assertEqual(self.proxied.statuses, [])
        self.proxied.origin.take()
        self.proxied.advance(9)
        self.assertEqual(self.proxied.statuses, [])
        self.proxied.advance(1)
        self.assertEqual(self.proxied.statuses, [408])
        self.end()

    def test_rest_after_a_pause(self) -> None:
        """
        Pitfall 25: so it is where the client had to wait when the answer came.
        """
        self.upload(200000)
        self.proxied.origin.stall()
        self.client.send(b"a" * 100000)
        self.assertTrue(self.client.paused)
        self.proxied.origin.send(OK)
        self.assertEqual((self.client.paused, self.client.open), (False, True))
        self.proxied.advance(10, 2)
        self.assertTrue(self.client.gone)
        self.assertEqual(self.proxied.leftovers(), [])

    def test_rest_of_what_was_answered(self) -> None:
        """
        Pitfall 25: the rest of a body that was answered already has to come, too: a client
        that stops sending does not keep its connection.
        """
        self.upload()
        self.proxied.origin.send(OK)
        self.assertEqual(self.proxied.statuses, [200])
        self.assertTrue(self.client.open)
        self.proxied.advance(10)
        self.assertFalse(self.client.open)
        self.proxied.advance(2)
        self.assertTrue(self.client.gone)
        self.assertEqual(self.proxied.leftovers(), [])
