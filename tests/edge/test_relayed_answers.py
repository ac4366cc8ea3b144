"""
What servers answer, byte for byte, and the bytes that reach the client: answers that
are passed on, and what becomes of both connections.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from tests.edge.proxied import Proxied, undated, whole_chunks
from tests.edge.test_malformed_answers import HEAD_3, HEAD_C, drip, ok, send

GET: Final = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD: Final = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
WITH_TRAILERS: Final = b"GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n"
OLD: Final = b"GET / HTTP/1.0\r\nHost: a\r\n\r\n"
OLD_KEPT: Final = b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"

CODED: Final = b"Transfer-Encoding: chunked\r\n"
LENGTH_3: Final = b"Content-Length: 3\r\n"
ABC: Final = b"3\r\nabc\r\n"
LAST: Final = b"0\r\n\r\n"
HEAD_0: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Row(NamedTuple):
    """
    @ivar relayed: to the client, without C{Date}.
    @ivar kept: whether the connection to the server is used again.
    @ivar persistent: whether the client's is.
    @ivar ends: whether the server ends its connection after the answer.
    """

    name: str
    answer: bytes
    relayed: bytes
    kept: bool = True
    request: bytes = GET
    persistent: bool = True
    ends: bool = False


def fields(name: str, received: bytes, relayed: bytes, kept: bool = True) -> Row:
    """
    An answer without a body, with fields.
    """
    none = b"HTTP/1.1 200 OK\r\n%bcontent-length: 0\r\n\r\n"
    return Row(name, ok(b"Content-Length: 0\r\n" + received), none % relayed, kept)


BODIES: Final = (
    Row("by length", ok(LENGTH_3, b"abc"), HEAD_3 + b"abc"),
    Row("no octets", ok(b"Content-Length: 0\r\n"), HEAD_0),
    Row("in chunks", ok(CODED, ABC + LAST), HEAD_C + ABC + LAST),
    Row("in Chunks", ok(b"Transfer-Encoding: Chunked\r\n", ABC + LAST), HEAD_C + ABC + LAST),
    Row("no chunks", ok(CODED, LAST), HEAD_C + LAST),
    Row("extensions", ok(CODED, b"3;a=b\r\nabc\r\n0;c\r\n\r\n"), HEAD_C + ABC + LAST),
    Row("until close", ok(b"", b"abc"), HEAD_C + ABC + LAST, kept=False, ends=True),
    Row("nothing until close", ok(b""), HEAD_C + LAST, kept=False, ends=True),
    Row(
        "what looks like a last chunk", ok(b"Content-Length: 5\r\n", LAST), ok(b"content-length: 5\r\n", LAST)
    ),
    Row("zeros in front", ok(b"Content-Length: 003\r\n", b"abc"), HEAD_3 + b"abc"),
)

NO_BODY: Final = (
    Row("204", b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"),
    Row(
        "204 with CL",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ),
    Row(
        "204 with octets",
        b"HTTP/1.1 204 No Content\r\n\r\nabc",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        kept=False,
    ),
    Row("304", b"HTTP/1.1 304 Not Modified\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    Row(
        "304 with CL",
        b"HTTP/1.1 304 NM\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 304 NM\r\ncontent-length: 3\r\n\r\n",
    ),
    Row("304 with TE", b"HTTP/1.1 304 NM\r\n" + CODED + b"\r\n", b"HTTP/1.1 304 NM\r\n\r\n"),
    Row(
        "304 with octets",
        b"HTTP/1.1 304 NM\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 304 NM\r\ncontent-length: 3\r\n\r\n",
        kept=False,
    ),
    Row("HEAD", ok(b""), b"HTTP/1.1 200 OK\r\n\r\n", request=HEAD),
    Row("HEAD with CL", ok(LENGTH_3), HEAD_3, request=HEAD),
    Row("HEAD with TE", ok(CODED), b"HTTP/1.1 200 OK\r\n\r\n", request=HEAD),
    Row("HEAD with octets", ok(LENGTH_3, b"abc"), HEAD_3, request=HEAD, kept=False),
    Row("HEAD with chunks", ok(CODED, ABC + LAST), b"HTTP/1.1 200 OK\r\n\r\n", request=HEAD, kept=False),
)

INTERIM: Final = (
    Row(
        "a 100 that nobody waits for",
        b"HTTP/1.1 100 Continue\r\n\r\n" + ok(LENGTH_3, b"abc"),
        HEAD_3 + b"abc",
    ),
    Row(
        "103",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + HEAD_3 + b"abc",
    ),
    Row(
        "102 without a reason",
        b"HTTP/1.1 102\r\n\r\n" + ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 102 Processing\r\n\r\n" + HEAD_3 + b"abc",
    ),
    Row(
        "199",
        b"HTTP/1.1 199 Odd\r\n\r\n" * 2 + ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 199 Odd\r\n\r\n" * 2 + HEAD_3 + b"abc",
    ),
    Row(
        "hop-by-hop in 103",
        b"HTTP/1.1 103 E\r\nConnection: X-A\r\nX-A: 1\r\nUpgrade: h2c\r\nX-B: 2\r\n\r\n"
        + ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 103 E\r\nx-b: 2\r\n\r\n" + HEAD_3 + b"abc",
    ),
    Row(
        "103 for HTTP/1.0",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc",
        request=OLD,
        persistent=False,
    ),
)

EXTRA: Final = (
    Row("octets after CL", ok(LENGTH_3, b"abcd"), HEAD_3 + b"abc", kept=False),
    Row("a CRLF after CL", ok(LENGTH_3, b"abc\r\n"), HEAD_3 + b"abc", kept=False),
    Row("octets after the last chunk", ok(CODED, ABC + LAST + b"x"), HEAD_C + ABC + LAST, kept=False),
    Row("another answer", ok(LENGTH_3, b"abc") + ok(LENGTH_3, b"def"), HEAD_3 + b"abc", kept=False),
    Row("another answer after chunks", ok(CODED, LAST) + ok(LENGTH_3, b"def"), HEAD_C + LAST, kept=False),
    Row(
        "another answer after 204", b"HTTP/1.1 204 N\r\n\r\n" + ok(b""), b"HTTP/1.1 204 N\r\n\r\n", kept=False
    ),
)

TRAILERS: Final = (
    Row(
        "asked for",
        ok(CODED, b"0\r\nX-Sum: 1\r\n\r\n"),
        HEAD_C + b"0\r\nx-sum: 1\r\n\r\n",
        request=WITH_TRAILERS,
    ),
    Row("not asked for", ok(CODED, b"0\r\nX-Sum: 1\r\n\r\n"), HEAD_C + LAST),
    Row(
        "that are none",
        ok(CODED, b"0\r\nSet-Cookie: a\r\nHost: b\r\nX-Sum: 1\r\nContent-Type: c\r\n\r\n"),
        HEAD_C + b"0\r\nx-sum: 1\r\n\r\n",
        request=WITH_TRAILERS,
    ),
    Row(
        "announced",
        ok(CODED + b"Trailer: X-Sum\r\n", b"0\r\nX-Sum: 1\r\n\r\n"),
        HEAD_C + b"0\r\nx-sum: 1\r\n\r\n",
        request=WITH_TRAILERS,
    ),
)

FIELDS: Final = (
    fields(
        "order and repetition",
        b"Set-Cookie: a\r\nX: 1\r\nSet-Cookie: b\r\n",
        b"set-cookie: a\r\nx: 1\r\nset-cookie: b\r\n",
    ),
    fields("an underscore", b"X_A: 1\r\n", b"x_a: 1\r\n"),
    fields("an 8-bit value", b"X: \xe9\r\n", b"x: \xe9\r\n"),
    fields("named by Connection", b"Connection: X-A\r\nX-A: 1\r\nX-B: 2\r\n", b"x-b: 2\r\n"),
    fields("protected", b"Connection: Set-Cookie\r\nSet-Cookie: 1\r\n", b"set-cookie: 1\r\n"),
    fields("Keep-Alive", b"Keep-Alive: timeout=5\r\nConnection: Keep-Alive\r\n", b""),
    fields("Proxy-Authenticate", b"Proxy-Authenticate: Basic\r\n", b""),
    fields("Upgrade", b"Upgrade: h2c\r\nConnection: upgrade\r\n", b""),
    fields("Connection: close", b"Connection: close\r\n", b"", kept=False),
    fields("close in a list", b"Connection: X-A\r\nConnection: foo, Close\r\n", b"", kept=False),
)

STATUS_LINES: Final = (
    Row(
        "a reason of its own",
        b"HTTP/1.1 404 Nothing Here\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Nothing Here\r\ncontent-length: 0\r\n\r\n",
    ),
    Row(
        "an empty reason",
        b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n",
    ),
    Row(
        "no reason",
        b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n",
    ),
    Row(
        "an 8-bit reason",
        b"HTTP/1.1 200 \xe9t\xe9\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 \xe9t\xe9\r\ncontent-length: 0\r\n\r\n",
    ),
    Row(
        "an unknown status",
        b"HTTP/1.1 599 X\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 599 X\r\ncontent-length: 0\r\n\r\n",
    ),
)

VERSIONS: Final = (
    Row(
        "a server of HTTP/1.0",
        b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        HEAD_3 + b"abc",
        kept=False,
    ),
    Row(
        "one that keeps connections",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + LENGTH_3 + b"\r\nabc",
        HEAD_3 + b"abc",
    ),
    Row("one without a length", b"HTTP/1.0 200 OK\r\n\r\nabc", HEAD_C + ABC + LAST, kept=False, ends=True),
    Row(
        "one that says keep-alive without",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nabc",
        HEAD_C + ABC + LAST,
        kept=False,
        ends=True,
    ),
    Row(
        "a client of HTTP/1.0",
        ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc",
        request=OLD,
        persistent=False,
    ),
    Row(
        "one that keeps its connection",
        ok(LENGTH_3, b"abc"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: keep-alive\r\n\r\nabc",
        request=OLD_KEPT,
    ),
    Row(
        "one that cannot read chunks",
        ok(CODED, ABC + LAST),
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc",
        request=OLD_KEPT,
        persistent=False,
    ),
    Row(
        "HTTP/1.0 on both sides",
        b"HTTP/1.0 200 OK\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc",
        request=OLD,
        persistent=False,
        kept=False,
        ends=True,
    ),
)


class RelayedTests(SynchronousTestCase):
    def check(self, table: tuple[Row, ...]) -> None:
        for row in table:
            for way in send, drip:
                told = f"{row.name}, {way.__name__}"
                proxied = Proxied()
                client = proxied.client()
                client.send(row.request)
                origin = proxied.origin
                way(origin, row.answer)
                if row.ends:
                    origin.finish()
                self.assertEqual(whole_chunks(undated(client.received)), row.relayed, told)
                self.assertEqual((client.gone, client.reset), (not row.persistent, False), told)
                self.assertEqual(not origin.gone, row.kept, told)
                proxied.client().send(GET)
                self.assertEqual(proxied.origin is origin, row.kept, told)
                client.leave()
                proxied.origin.leave()
                self.end(proxied, told)

    def end(self, proxied: Proxied, told: str) -> None:
        for connection in list(proxied.settings.connections):
            connection.abort()
        self.assertEqual(proxied.leftovers(), [], told)

    def test_bodies(self) -> None:
        """
        The length is written anew, whichever way the server tells it.
        """
        self.check(BODIES)

    def test_no_body(self) -> None:
        """
        Pitfall 12: what can have no body has none, whatever its fields and the octets
        behind it say.
        """
        self.check(NO_BODY)

    def test_interim(self) -> None:
        """
        Pitfall 15: interim responses go on, to those who know them, and are no answer.
        """
        self.check(INTERIM)

    def test_extra(self) -> None:
        """
        Pitfall 32: octets behind an answer do not reach the client, and the connection is
        not used again.
        """
        self.check(EXTRA)

    def test_trailers(self) -> None:
        """
        Pitfall 14: trailers reach those who asked for them, and never become fields.
        """
        self.check(TRAILERS)

    def test_fields(self) -> None:
        """
        Pitfall 8: fields go on in order, apart from those of the server's connection.
        """
        self.check(FIELDS)

    def test_status_lines(self) -> None:
        """
        Status and reason go on as they came.
        """
        self.check(STATUS_LINES)

    def test_versions(self) -> None:
        """
        Whoever speaks HTTP/1.0 gets no chunks, and keeps a connection only by asking.
        """
        self.check(VERSIONS)
