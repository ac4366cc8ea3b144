"""
What clients send, byte for byte, and the bytes that reach the server: requests that
are passed on.
"""

from __future__ import annotations

from typing import Final

from twisted.trial.unittest import SynchronousTestCase

from tests.edge.proxied import Proxied, whole_chunks
from tests.edge.test_malformed_requests import KEY, UPGRADE, drip, get, post, send

EMPTY: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


def got(target: bytes = b"/", fields: bytes = b"", method: bytes = b"GET", host: bytes = b"a") -> bytes:
    return b"%b %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (method, target, host, fields)


def posted(fields: bytes, body: bytes = b"", more: bytes = b"") -> bytes:
    return got(method=b"POST", fields=more + fields) + body


def beside_host(fields: bytes) -> bytes:
    return get(fields=b"Host: a\r\n" + fields)


TARGETS: Final = (
    ("an absolute target wins", get(b"http://B:8000/x?y", b"Host: a\r\n"), got(b"/x?y", host=b"b:8000")),
    ("an absolute target without a path", get(b"http://b", b"Host: b\r\n"), got(host=b"b")),
    ("an absolute target with a query alone", get(b"http://b?q", b"Host: b\r\n"), got(b"/?q", host=b"b")),
    ("the asterisk", get(b"*", method=b"OPTIONS"), got(b"*", method=b"OPTIONS")),
    ("an absolute asterisk", get(b"http://a", method=b"OPTIONS"), got(b"*", method=b"OPTIONS")),
    ("dot segments", get(b"/a/./b/../c"), got(b"/a/c")),
    ("encoded dot segments", get(b"/a/%2e%2e/%2E/b"), got(b"/b")),
    ("dot segments above the root", get(b"/../../a"), got(b"/a")),
    ("empty segments", get(b"//a///b//"), got(b"/a/b/")),
    ("an encoded letter", get(b"/%61dmin"), got(b"/admin")),
    ("an encoded slash", get(b"/a%2fb"), got(b"/a%2Fb")),
    ("an encoded backslash", get(b"/a%5cb"), got(b"/a%5Cb")),
    ("an encoded percent sign", get(b"/%252e%252e/a"), got(b"/%252e%252e/a")),
    ("a parameter", get(b"/a;b=c/d"), got(b"/a;b=c/d")),
    ("what browsers do not encode", get(b"/a|b[c]"), got(b"/a%7Cb%5Bc%5D")),
    ("a query", get(b"/?a=%2e%2e//..&b|=\\"), got(b"/?a=%2e%2e//..&b|=\\")),
    ("an empty query", get(b"/a?"), got(b"/a?")),
    ("a method of its own", get(method=b"VERSION-CONTROL"), got(method=b"VERSION-CONTROL")),
    ("an empty line in front", b"\r\n" + get(), got()),
    ("empty lines in front", b"\r\n\r\n\r\n" + get(), got()),
)

HOSTS: Final = (
    ("upper case", get(fields=b"Host: EXAMPLE.com\r\n"), got(host=b"example.com")),
    ("a port", get(fields=b"Host: a:8080\r\n"), got(host=b"a:8080")),
    ("an empty port", get(fields=b"Host: a:\r\n"), got()),
    ("a dot at the end", get(fields=b"Host: a.b.\r\n"), got(host=b"a.b")),
    ("an address", get(fields=b"Host: [::0001]:80\r\n"), got(host=b"[::1]:80")),
    ("none in HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n", got(host=b"server1:80")),
    ("HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", got()),
)

FIELDS: Final = (
    (
        "order and repetition",
        beside_host(b"B: 1\r\nA: 2\r\nB: 3\r\n"),
        got(fields=b"b: 1\r\na: 2\r\nb: 3\r\n"),
    ),
    ("space around a value", beside_host(b"X: \t a b \t\r\n"), got(fields=b"x: a b\r\n")),
    ("no space before a value", beside_host(b"X:1\r\n"), got(fields=b"x: 1\r\n")),
    ("an empty value", beside_host(b"X:\r\n"), got(fields=b"x: \r\n")),
    ("an 8-bit value", beside_host(b"X: \xe9\r\n"), got(fields=b"x: \xe9\r\n")),
    ("an underscore", beside_host(b"X_Real_IP: 1\r\nX-A: 1\r\n"), got(fields=b"x-a: 1\r\n")),
    ("CL with an underscore", beside_host(b"Content_Length: 5\r\n"), got()),
    (
        "named by Connection",
        beside_host(b"Connection: X-A, close\r\nX-A: 1\r\nX-B: 2\r\n"),
        got(fields=b"x-b: 2\r\n"),
    ),
    ("named twice", beside_host(b"X-A: 1\r\nConnection: x-b\r\nConnection: X-A\r\n"), got()),
    ("protected", beside_host(b"Connection: Cookie, Host\r\nCookie: 1\r\n"), got(fields=b"cookie: 1\r\n")),
    ("Keep-Alive", beside_host(b"Keep-Alive: 5\r\nProxy-Connection: keep-alive\r\n"), got()),
    ("credentials for a proxy", beside_host(b"Proxy-Authorization: Basic x\r\n"), got()),
    ("Proxy", beside_host(b"Proxy: http://evil/\r\n"), got()),
    ("TE gzip", beside_host(b"TE: gzip\r\nConnection: te\r\n"), got()),
    (
        "TE trailers",
        beside_host(b"TE: trailers\r\nConnection: TE\r\n"),
        got(fields=b"connection: te\r\nte: trailers\r\n"),
    ),
    (
        "told by a stranger",
        beside_host(b"X-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n"),
        got(),
    ),
    ("Trailer", post(b"Trailer: X\r\nContent-Length: 0\r\n"), posted(b"content-length: 0\r\n")),
)

UPGRADES: Final = (
    (
        "h2c",
        beside_host(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
        got(),
    ),
    ("h2c in HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\n" + UPGRADE + b"h2c\r\n\r\n", got()),
    ("TLS", get(fields=b"Host: a\r\n" + UPGRADE + b"TLS/1.0\r\n"), got()),
    (
        "not named by Connection",
        beside_host(b"Upgrade: websocket\r\n" + KEY),
        got(fields=KEY.replace(b"Sec-WebSocket-Key", b"sec-websocket-key")),
    ),
    ("one that is not offered", get(fields=b"Host: a\r\n" + UPGRADE + b"myproto\r\n"), got()),
    (
        "a WebSocket",
        beside_host(UPGRADE + b"WebSocket\r\n" + KEY),
        got(
            fields=KEY.replace(b"Sec-WebSocket-Key", b"sec-websocket-key")
            + b"connection: upgrade\r\nupgrade: websocket\r\n"
        ),
    ),
)

BODIES: Final = (
    ("a length", post(b"Content-Length: 3\r\n", b"abc"), posted(b"content-length: 3\r\n", b"abc")),
    (
        "a length with zeros in front",
        post(b"Content-Length: 003\r\n", b"abc"),
        posted(b"content-length: 3\r\n", b"abc"),
    ),
    ("no octets", post(b"Content-Length: 0\r\n"), posted(b"content-length: 0\r\n")),
    ("no body", post(b""), posted(b"")),
    ("HTTP/1.0", post(b"Content-Length: 3\r\n", b"abc", b"1.0"), posted(b"content-length: 3\r\n", b"abc")),
    ("GET", beside_host(b"Content-Length: 3\r\n") + b"abc", got(fields=b"content-length: 3\r\n") + b"abc"),
)

CODED: Final = b"transfer-encoding: chunked\r\n"
CHUNKS: Final = (
    ("one chunk", b"3\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\n\r\n"),
    ("two chunks", b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\n\r\n"),
    ("no octets", b"0\r\n\r\n", b"0\r\n\r\n"),
    (
        "sizes with zeros and in upper case",
        b"00A\r\n0123456789\r\n000\r\n\r\n",
        b"a\r\n0123456789\r\n0\r\n\r\n",
    ),
    ("extensions", b'3;a=b;c="\\"d"\r\nabc\r\n0;e\r\n\r\n', b"3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk like a last chunk", b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
    ("trailers", b"0\r\nX-Sum: 1\r\nX-B:2\r\n\r\n", b"0\r\nx-sum: 1\r\nx-b: 2\r\n\r\n"),
    (
        "trailers that are none",
        b"0\r\nHost: b\r\nCookie: c\r\nX-Forwarded-For: d\r\nX-Real-IP: e\r\nX_B: f\r\nX-A: 1\r\n\r\n",
        b"0\r\nx-a: 1\r\n\r\n",
    ),
)


class RelayedTests(SynchronousTestCase):
    def check(self, table: tuple[tuple[str, bytes, bytes], ...]) -> None:
        for name, raw, relayed in table:
            for way in send, drip:
                proxied = Proxied()
                client = proxied.client()
                way(client, raw)
                told = f"{name}, {way.__name__}"
                self.assertEqual(list(map(whole_chunks, proxied.forwarded)), [relayed], told)
                proxied.origin.send(EMPTY)
                self.assertEqual(proxied.statuses, [204], told)
                self.assertFalse(proxied.origin.gone, told)
                client.leave()
                self.assertEqual(proxied.leftovers(), [], told)

    def test_targets(self) -> None:
        """
        Pitfalls 16 and 17: all four forms are understood, the server is asked for the one
        canonical path, and nothing is decoded twice.
        """
        self.check(TARGETS)

    def test_hosts(self) -> None:
        """
        Pitfall 18: the server is told one host in one spelling.
        """
        self.check(HOSTS)

    def test_fields(self) -> None:
        """
        Pitfalls 7, 8 and 9: fields go on in order, apart from those of this connection,
        those that only a proxy may write, and names with an underscore.
        """
        self.check(FIELDS)

    def test_upgrades(self) -> None:
        """
        Pitfall 35: an upgrade that may not become a tunnel is not asked for.
        """
        self.check(UPGRADES)

    def test_bodies(self) -> None:
        """
        Pitfall 1: the length is written anew.
        """
        self.check(BODIES)

    def test_chunks(self) -> None:
        """
        Pitfalls 6 and 14: chunks are written anew, without extensions, and trailers that
        could be mistaken for fields are left out.
        """
        fields = b"Transfer-Encoding: Chunked\r\n"
        self.check(tuple((name, post(fields, raw), posted(CODED, relayed)) for name, raw, relayed in CHUNKS))


class PipelinedTests(SynchronousTestCase):
    """
    What follows a request is the next one, and nothing else.
    """

    def setUp(self) -> None:
        self.proxied = Proxied()
        self.client = self.proxied.client()

    def answer(self, times: int) -> bytes:
        for _ in range(times):
            self.proxied.origin.send(EMPTY)
        return self.proxied.origin.received

    def test_after_a_length(self) -> None:
        """
        Pitfall 1: octets beyond Content-Length begin the next request.
        """
        self.client.send(post(b"Content-Length: 3\r\n", b"abc" + get(b"/2")))
        self.assertEqual(self.answer(2), posted(b"content-length: 3\r\n", b"abc") + got(b"/2"))

    def test_after_chunks(self) -> None:
        """
        Pitfall 1: what follows the last chunk begins the next request.
        """
        self.client.send(post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + get(b"/2")))
        self.assertEqual(self.answer(2), posted(CODED, b"0\r\n\r\n") + got(b"/2"))

    def test_one_after_the_other(self) -> None:
        """
        Pitfall 42: the second request is not passed on before the first is answered.
        """
        self.client.send(get(b"/1") + get(b"/2") + get(b"/3"))
        for sent in (got(b"/1"), got(b"/1") + got(b"/2"), got(b"/1") + got(b"/2") + got(b"/3")):
            self.assertEqual(self.proxied.origin.received, sent)
            self.answer(1)
        self.assertEqual(self.proxied.statuses, [204, 204, 204])

    def test_ends_with_the_first_that_is_malformed(self) -> None:
        """
        Pitfall 42: a malformed request is answered in its turn, and nothing after it.
        """
        self.client.send(get(b"/1") + get(b"/#") + get(b"/3"))
        self.assertEqual(self.client.received, b"")
        self.assertEqual(self.answer(1), got(b"/1"))
        self.assertEqual(self.proxied.statuses, [204, 400])
        self.assertTrue(self.client.received.startswith(b"HTTP/1.1 204 No Content\r\n"))
        self.assertTrue(self.client.finished)

    def test_nothing_after_close(self) -> None:
        """
        What follows a request that is to be the last is not looked at.  To close at once
        would reset the connection, and the answer might be lost.
        """
        self.client.send(get(fields=b"Host: a\r\nConnection: close\r\n") + get(b"/2"))
        self.assertEqual(self.answer(1), got())
        self.assertEqual(self.proxied.statuses, [204])
        self.assertEqual((self.client.finished, self.client.gone), (True, False))
        self.client.finish()
        self.assertTrue(self.client.gone)

    def test_held_within_bounds(self) -> None:
        """
        A client that asks faster than it is answered is not read from.
        """
        self.client.send(get(b"/1"))
        for _ in range(10):
            self.client.send(get(b"/" + b"a" * 8000))
        self.assertTrue(self.client.paused)
        for _ in range(10):
            self.answer(1)
        self.assertFalse(self.client.paused)
        self.assertEqual(self.answer(1).count(b"GET "), 11)
        self.assertEqual(self.proxied.statuses, [204] * 11)
