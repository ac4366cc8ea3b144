"""
Tests of L{revproxy.embedded.site}.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from revproxy.embedded.site import demonstration_site


class DemonstrationSiteTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()

    def answer(self, request: bytes, name: str = "server 1") -> tuple[bytes, bytes]:
        """
        The head and the body that a site of the name answers with.
        """
        site = demonstration_site(name, self.clock)
        site.doStart()
        protocol = site.buildProtocol(IPv4Address("TCP", "127.0.0.1", 4321))
        assert protocol is not None
        transport = StringTransport()
        protocol.makeConnection(transport)
        protocol.dataReceived(request)
        protocol.connectionLost(Failure(ConnectionDone()))
        site.doStop()
        head, _, body = transport.value().partition(b"\r\n\r\n")
        return head, body

    def test_page(self) -> None:
        """
        The page says which server it is from.
        """
        head, body = self.answer(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "server 2")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertIn(b"<strong>server 2</strong>", body)

    def test_page_escaped(self) -> None:
        """
        A name that looks like HTML is shown as it is.
        """
        _, body = self.answer(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "<script>&")
        self.assertIn(b"<strong>&lt;script&gt;&amp;</strong>", body)
        self.assertNotIn(b"<script>", body)

    def test_head(self) -> None:
        """
        HEAD is answered as GET, without a body.
        """
        got, body = self.answer(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, nothing = self.answer(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(nothing, b"")
        self.assertIn(b"\r\nContent-Length: %d" % len(body), head)
        self.assertEqual(head.split(b"\r\n")[0], got.split(b"\r\n")[0])

    def test_headers(self) -> None:
        """
        The echo gives back the request line and every field, repeated ones too.
        """
        _, body = self.answer(
            b"GET /headers?a=b HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\nVia: \xe9\r\n\r\n"
        )
        self.assertEqual(
            body.decode().splitlines(),
            [
                "server 1 was sent:",
                "",
                "GET /headers?a=b HTTP/1.1",
                "Host: localhost",
                "X-A: 1",
                "X-A: 2",
                "Via: é",
            ],
        )

    def test_headers_are_text(self) -> None:
        """
        No browser takes the echo for a page.
        """
        head, body = self.answer(b"GET /headers HTTP/1.1\r\nHost: localhost\r\nX-A: <script>\r\n\r\n")
        self.assertIn(b"\r\nContent-Type: text/plain; charset=utf-8\r\n", head)
        self.assertIn(b"\r\nX-Content-Type-Options: nosniff\r\n", head)
        self.assertIn(b"<script>", body)

    def test_elsewhere(self) -> None:
        """
        There is nothing else on the site.
        """
        head, _ = self.answer(b"GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 404 "))

    def test_quiet(self) -> None:
        """
        Requests are not logged: the proxy does that.
        """
        with capturedLogs() as events:
            self.answer(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(events, [])

    def test_stops(self) -> None:
        """
        Pitfall 44: a site that has stopped leaves no call behind.
        """
        self.answer(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(self.clock.getDelayedCalls(), [])
