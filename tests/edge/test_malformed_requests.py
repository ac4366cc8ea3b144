"""
What clients send, byte for byte, and the bytes that reach the server.

Refused requests end the connection and reach no server.  Whatever is sent in one
piece is sent byte by byte, too.
"""

from __future__ import annotations

from typing import Final

from twisted.trial.unittest import SynchronousTestCase

from tests.edge.memory import MemoryConnection
from tests.edge.proxied import Proxied, refused, undated

BAD: Final = b"400 Bad Request"
UNIMPLEMENTED: Final = b"501 Not Implemented"
VERSION: Final = b"505 HTTP Version Not Supported"
KEY: Final = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


def get(target: bytes = b"/", fields: bytes = b"Host: a\r\n", method: bytes = b"GET") -> bytes:
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (method, target, fields)


def post(fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"POST / HTTP/%b\r\nHost: a\r\n%b\r\n%b" % (version, fields, body)


SMUGGLED: Final = b"0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n"

FRAMING: Final = (
    ("CL.TE", post(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nG"), BAD),
    ("TE.CL", post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"5c\r\n" + SMUGGLED), BAD),
    ("TE.TE, one unknown", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", SMUGGLED), BAD),
    ("TE.TE, both chunked", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), BAD),
    ("TE xchunked", post(b"Transfer-Encoding: xchunked\r\n", SMUGGLED), BAD),
    ("TE chunked, identity", post(b"Transfer-Encoding: chunked, identity\r\n", SMUGGLED), BAD),
    ("TE identity", post(b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n", b"abc"), BAD),
    ("TE identity alone", post(b"Transfer-Encoding: identity\r\n"), BAD),
    ("TE empty", post(b"Transfer-Encoding:\r\n", SMUGGLED), BAD),
    ("TE in quotes", post(b'Transfer-Encoding: "chunked"\r\n', SMUGGLED), BAD),
    ("TE with a parameter", post(b"Transfer-Encoding: chunked;q=1\r\n", SMUGGLED), BAD),
    ("TE after a comma", post(b"Transfer-Encoding: ,chunked\r\n", SMUGGLED), BAD),
    ("TE after a vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n", SMUGGLED), BAD),
    ("TE before a NUL", post(b"Transfer-Encoding: chunked\x00\r\n", SMUGGLED), BAD),
    ("TE folded", post(b"Transfer-Encoding:\r\n chunked\r\n", SMUGGLED), BAD),
    ("TE folded behind CL", post(b"Content-Length: 4\r\n\tTransfer-Encoding: chunked\r\n"), BAD),
    ("TE with a space before the colon", post(b"Transfer-Encoding : chunked\r\n", SMUGGLED), BAD),
    ("TE behind a bare CR", post(b"X: 1\rTransfer-Encoding: chunked\r\n", SMUGGLED), BAD),
    ("TE behind a bare LF", post(b"X: 1\nTransfer-Encoding: chunked\r\n", SMUGGLED), BAD),
    ("TE gzip, chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", SMUGGLED), UNIMPLEMENTED),
    ("TE in HTTP/1.0", post(b"Transfer-Encoding: chunked\r\n", SMUGGLED, b"1.0"), BAD),
    ("CL twice, differing", post(b"Content-Length: 3\r\nContent-Length: 5\r\n", b"abcde"), BAD),
    ("CL twice, equal", post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), BAD),
    ("CL a list", post(b"Content-Length: 3, 3\r\n", b"abc"), BAD),
    ("CL +3", post(b"Content-Length: +3\r\n", b"abc"), BAD),
    ("CL -1", post(b"Content-Length: -1\r\n"), BAD),
    ("CL 0x3", post(b"Content-Length: 0x3\r\n", b"abc"), BAD),
    ("CL 1_0", post(b"Content-Length: 1_0\r\n", b"0123456789"), BAD),
    ("CL 1 0", post(b"Content-Length: 1 0\r\n", b"0123456789"), BAD),
    ("CL empty", post(b"Content-Length:\r\n"), BAD),
    ("CL of 2**64 + 1", post(b"Content-Length: 18446744073709551617\r\n", b"a"), BAD),
    ("CL of 2**63", post(b"Content-Length: 9223372036854775808\r\n", b"a"), BAD),
    ("CL in other digits", post(b"Content-Length: \xd9\xa3\r\n", b"abc"), BAD),
)

FIELDS: Final = (
    ("a space before the colon", get(fields=b"Host: a\r\nX : 1\r\n"), BAD),
    ("a space before the first field", get(fields=b" X: 1\r\nHost: a\r\n"), BAD),
    ("a folded field", get(fields=b"Host: a\r\nX: 1\r\n 2\r\n"), BAD),
    ("no colon", get(fields=b"Host: a\r\nX\r\n"), BAD),
    ("no name", get(fields=b"Host: a\r\n: 1\r\n"), BAD),
    ("a parenthesis in a name", get(fields=b"Host: a\r\nX(1): 1\r\n"), BAD),
    ("an 8-bit name", get(fields=b"Host: a\r\nX\xe9: 1\r\n"), BAD),
    ("a NUL in a name", get(fields=b"Host: a\r\nX\x00: 1\r\n"), BAD),
    ("a NUL in a value", get(fields=b"Host: a\r\nX: 1\x002\r\n"), BAD),
    ("a control in a value", get(fields=b"Host: a\r\nX: 1\x012\r\n"), BAD),
    ("a bare CR in a value", get(fields=b"Host: a\r\nX: 1\r2\r\n"), BAD),
    ("a bare LF after a field", get(fields=b"Host: a\nX: 1\r\n"), BAD),
    ("a bare LF after the request line", b"GET / HTTP/1.1\nHost: a\r\n\r\n", BAD),
    ("bare LFs", b"GET / HTTP/1.1\nHost: a\n\n", BAD),
    ("a bare LF as the empty line", b"GET / HTTP/1.1\r\nHost: a\r\n\n", BAD),
)

REQUEST_LINES: Final = (
    ("HTTP/0.9", b"GET /\r\n\r\n", BAD),
    ("HTTP/0.9 with a body", b"POST /\nHost: a\nContent-Length: 3\n\nabc", BAD),
    ("HTTP/0.9 by name", b"GET / HTTP/0.9\r\nHost: a\r\n\r\n", VERSION),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", VERSION),
    ("HTTP/2.0", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", VERSION),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION),
    ("HTTP/1.10", b"GET / HTTP/1.10\r\nHost: a\r\n\r\n", BAD),
    ("http/1.1", b"GET / http/1.1\r\nHost: a\r\n\r\n", BAD),
    ("RTSP/1.0", b"GET / RTSP/1.0\r\nHost: a\r\n\r\n", BAD),
    ("two spaces", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", BAD),
    ("a tab", b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", BAD),
    ("a space in front", b" GET / HTTP/1.1\r\nHost: a\r\n\r\n", BAD),
    ("a space at the end", b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", BAD),
    ("a space in the target", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", BAD),
    ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", BAD),
    ("a method in lower case", get(method=b"get"), UNIMPLEMENTED),
    ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", UNIMPLEMENTED),
    ("TRACE", get(method=b"TRACE"), UNIMPLEMENTED),
    ("a method with a colon", get(method=b"GE:T"), BAD),
)

TARGETS: Final = (
    ("a fragment", get(b"/a#b"), BAD),
    ("8-bit", get(b"/\xc3\xa9"), BAD),
    ("an encoded NUL", get(b"/a%00b"), BAD),
    ("a backslash", get(b"/a\\..\\b"), BAD),
    ("half a triplet", get(b"/a%2"), BAD),
    ("no triplet", get(b"/%zz"), BAD),
    ("dots with a parameter", get(b"/a/..;x/b"), BAD),
    ("dots before an encoded slash", get(b"/a/..%2fb"), BAD),
    ("no slash", get(b"a"), BAD),
    ("the asterisk for GET", get(b"*"), BAD),
    ("authority-form for GET", get(b"a:80"), BAD),
    ("userinfo", get(b"http://u:p@a/"), BAD),
    ("another scheme", get(b"ftp://a/"), BAD),
    ("no authority", get(b"http:///a"), BAD),
    ("an absolute target with another port than a number", get(b"http://a:b/"), BAD),
)

HOSTS: Final = (
    ("none", get(fields=b""), BAD),
    ("empty", get(fields=b"Host:\r\n"), BAD),
    ("two", get(fields=b"Host: a\r\nHost: b\r\n"), BAD),
    ("two that are equal", get(fields=b"Host: a\r\nHost: a\r\n"), BAD),
    ("two in HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", BAD),
    ("none beside an absolute target", get(b"http://a/", b""), BAD),
    ("malformed beside an absolute target", get(b"http://a/", b"Host: a/b\r\n"), BAD),
    ("userinfo", get(fields=b"Host: u@a\r\n"), BAD),
    ("a space and userinfo", get(fields=b"Host: a b@c\r\n"), BAD),
    ("a path", get(fields=b"Host: a/b\r\n"), BAD),
    ("a list", get(fields=b"Host: a, b\r\n"), BAD),
    ("a port that is no number", get(fields=b"Host: a:b\r\n"), BAD),
    ("a port too large", get(fields=b"Host: a:65536\r\n"), BAD),
    ("half an address", get(fields=b"Host: [::1\r\n"), BAD),
    ("percent-encoded", get(fields=b"Host: a%2eb\r\n"), BAD),
    ("8-bit", get(fields=b"Host: \xe9\r\n"), BAD),
)

UPGRADE: Final = b"Connection: Upgrade\r\nUpgrade: "

UPGRADES_AND_EXPECTATIONS: Final = (
    ("h2c with a body", post(UPGRADE + b"h2c\r\nContent-Length: 3\r\n", b"abc"), BAD),
    ("WebSocket with a body", post(UPGRADE + b"websocket\r\nContent-Length: 3\r\n" + KEY, b"abc"), BAD),
    ("WebSocket with chunks", post(UPGRADE + b"websocket\r\nTransfer-Encoding: chunked\r\n" + KEY), BAD),
    ("WebSocket without a key", get(fields=b"Host: a\r\n" + UPGRADE + b"websocket\r\n"), BAD),
    ("WebSocket with two keys", get(fields=b"Host: a\r\n" + UPGRADE + b"websocket\r\n" + KEY + KEY), BAD),
    ("an expectation of its own", post(b"Expect: 200-ok\r\n"), b"417 Expectation Failed"),
    ("two expectations", post(b"Expect: 100-continue, 200-ok\r\n"), b"417 Expectation Failed"),
)


def drip(client: MemoryConnection, raw: bytes) -> None:
    client.drip(raw)


def send(client: MemoryConnection, raw: bytes) -> None:
    client.send(raw)


class RefusedTests(SynchronousTestCase):
    def check(self, table: tuple[tuple[str, bytes, bytes], ...]) -> None:
        for name, raw, status in table:
            for way in send, drip:
                proxied = Proxied()
                client = proxied.client()
                way(client, raw)
                told = f"{name}, {way.__name__}"
                self.assertEqual(undated(client.received), refused(status), told)
                self.assertEqual((client.finished, client.reset), (True, False), told)
                client.send(get())
                self.assertEqual(undated(client.received), refused(status), told)
                client.finish()
                self.assertTrue(client.gone, told)
                self.assertEqual(proxied.origins, [], told)
                self.assertEqual(proxied.leftovers(), [], told)
                self.assertEqual(proxied.statuses, [int(status[:3])], told)

    def test_framing(self) -> None:
        """
        Pitfalls 1 and 3: where two servers could see the end of the body at different
        places, the request is refused.
        """
        self.check(FRAMING)

    def test_fields(self) -> None:
        """
        Pitfall 7: field lines that servers read differently are refused.
        """
        self.check(FIELDS)

    def test_request_lines(self) -> None:
        """
        Pitfall 16: other versions, and methods that a reverse proxy does not carry, are
        refused, and malformed lines.
        """
        self.check(REQUEST_LINES)

    def test_targets(self) -> None:
        """
        Pitfalls 16 and 17: a target that is none of the four forms, or that servers
        would take for different paths, is refused.
        """
        self.check(TARGETS)

    def test_hosts(self) -> None:
        """
        Pitfall 18: exactly one host, which is a name or an address.
        """
        self.check(HOSTS)

    def test_upgrades_and_expectations(self) -> None:
        """
        Pitfalls 11 and 34: an upgrade with a body is refused, as is an expectation that
        is not known.
        """
        self.check(UPGRADES_AND_EXPECTATIONS)


CHUNKED: Final = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

BROKEN_CHUNKS: Final = (
    ("a size of 0x3", b"0x3\r\nabc\r\n0\r\n\r\n"),
    ("a size of +3", b"+3\r\nabc\r\n0\r\n\r\n"),
    ("a size of -3", b"-3\r\nabc\r\n0\r\n\r\n"),
    ("a size with an underscore", b"0_3\r\nabc\r\n0\r\n\r\n"),
    ("no size", b"\r\nabc\r\n0\r\n\r\n"),
    ("an extension without a size", b";a=b\r\nabc\r\n0\r\n\r\n"),
    ("a space before the size", b" 3\r\nabc\r\n0\r\n\r\n"),
    ("a space after the size", b"3 \r\nabc\r\n0\r\n\r\n"),
    ("a size of 2**64 + 3", b"10000000000000003\r\nabc\r\n0\r\n\r\n"),
    ("a size with many zeros", b"0000000000000000003\r\nabc\r\n0\r\n\r\n"),
    ("a bare LF after the size", b"3\nabc\r\n0\r\n\r\n"),
    ("a bare LF in an extension", b"3;a\nabc\r\n0\r\n\r\n"),
    ("a bare CR in an extension", b"3;a\rb\r\nabc\r\n0\r\n\r\n"),
    ("a NUL in an extension", b"3;a\x00\r\nabc\r\n0\r\n\r\n"),
    ("an endless extension", b"3;" + b"a" * 300 + b"\r\nabc\r\n0\r\n\r\n"),
    ("a chunk that is too long", b"3\r\nabcd\r\n0\r\n\r\n"),
    ("a chunk that is too short", b"3\r\nab\r\n0\r\n\r\n"),
    ("a bare LF after a chunk", b"3\r\nabc\n0\r\n\r\n"),
    ("a bare LF after the last chunk", b"3\r\nabc\r\n0\n\n"),
    ("a folded trailer", b"0\r\nX: 1\r\n 2\r\n\r\n"),
    ("a trailer without a colon", b"0\r\nX\r\n\r\n"),
    ("a bare LF after a trailer", b"0\r\nX: 1\nY: 2\r\n\r\n"),
    ("a Content-Length among the trailers", b"0\r\nContent-Length: 3\r\n\r\n"),
    ("a Transfer-Encoding among the trailers", b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("more trailers than anyone wants", b"0\r\n" + b"X: 1\r\n" * 1500 + b"\r\n"),
)


class RefusedHeadTests(SynchronousTestCase):
    def test_no_body(self) -> None:
        """
        Pitfall 12: a refused HEAD is answered without a body, at once or too late.
        """
        for request in b"HEAD / HTTP/1.1\r\n\r\n", b"HEAD / HTTP/1.1\n", b"HEAD / HTTP/1.1\r\nHost: ":
            for way in MemoryConnection.send, MemoryConnection.drip:
                proxied = Proxied()
                client = proxied.client()
                way(client, request)
                proxied.advance(10)
                self.assertRegex(
                    client.received, rb"\AHTTP/1.1 40[08] [^\0]*content-length: [^\0]*\r\n\r\n\Z"
                )


class BrokenChunksTests(SynchronousTestCase):
    def test_refused(self) -> None:
        """
        Pitfall 6: a body whose chunks are malformed is not passed on for whole, nor what
        follows it for a request, and the client is told.
        """
        for name, body in BROKEN_CHUNKS:
            proxied = Proxied()
            client = proxied.client()
            client.send(CHUNKED + body + get(b"/smuggled"))
            self.assertEqual(undated(client.received), refused(BAD), name)
            self.assertEqual(proxied.forwarded, [b""], name)
            self.assertTrue(proxied.origin.reset, name)
            client.finish()
            self.assertEqual(proxied.leftovers(), [], name)

    def test_refused_byte_by_byte(self) -> None:
        """
        Pitfall 6: the same where what came before the fault was on its way already; the
        server is left with a part of a request.
        """
        head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
        for name, body in BROKEN_CHUNKS:
            proxied = Proxied()
            client = proxied.client()
            client.drip(CHUNKED + body + get(b"/smuggled"))
            self.assertEqual(undated(client.received), refused(BAD), name)
            begun = proxied.origin.received
            self.assertTrue(begun.startswith(head) and not begun.endswith(b"0\r\n\r\n"), name)
            self.assertTrue(proxied.origin.reset, name)
            client.finish()
            self.assertEqual(proxied.leftovers(), [], name)
