"""
Tests of L{revproxy.edge.upstream_http1}: connections to servers, used again and lost.
"""

from __future__ import annotations

from twisted.internet.error import ConnectionRefusedError

from revproxy.flow.pool.server import ConnectionLimits
from revproxy.flow.pool.terms import UpstreamTimeouts
from tests.edge.proxied import GET, OK, ProxiedTestCase, post, undated

GATEWAY_TIMEOUT = b"HTTP/1.1 504 Gateway Timeout\r\n"
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\n"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"


class KeptTests(ProxiedTestCase):
    """
    Connections between two exchanges.
    """

    def test_unsolicited_octets(self) -> None:
        """
        Pitfall 32: a server that speaks unasked loses its connection, and what it said is
        nobody's answer.
        """
        self.start()
        self.ask()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
        self.assertTrue(self.proxied.origin.reset)
        self.ask()
        self.assertEqual(len(self.proxied.origins), 2)
        self.assertEqual(undated(self.client.received), OK + OK)

    def test_closed_by_the_server(self) -> None:
        """
        A connection that the server closes is not used again.
        """
        self.start()
        self.ask()
        self.proxied.origin.finish()
        self.assertTrue(self.proxied.origin.gone)
        self.ask()
        self.assertEqual(len(self.proxied.origins), 2)
        self.assertEqual(self.proxied.statuses, [200, 200])

    def test_closed_by_a_server_that_does_not_read(self) -> None:
        """
        A server that closes while a request waits to be sent is not waited for: the request
        goes elsewhere, and nothing of the connection stays.
        """
        self.start()
        self.client.send(GET + GET)
        self.proxied.origins[0].stall()
        self.proxied.origins[0].send(OK)
        self.proxied.origins[0].finish()
        self.assertTrue(self.proxied.origins[0].gone)
        self.proxied.origin.send(OK)
        self.assertEqual(self.proxied.statuses, [200, 200])

    def test_idle_timeout(self) -> None:
        """
        A connection that nobody needs is closed after a while, counted from its last
        exchange.
        """
        self.start(limits=ConnectionLimits(idle_timeout=30.0))
        self.ask()
        self.proxied.advance(29)
        self.ask()
        self.proxied.advance(29)
        self.assertFalse(self.proxied.origin.gone)
        self.proxied.advance(1)
        self.assertTrue(self.proxied.origin.gone)
        self.client.leave()
        self.assertEqual(self.proxied.clock.getDelayedCalls(), [])

    def test_most_requests(self) -> None:
        """
        A connection carries so many exchanges and no more.
        """
        self.start(limits=ConnectionLimits(requests=2))
        for _ in range(3):
            self.ask()
        first, second = self.proxied.origins
        self.assertEqual((first.received.count(b"GET"), first.gone), (2, True))
        self.assertEqual((second.received.count(b"GET"), second.gone), (1, False))

    def test_most_idle(self) -> None:
        """
        So many connections are kept and no more.
        """
        self.start(limits=ConnectionLimits(idle=1))
        other = self.proxied.client()
        other.send(GET)
        self.client.send(GET)
        for origin in self.proxied.origins:
            origin.send(OK)
        self.assertEqual([origin.gone for origin in self.proxied.origins], [False, True])


class RepeatedTests(ProxiedTestCase):
    """
    Pitfalls 30 and 31: requests that are sent once more.
    """

    def race(self, request: bytes) -> None:
        """
        The server closes a kept connection just when it is used.
        """
        self.start()
        self.ask()
        self.client.send(request)
        self.proxied.origins[0].finish()

    def test_race(self) -> None:
        """
        Pitfall 31: a request that a kept connection was closed on goes out on a new one.
        """
        self.race(GET)
        self.proxied.origin.send(OK)
        self.assertEqual(len(self.proxied.origins), 2)
        self.assertEqual(undated(self.client.received), OK + OK)
        self.assertEqual(self.proxied.finished[-1].tries, 2)

    def test_reset_race(self) -> None:
        """
        Pitfall 31: the same where the connection was reset.
        """
        self.start()
        self.ask()
        self.client.send(GET)
        self.proxied.origin.leave()
        self.proxied.origin.send(OK)
        self.assertEqual(self.proxied.statuses, [200, 200])

    def test_once(self) -> None:
        """
        Pitfall 31: but only once, and not on another kept connection.
        """
        self.race(GET)
        self.proxied.origin.finish()
        self.assertEqual(len(self.proxied.origins), 2)
        self.assertEqual(self.proxied.statuses, [200, 502])

    def test_with_a_body(self) -> None:
        """
        Pitfall 31: a body goes out again with its request, while it is kept.
        """
        self.race(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        self.proxied.origin.send(OK)
        first, second = self.proxied.origins
        self.assertTrue(first.received.endswith(second.received))
        self.assertTrue(second.received.endswith(b"\r\n\r\nabc"))
        self.assertEqual(self.proxied.statuses, [200, 200])

    def test_not_with_a_large_body(self) -> None:
        """
        Pitfall 30: one that is too large to be kept is not sent twice.
        """
        body = bytes(65537)
        self.race(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        self.assertEqual(len(self.proxied.origins), 1)
        self.assertEqual(self.proxied.statuses, [200, 502])

    def test_not_a_post(self) -> None:
        """
        Pitfall 30: nor is one that may do something twice.
        """
        self.race(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(len(self.proxied.origins), 1)
        self.assertEqual(self.proxied.statuses, [200, 502])

    def test_not_after_an_octet(self) -> None:
        """
        Pitfall 30: nor one that the server has begun to answer.
        """
        self.start()
        self.ask()
        self.client.send(GET)
        self.proxied.origin.send(b"H")
        self.proxied.origin.finish()
        self.assertEqual(len(self.proxied.origins), 1)
        self.assertEqual(self.proxied.statuses, [200, 502])

    def test_not_on_a_new_connection(self) -> None:
        """
        Pitfall 30: a server that closes a new connection may have had a reason.
        """
        self.start()
        self.client.send(GET)
        self.proxied.origin.finish()
        self.assertEqual(len(self.proxied.origins), 1)
        self.assertTrue(self.client.received.startswith(BAD_GATEWAY))

    def test_another_server(self) -> None:
        """
        Pitfall 30: where there is no connection another server may be asked, for a POST too.
        """
        self.start(servers=2)
        self.proxied.endpoints[0].error = ConnectionRefusedError()
        self.client.send(post(3, b"abc"))
        self.proxied.endpoints[1].connections[0].send(OK)
        self.assertEqual(undated(self.client.received), OK)
        self.assertTrue(self.proxied.endpoints[1].connections[0].received.endswith(b"\r\n\r\nabc"))

    def test_no_other_server(self) -> None:
        """
        Where no server can be connected to, the client is told so.
        """
        self.start(servers=2)
        for endpoint in self.proxied.endpoints:
            endpoint.error = ConnectionRefusedError()
        self.client.send(GET)
        self.assertTrue(self.client.received.startswith(BAD_GATEWAY))
        self.client.leave()
        self.assert_nothing_left()


class DeadlineTests(ProxiedTestCase):
    """
    Servers that do not answer in time.
    """

    def test_connect(self) -> None:
        """
        A connection that is not made in time is given up.
        """
        self.start(timeouts=UpstreamTimeouts(connect=5.0))
        self.proxied.endpoints[0].holding = True
        self.client.send(GET)
        self.proxied.advance(5)
        self.assertTrue(self.client.received.startswith(GATEWAY_TIMEOUT))
        self.assertEqual(self.proxied.endpoints[0].given_up, 1)

    def test_first_byte(self) -> None:
        """
        An answer that does not begin in time is not waited for.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0))
        self.client.send(GET)
        self.proxied.advance(59)
        self.assertEqual(self.client.received, b"")
        self.proxied.advance(1)
        self.assertTrue(self.client.received.startswith(GATEWAY_TIMEOUT))
        self.assertTrue(self.proxied.origin.reset)
        self.assertTrue(self.client.open)

    def test_half_a_head(self) -> None:
        """
        A head that comes byte by byte, or interim responses, are no answer in time.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0))
        self.client.send(GET)
        self.proxied.advance(30)
        self.proxied.origin.send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200")
        self.proxied.advance(30)
        self.assertEqual(self.proxied.statuses, [504])

    def test_counted_from_the_end_of_the_request(self) -> None:
        """
        The time of the answer begins when the request is whole.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0), least_body_rate=0)
        self.client.send(post(6, b"abc"))
        self.proxied.advance(100)
        self.client.send(b"def")
        self.proxied.advance(59)
        self.assertEqual(self.proxied.statuses, [])
        self.proxied.advance(1)
        self.assertEqual(self.proxied.statuses, [504])

    def test_whole_response(self) -> None:
        """
        An answer that does not end in time is cut.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0, response=100.0))
        self.client.send(GET)
        self.proxied.advance(50)
        self.proxied.origin.send(HALF)
        self.proxied.advance(49)
        self.assertFalse(self.client.gone)
        self.proxied.advance(1)
        self.assertTrue(self.client.reset)
        self.assertTrue(self.proxied.origin.reset)

    def test_response_before_first_byte(self) -> None:
        """
        The time for all of it counts before the answer begins too, with a body or without.
        """
        for request in (GET, post(3, b"abc")):
            self.start(timeouts=UpstreamTimeouts(first_byte=60.0, response=2.0))
            self.client.send(request)
            self.proxied.advance(1)
            self.assertEqual(self.proxied.statuses, [])
            self.proxied.advance(1)
            self.assertEqual(self.proxied.statuses, [504])

    def test_silence_in_the_middle(self) -> None:
        """
        An answer that stops coming in its middle is cut; each octet gives it more time.
        """
        self.start(timeouts=UpstreamTimeouts(idle=10.0))
        self.client.send(GET)
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        for _ in range(3):
            self.proxied.advance(9)
            self.proxied.origin.send(b"a")
        self.assertFalse(self.client.gone)
        self.proxied.advance(10)
        self.assertTrue(self.client.reset)

    def test_silence_of_a_paused_answer(self) -> None:
        """
        A server that is not read from is not to blame for its silence.
        """
        self.start(timeouts=UpstreamTimeouts(idle=10.0), slow_reader_timeout=60.0)
        self.client.send(GET)
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100000)
        for _ in range(5):
            self.proxied.advance(9)
        self.assertFalse(self.client.gone)
        self.client.take()
        self.proxied.advance(10)
        self.assertTrue(self.client.reset)

    def test_server_that_does_not_read(self) -> None:
        """
        A server that does not read a request is not waited for either.
        """
        self.start(timeouts=UpstreamTimeouts(idle=60.0))
        self.client.send(post(200000))
        self.proxied.origin.stall()
        self.client.send(b"a" * 100000)
        self.proxied.advance(60)
        self.assertTrue(self.client.received.startswith(GATEWAY_TIMEOUT))
        self.assertTrue(self.proxied.origin.reset)

    def test_no_answer_after_a_pause(self) -> None:
        """
        A server that paused while it read the end of a request is not waited for longer
        than any other, from then on.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0, response=1000.0))
        self.client.send(post(100000))
        self.proxied.origin.stall()
        self.client.send(b"a" * 100000)
        self.proxied.advance(30)
        self.proxied.origin.take()
        self.assertEqual(self.proxied.statuses, [])
        self.proxied.advance(60)
        self.assertEqual(self.proxied.statuses, [504])

    def test_long_answer_after_a_pause(self) -> None:
        """
        A server that paused while it read the end of a request has the whole time for the
        answer that it had begun before.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0, response=1000.0))
        self.client.send(post(100000))
        self.proxied.origin.send(HALF)
        self.proxied.origin.stall()
        self.client.send(b"a" * 100000)
        self.proxied.advance(30)
        self.proxied.origin.take()
        self.proxied.advance(60)
        self.proxied.origin.send(b"cd")
        self.assertEqual(self.proxied.statuses, [200])
        self.assertFalse(self.client.reset)
