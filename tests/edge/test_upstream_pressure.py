"""
Tests of L{revproxy.edge.upstream_http1}: where one side is slower than the other.
"""

from __future__ import annotations

from revproxy.flow.pool.server import ConnectionLimits
from tests.edge.proxied import GET, ProxiedTestCase, post


class PressureTests(ProxiedTestCase):
    """
    Pitfall 26: either side may be slow.
    """

    def test_slow_server(self) -> None:
        """
        Pitfall 26: the client is not read from while the server takes nothing.
        """
        self.start()
        self.client.send(post(300000))
        self.proxied.origin.stall()
        for _ in range(6):
            self.client.send(b"a" * 50000)
        self.assertTrue(self.client.paused)
        self.assertLess(self.proxied.origin.largest, 200000)
        self.proxied.origin.take()
        self.assertFalse(self.client.paused)
        self.assertTrue(self.proxied.origin.received.endswith(b"a" * 300000))

    def test_no_connection_yet(self) -> None:
        """
        Pitfall 26: nor while there is no connection to the server.
        """
        self.start()
        endpoint = self.proxied.endpoints[0]
        endpoint.holding = True
        self.client.send(post(300000))
        for _ in range(6):
            self.client.send(b"a" * 50000)
        self.assertTrue(self.client.paused)
        endpoint.accept()
        self.proxied.advance(0)
        self.assertFalse(self.client.paused)
        self.assertTrue(self.proxied.origin.received.endswith(b"a" * 300000))

    def test_goes_on_reading(self) -> None:
        """
        A connection whose last answer was read slowly is read from when it is used again.
        """
        self.start()
        self.client.send(GET)
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"a" * 99999)
        self.assertTrue(self.proxied.origin.paused)
        self.proxied.origin.send(b"a")
        self.client.take()
        self.ask()
        self.assertEqual(self.proxied.statuses, [200, 200])

    def test_end_behind_what_nobody_reads(self) -> None:
        """
        A server that closes its direction and reads nothing does not keep what waits for it.
        """
        self.start(limits=ConnectionLimits(idle_timeout=30.0))
        self.client.send(post(200000))
        self.proxied.origin.stall()
        self.client.send(b"a" * 100000)
        self.proxied.origin.finish()
        self.assertEqual(self.proxied.statuses, [502])
        self.proxied.advance(30)
        self.assertTrue(self.proxied.origin.gone)
