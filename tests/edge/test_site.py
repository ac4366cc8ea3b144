"""
Tests of L{revproxy.edge.site}.
"""

from __future__ import annotations

from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource
from zope.interface.verify import verifyObject

from revproxy.edge.site import Refusal, SiteSettings
from revproxy.errors import NoRoute
from revproxy.exchange import Exchange
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.networks import Networks
from tests.edge.sites import SiteClient, SiteLeaf

QUIET = SiteSettings(ForwardedPolicy(Networks(), x_forwarded=False, forwarded=False, via=None))


class ExchangeTests(SynchronousTestCase):
    """
    The exchange that a request of C{twisted.web} becomes.
    """

    def exchange(
        self,
        *lines: bytes,
        body: bytes = b"",
        settings: SiteSettings = QUIET,
        client: IAddress | None = None,
    ) -> Exchange:
        leaf = SiteLeaf()
        leaf.settings = settings
        self.client = SiteClient(leaf, client)
        self.client.clock.advance(3.5)
        self.client.send(*lines, body=body)
        (exchange,) = leaf.exchanges
        self.receiver = leaf.receiver
        return exchange

    def test_request(self) -> None:
        """
        The request is what the client sent, the host and the path made canonical.
        """
        exchange = self.exchange(b"GET /a//%62/../c?x=%2F HTTP/1.1", b"Host: Example.COM.:8080", b"X-A: 1")
        asked = exchange.request
        self.assertEqual(
            (asked.method, asked.scheme, asked.authority, asked.host, asked.path, asked.query, asked.version),
            (b"GET", b"http", b"example.com:8080", b"example.com", b"/a/c", b"x=%2F", b"1.1"),
        )
        self.assertEqual(asked.fields.get(b"x-a"), b"1")
        self.assertEqual((asked.length, asked.upgrade, exchange.started), (None, None, 3.5))

    def test_outbound(self) -> None:
        """
        What goes to the upstream is the canonical target and the end-to-end fields,
        repeated ones too.
        """
        exchange = self.exchange(
            b"GET /a/./b?q HTTP/1.1", b"Host: h", b"Connection: keep-alive, X-Hop", b"X-Hop: 1",
            b"TE: trailers", b"Cookie: a=1", b"Cookie: b=2",
        )  # fmt: skip
        outbound = exchange.outbound
        self.assertEqual((outbound.method, outbound.target, outbound.authority), (b"GET", b"/a/b?q", None))
        self.assertEqual(outbound.fields, [(b"cookie", b"a=1"), (b"cookie", b"b=2")])

    def test_absolute_form(self) -> None:
        """
        Pitfall 16: the host of an absolute-form target wins over the Host field.
        """
        asked = self.exchange(b"GET http://Other.test/x HTTP/1.1", b"Host: example.com").request
        self.assertEqual((asked.host, asked.path), (b"other.test", b"/x"))

    def test_peer(self) -> None:
        """
        The connection's two ends are known.
        """
        peer = self.exchange(b"GET / HTTP/1.1", b"Host: h").peer
        self.assertEqual(
            (peer.address, peer.port, peer.local_port, peer.listener, peer.secure),
            ("192.0.2.7", 50000, 8080, "", False),
        )

    def test_unix_peer(self) -> None:
        """
        A peer on a UNIX socket has no address.
        """
        exchange = self.exchange(b"GET / HTTP/1.1", b"Host: h", client=UNIXAddress(None))
        self.assertEqual((exchange.peer.address, exchange.client), ("", ""))

    def test_forwarded_fields(self) -> None:
        """
        Pitfall 9: an untrusted client's own X-Forwarded-For does not go on, and the
        upstream is told what was seen.
        """
        exchange = self.exchange(
            b"GET / HTTP/1.1", b"Host: h", b"X-Forwarded-For: 198.51.100.1", settings=SiteSettings()
        )
        self.assertEqual(exchange.client, "192.0.2.7")
        self.assertEqual(exchange.outbound.fields.get_all(b"x-forwarded-for"), [b"192.0.2.7"])
        self.assertEqual(exchange.outbound.fields.get(b"x-forwarded-port"), b"8080")

    def test_trusted_proxy(self) -> None:
        """
        A trusted proxy tells who the client is and how it came.
        """
        settings = SiteSettings(ForwardedPolicy(Networks(["192.0.2.0/24"])))
        exchange = self.exchange(
            b"GET / HTTP/1.1", b"Host: h", b"X-Forwarded-For: 198.51.100.1", b"X-Forwarded-Proto: https",
            settings=settings,
        )  # fmt: skip
        self.assertEqual((exchange.client, exchange.request.scheme), ("198.51.100.1", b"https"))
        self.assertEqual(exchange.outbound.fields.get(b"x-forwarded-for"), b"198.51.100.1, 192.0.2.7")

    def test_body_with_a_length(self) -> None:
        """
        A body comes whole, with its length.
        """
        exchange = self.exchange(b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 5", body=b"hello")
        self.assertEqual(exchange.request.length, 5)
        self.assertEqual((self.receiver.body, self.receiver.trailers), (b"hello", ()))

    def test_body_in_chunks(self) -> None:
        """
        The length of a body in chunks is known, for it was stored.
        """
        exchange = self.exchange(
            b"POST / HTTP/1.1", b"Host: h", b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"
        )
        self.assertEqual((exchange.request.length, self.receiver.body), (5, b"hello"))
        self.assertNotIn(b"transfer-encoding", dict(exchange.outbound.fields))

    def test_empty_body(self) -> None:
        """
        An empty body is a body: it ends.
        """
        exchange = self.exchange(b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 0")
        self.assertEqual((exchange.request.length, self.receiver.calls), (0, ["request_ended"]))

    def test_no_body(self) -> None:
        """
        Without a body its end is not told.
        """
        self.exchange(b"GET / HTTP/1.1", b"Host: h")
        self.assertEqual(self.receiver.calls, [])

    def test_form(self) -> None:
        """
        A form that C{twisted.web} has read for itself is given on whole.
        """
        self.exchange(
            b"POST / HTTP/1.1", b"Host: h", b"Content-Type: application/x-www-form-urlencoded",
            b"Content-Length: 3", body=b"a=b",
        )  # fmt: skip
        self.assertEqual(self.receiver.body, b"a=b")

    def test_expectation_is_met(self) -> None:
        """
        Pitfall 11: C{twisted.web} has sent the 100 already, so the upstream is not
        asked for one.
        """
        exchange = self.exchange(
            b"POST / HTTP/1.1", b"Host: h", b"Expect: 100-continue", b"Content-Length: 2", body=b"ab"
        )
        self.assertFalse(exchange.request.expects_continue)
        self.assertNotIn(b"expect", dict(exchange.outbound.fields))

    def test_upgrade_is_not_offered(self) -> None:
        """
        Pitfall 34: what asks for a WebSocket is a plain request here.
        """
        exchange = self.exchange(
            b"GET / HTTP/1.1", b"Host: h", b"Connection: Upgrade", b"Upgrade: websocket",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )  # fmt: skip
        self.assertIsNone(exchange.request.upgrade)
        self.assertNotIn(b"upgrade", dict(exchange.outbound.fields))


HOST = b"Host: h"

REFUSED: tuple[tuple[int, tuple[bytes, ...]], ...] = (
    (400, (b"GET / HTTP/1.1",)),
    (400, (b"GET / HTTP/1.1", HOST, HOST)),
    (400, (b"GET / HTTP/1.1", b"Host: a b@c")),
    (400, (b"GET / HTTP/1.1", b"Host: user@h")),
    (400, (b"GET / HTTP/1.1", b"Host: h/x")),
    (400, (b"GET / HTTP/1.1", b"Host: h:65536")),
    (400, (b"GET /#x HTTP/1.1", HOST)),
    (400, (b"GET x HTTP/1.1", HOST)),
    (400, (b"GET ftp://h/ HTTP/1.1", HOST)),
    (400, (b"GET /%00 HTTP/1.1", HOST)),
    (400, (b"GET /\x00 HTTP/1.1", HOST)),
    (400, (b"GET /%zz HTTP/1.1", HOST)),
    (400, (b"GET /\\x HTTP/1.1", HOST)),
    (400, (b"GET /..;/x HTTP/1.1", HOST)),
    (400, (b"GET / HTTP/1.1", HOST, b"X: a\x01b")),
    (400, (b"GET / HTTP/1.1", HOST, b"X: a\x7fb")),
    (400, (b"POST / HTTP/1.0", HOST, b"Transfer-Encoding: chunked")),
    (400, (b"POST / HTTP/1.1", HOST, b"Transfer-Encoding: identity")),
    (400, (b"GET / HTTP/1.1", HOST, b"Connection: Upgrade", b"Upgrade: websocket")),
    (417, (b"GET / HTTP/1.1", HOST, b"Expect: something-else")),
    (501, (b"CONNECT h:443 HTTP/1.1", HOST)),
    (501, (b"TRACE / HTTP/1.1", HOST)),
    (501, (b"get / HTTP/1.1", HOST)),
)
"""
What C{twisted.web} lets through and we do not: the status, and the head.
"""


class RefusedTests(SynchronousTestCase):
    """
    Requests that C{twisted.web} takes for valid.
    """

    def test_table(self) -> None:
        """
        Pitfalls 1, 3, 7, 16, 17, 18: what our own rules refuse is refused here too,
        and nothing of it reaches the resource.
        """
        for status, lines in REFUSED:
            leaf = SiteLeaf()
            client = SiteClient(leaf)
            body = b"0\r\n\r\n" if b"chunked" in lines[-1] else b""
            client.send(*lines, body=body)
            self.assertEqual(client.take().split(b" ")[1:2], [b"%d" % status], lines)
            self.assertEqual(leaf.exchanges, [], lines)

    def test_too_many_fields(self) -> None:
        """
        Pitfall 36: the limits of the head are asked too.
        """
        client = SiteClient(SiteLeaf())
        client.send(b"GET / HTTP/1.1", HOST, *[b"X: 1"] * 100)
        self.assertTrue(client.take().startswith(b"HTTP/1.1 431 "))

    def test_too_large_a_body(self) -> None:
        """
        A body over the limit is answered with 413.
        """
        leaf = SiteLeaf()
        leaf.settings = SiteSettings(most_body=4)
        client = SiteClient(leaf)
        client.send(b"POST / HTTP/1.1", HOST, b"Content-Length: 5", body=b"hello")
        self.assertTrue(client.take().startswith(b"HTTP/1.1 413 "))
        client.send(b"POST / HTTP/1.1", HOST, b"Content-Length: 4", body=b"hell")
        self.assertEqual(leaf.receiver.body, b"hell")


class RefusalTests(SynchronousTestCase):
    """
    The resource that refuses.
    """

    def test_interface(self) -> None:
        """
        It is an L{IResource}.
        """
        verifyObject(IResource, Refusal(NoRoute()))

    def test_body_names_the_status(self) -> None:
        """
        The body is what the client accepts, and names the status alone.
        """
        for accept, content_type in ((b"*/*", b"text/plain"), (b"application/json", b"application/json")):
            client = SiteClient(Refusal(NoRoute("nothing for the client")))
            client.send(b"GET /x/y HTTP/1.1", HOST, b"Accept: " + accept)
            answer = client.take()
            self.assertTrue(answer.startswith(b"HTTP/1.1 404 "), answer)
            self.assertIn(b"Content-Type: " + content_type, answer)
            self.assertIn(b"Not Found", answer)
            self.assertNotIn(b"nothing", answer)

    def test_no_children(self) -> None:
        """
        It takes no children, and is its own below.
        """
        refusal = Refusal(NoRoute())
        self.assertRaises(NotImplementedError, refusal.putChild, b"x", refusal)
