"""
Tests of L{revproxy.edge.http1}: clients that send no more, or are gone.
"""

from __future__ import annotations

from tests.edge.proxied import GET, OK, ProxiedTestCase, post, undated
from tests.edge.test_http1 import LAST_OK


class HalfCloseTests(ProxiedTestCase):
    """
    Pitfall 33: clients that send no more.
    """

    def test_between_requests(self) -> None:
        """
        Pitfall 33: a connection without a request is closed.
        """
        self.start()
        self.ask()
        self.client.finish()
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()

    def test_in_a_head(self) -> None:
        """
        Pitfall 33: half a head is not answered.
        """
        self.start()
        self.client.send(GET[:9])
        self.client.finish()
        self.assertEqual(self.client.received, b"")
        self.assert_nothing_left()

    def test_in_a_body(self) -> None:
        """
        Pitfall 33: half a body is not passed on for whole.
        """
        self.start()
        self.client.send(post(3, b"ab"))
        self.client.finish()
        self.assertTrue(self.proxied.origin.reset)
        self.assert_nothing_left()

    def test_answer_on_its_way(self) -> None:
        """
        Pitfall 33: a client that sent all it has to send gets its answer.
        """
        self.start(half_closed_timeout=1.0)
        self.client.send(GET)
        self.client.finish()
        self.proxied.advance(0.9)
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), LAST_OK)
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()

    def test_answer_that_does_not_come(self) -> None:
        """
        Pitfall 33: it may have left altogether, so it is not waited for much longer.
        """
        self.start(half_closed_timeout=1.0)
        self.client.send(GET)
        self.client.finish()
        self.proxied.advance(1)
        self.assertTrue(self.proxied.origin.reset)
        self.assert_nothing_left()

    def test_before_a_tunnel(self) -> None:
        """
        Pitfall 33: where the answer is a 101, the server hears that no more will come, and
        the tunnel ends with its last octet.
        """
        self.start(upgrades=(b"echo",))
        self.client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        self.client.finish()
        self.proxied.origin.send(b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        self.assertTrue(self.proxied.origin.finished)
        self.proxied.origin.send(b"bye")
        self.proxied.origin.finish()
        self.assertTrue(self.client.received.endswith(b"\r\n\r\nbye"))
        self.assert_nothing_left()


class LeavingTests(ProxiedTestCase):
    """
    Pitfall 44: clients that leave: all that was started for them ends.
    """

    def leave(self) -> None:
        self.client.leave()
        self.assertEqual([server.active for server in self.proxied.servers], [0])
        self.assertEqual(self.proxied.clock.getDelayedCalls(), [])
        self.assert_nothing_left()

    def test_silent(self) -> None:
        """
        Pitfall 44: without a request.
        """
        self.start()
        self.leave()
        self.assertEqual(self.proxied.finished, [])

    def test_in_a_head(self) -> None:
        """
        Pitfall 44: in a head.
        """
        self.start()
        self.client.send(GET[:9])
        self.leave()
        self.assertEqual(self.proxied.finished, [])

    def test_while_connecting(self) -> None:
        """
        Pitfall 44: before there is a connection to the server.
        """
        self.start()
        self.proxied.endpoints[0].holding = True
        self.client.send(post(9, b"abc"))
        self.leave()
        self.assertEqual(self.proxied.endpoints[0].given_up, 1)
        self.assertEqual(self.proxied.statuses, [None])

    def test_while_waiting(self) -> None:
        """
        Pitfall 44: before the answer.
        """
        self.start()
        self.client.send(GET)
        self.leave()
        self.assertTrue(self.proxied.origin.reset)
        self.assertEqual(self.proxied.statuses, [None])
        self.assertEqual(self.proxied.finished[0].why[-1], "the connection ended before the response")

    def test_in_a_body(self) -> None:
        """
        Pitfall 44: in the body of the request, while the server does not read.
        """
        self.start()
        self.client.send(post(200000))
        self.proxied.origin.stall()
        self.client.send(b"a" * 100000)
        self.leave()
        self.assertTrue(self.proxied.origin.reset)

    def test_in_an_answer(self) -> None:
        """
        Pitfall 44: in the answer; pipelined requests are forgotten.
        """
        self.start()
        self.client.send(GET + GET)
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        self.leave()
        self.assertTrue(self.proxied.origin.reset)
        self.assertEqual([exchange.body_sent for exchange in self.proxied.finished], [3])

    def test_while_it_does_not_read(self) -> None:
        """
        Pitfall 44: while the answer waits for it.
        """
        self.start()
        self.client.send(GET)
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100000)
        self.leave()

    def test_while_it_lingers(self) -> None:
        """
        Pitfall 44: after it was refused.
        """
        self.start()
        self.client.send(b"nonsense\r\n\r\n")
        self.leave()
        self.assertEqual(self.proxied.statuses, [400])

    def test_in_a_tunnel(self) -> None:
        """
        Pitfall 44: in a tunnel.
        """
        self.start(upgrades=(b"echo",))
        self.client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        self.proxied.origin.send(b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        self.leave()
        self.assertTrue(self.proxied.origin.gone)
        self.assertEqual(self.proxied.statuses, [101])
