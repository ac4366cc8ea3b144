"""
What servers answer, byte for byte, and the bytes that reach the client: answers that
are not passed on, or not for whole.
"""

from __future__ import annotations

from typing import Final

from twisted.trial.unittest import SynchronousTestCase

from tests.edge.memory import MemoryConnection
from tests.edge.proxied import Proxied, undated, whole_chunks

GET: Final = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
BAD_GATEWAY: Final = (
    b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 16\r\n\r\n502 Bad Gateway\n"
)


def ok(fields: bytes, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n%b\r\n%b" % (fields, body)


STATUS_LINES: Final = (
    ("two digits", b"HTTP/1.1 20 OK\r\n\r\n"),
    ("four digits", b"HTTP/1.1 2000 OK\r\n\r\n"),
    ("status 099", b"HTTP/1.1 099 OK\r\n\r\n"),
    ("status 600", b"HTTP/1.1 600 OK\r\n\r\n"),
    ("a signed status", b"HTTP/1.1 +20 OK\r\n\r\n"),
    ("no status", b"HTTP/1.1 OK\r\n\r\n"),
    ("HTTP/0.9", b"<html>hello</html>\r\n\r\n"),
    ("HTTP/1.2", b"HTTP/1.2 200 OK\r\n\r\n"),
    ("HTTP/2.0", b"HTTP/2.0 200 OK\r\n\r\n"),
    ("HTTP/2's settings", b"\x00\x00\x00\x04\x00\x00\x00\x00\x00\r\n\r\n"),
    ("http/1.1", b"http/1.1 200 OK\r\n\r\n"),
    ("ICY", b"ICY 200 OK\r\n\r\n"),
    ("two spaces", b"HTTP/1.1  200 OK\r\n\r\n"),
    ("a tab", b"HTTP/1.1\t200 OK\r\n\r\n"),
    ("a space in front", b" HTTP/1.1 200 OK\r\n\r\n"),
    ("an empty line in front", b"\r\nHTTP/1.1 200 OK\r\n\r\n"),
    ("no space before the reason", b"HTTP/1.1 200OK\r\n\r\n"),
    ("a control in the reason", b"HTTP/1.1 200 O\x01K\r\n\r\n"),
    ("a NUL in the reason", b"HTTP/1.1 200 O\x00K\r\n\r\n"),
    ("a bare CR in the reason", b"HTTP/1.1 200 O\rX: 1\r\n\r\n"),
    ("a bare LF", b"HTTP/1.1 200 OK\nX: 1\r\n\r\n"),
    ("bare LFs", b"HTTP/1.1 200 OK\n\n"),
    ("two status lines", b"HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\n\r\n"),
    ("a request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"),
)

FIELDS: Final = (
    ("a space before the colon", ok(b"X : 1\r\n")),
    ("a space before the first field", ok(b" X: 1\r\n")),
    ("a folded field", ok(b"X: 1\r\n 2\r\n")),
    ("no colon", ok(b"X\r\n")),
    ("no name", ok(b": 1\r\n")),
    ("a bad name", ok(b"X(1): 1\r\n")),
    ("an 8-bit name", ok(b"X\xe9: 1\r\n")),
    ("a NUL in a value", ok(b"X: 1\x002\r\n")),
    ("a control in a value", ok(b"X: 1\x1b2\r\n")),
    ("a bare CR in a value", ok(b"X: 1\r2\r\n")),
    ("a bare LF after a field", ok(b"X: 1\nY: 2\r\n")),
    ("a bare LF as the empty line", b"HTTP/1.1 200 OK\r\nX: 1\r\n\n"),
)

FRAMING: Final = (
    ("CL and TE", ok(b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
    ("TE and CL", ok(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n")),
    ("CL twice, differing", ok(b"Content-Length: 3\r\nContent-Length: 5\r\n", b"abcde")),
    ("CL twice, equal", ok(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc")),
    ("CL a list", ok(b"Content-Length: 3, 3\r\n", b"abc")),
    ("CL +3", ok(b"Content-Length: +3\r\n", b"abc")),
    ("CL -1", ok(b"Content-Length: -1\r\n")),
    ("CL 0x3", ok(b"Content-Length: 0x3\r\n", b"abc")),
    ("CL empty", ok(b"Content-Length:\r\n", b"abc")),
    ("CL of 2**64 + 1", ok(b"Content-Length: 18446744073709551617\r\n", b"a")),
    ("TE gzip, chunked", ok(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n")),
    ("TE gzip", ok(b"Transfer-Encoding: gzip\r\n")),
    ("TE xchunked", ok(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n")),
    ("TE identity", ok(b"Transfer-Encoding: identity\r\n")),
    ("TE twice", ok(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
    ("TE in HTTP/1.0", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("TE on 204", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("TE on 103", b"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("CL and TE on 304", b"HTTP/1.1 304 N\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
)

INTERIM: Final = (
    ("a 101 that nobody asked for", b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
    ("too many interim responses", b"HTTP/1.1 100 Continue\r\n\r\n" * 33),
    ("a malformed head behind a 100", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20 OK\r\n\r\n"),
    ("a head that is too large", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2000 + b"\r\n\r\n"),
)

ENDS: Final = (
    ("nothing", b""),
    ("half a status line", b"HTTP/1.1 2"),
    ("half a head", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"),
    ("a 100 and no more", b"HTTP/1.1 100 Continue\r\n\r\n"),
)


def drip(connection: MemoryConnection, raw: bytes) -> None:
    connection.drip(raw)


def send(connection: MemoryConnection, raw: bytes) -> None:
    connection.send(raw)


class RefusedTests(SynchronousTestCase):
    """
    Answers of which no octet reaches the client.
    """

    def check(self, table: tuple[tuple[str, bytes], ...]) -> None:
        for name, raw in table:
            for way in send, drip:
                told = f"{name}, {way.__name__}"
                proxied, client = self.asked()
                way(proxied.origin, raw)
                self.assertTrue(proxied.origin.reset, told)
                self.answered(proxied, client, told)

    def asked(self) -> tuple[Proxied, MemoryConnection]:
        proxied = Proxied(most_head=1024)
        client = proxied.client()
        client.send(GET)
        return proxied, client

    def answered(self, proxied: Proxied, client: MemoryConnection, told: str) -> None:
        """
        The client is told that there is no answer, may go on, and the next request goes
        by another connection.
        """
        self.assertEqual(undated(client.received), BAD_GATEWAY, told)
        self.assertTrue(client.open, told)
        client.send(GET)
        self.assertEqual(len(proxied.origins), 2, told)
        client.leave()
        self.assertEqual(proxied.leftovers(), [], told)

    def test_status_lines(self) -> None:
        """
        Pitfall 32: what does not begin with one valid status line is no answer.
        """
        self.check(STATUS_LINES)

    def test_fields(self) -> None:
        """
        Pitfall 37: field lines that clients read differently are not passed on.
        """
        self.check(FIELDS)

    def test_framing(self) -> None:
        """
        Pitfalls 1 and 32: where clients could see the end of the body at different
        places, there is no answer.
        """
        self.check(FRAMING)

    def test_interim(self) -> None:
        """
        Pitfalls 15, 34 and 36: interim responses are no answer, nobody switches unasked,
        and heads are bounded.
        """
        self.check(INTERIM)

    def test_ends(self) -> None:
        """
        Pitfall 13: a connection that ends before the head is whole is no answer.
        """
        for name, raw in ENDS:
            for end in MemoryConnection.finish, MemoryConnection.leave:
                told = f"{name}, {end.__name__}"
                proxied, client = self.asked()
                proxied.origin.send(raw)
                end(proxied.origin)
                self.assertTrue(proxied.origin.gone, told)
                self.answered(proxied, client, told)


HEAD_3: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"
HEAD_C: Final = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNKED: Final = ok(b"Transfer-Encoding: chunked\r\n")

TRUNCATED: Final = (
    ("by length, with nothing", ok(b"Content-Length: 3\r\n"), HEAD_3),
    ("by length", ok(b"Content-Length: 3\r\n", b"ab"), HEAD_3 + b"ab"),
    ("before the first chunk", CHUNKED, HEAD_C),
    ("in a size", CHUNKED + b"3", HEAD_C),
    ("in a chunk", CHUNKED + b"3\r\nab", HEAD_C + b"2\r\nab\r\n"),
    ("before a chunk's CRLF", CHUNKED + b"3\r\nabc", HEAD_C + b"3\r\nabc\r\n"),
    ("after a chunk", CHUNKED + b"3\r\nabc\r\n", HEAD_C + b"3\r\nabc\r\n"),
    ("in the last chunk", CHUNKED + b"3\r\nabc\r\n0\r\n", HEAD_C + b"3\r\nabc\r\n"),
    ("in the trailers", CHUNKED + b"3\r\nabc\r\n0\r\nX: 1\r\n", HEAD_C + b"3\r\nabc\r\n"),
)

BROKEN: Final = (
    ("a size of 0x3", b"0x3\r\nabc\r\n0\r\n\r\n"),
    ("a size of -3", b"-3\r\nabc\r\n0\r\n\r\n"),
    ("no size", b"\r\nabc\r\n0\r\n\r\n"),
    ("a space after the size", b"3 \r\nabc\r\n0\r\n\r\n"),
    ("a size of 2**64 + 3", b"10000000000000003\r\nabc\r\n0\r\n\r\n"),
    ("a bare LF after the size", b"3\nabc\r\n0\r\n\r\n"),
    ("a bare LF in an extension", b"3;a\nabc\r\n0\r\n\r\n"),
    ("a chunk that is too long", b"3\r\nabcd\r\n0\r\n\r\n"),
    ("a chunk that is too short", b"3\r\nab\r\n0\r\n\r\n"),
    ("a bare LF after a chunk", b"3\r\nabc\n0\r\n\r\n"),
    ("a folded trailer", b"3\r\nabc\r\n0\r\nX: 1\r\n 2\r\n\r\n"),
    ("a Content-Length among the trailers", b"3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n"),
    ("no chunks at all", b"hello"),
)


class CutTests(SynchronousTestCase):
    """
    Answers that the client has begun to read before they went wrong.
    """

    def setUp(self) -> None:
        self.proxied = Proxied()
        self.client = self.proxied.client()
        self.client.send(GET)

    def check_cut(self, name: str) -> None:
        self.assertTrue(self.client.reset, name)
        self.assertTrue(self.proxied.origin.gone, name)
        self.assertEqual(self.proxied.leftovers(), [], name)

    def test_truncated(self) -> None:
        """
        Pitfall 13: an answer that is cut short is not passed on for whole: the client's
        connection is reset.
        """
        for name, raw, relayed in TRUNCATED:
            for way in send, drip:
                for end in MemoryConnection.finish, MemoryConnection.leave:
                    self.setUp()
                    way(self.proxied.origin, raw)
                    end(self.proxied.origin)
                    told = f"{name}, {way.__name__}, {end.__name__}"
                    self.assertEqual(whole_chunks(undated(self.client.received)), relayed, told)
                    self.check_cut(told)

    def test_until_close_but_reset(self) -> None:
        """
        Pitfall 13: an answer that the end of the connection ends is not whole where the
        connection was reset.
        """
        self.proxied.origin.send(ok(b"", b"abc"))
        self.proxied.origin.leave()
        self.assertEqual(undated(self.client.received), HEAD_C + b"3\r\nabc\r\n")
        self.check_cut("until close")

    def test_broken_chunks(self) -> None:
        """
        Pitfall 6: what was read together with malformed chunks is not passed on.
        """
        for name, body in BROKEN:
            self.setUp()
            self.proxied.origin.send(CHUNKED + body)
            self.assertEqual(self.client.received, b"", name)
            self.assertTrue(self.proxied.origin.reset, name)
            self.check_cut(name)

    def test_broken_chunks_byte_by_byte(self) -> None:
        """
        Pitfall 6: where a part was on its way already the client can tell that it is one.
        """
        for name, body in BROKEN:
            self.setUp()
            self.proxied.origin.drip(CHUNKED + body)
            begun = undated(self.client.received)
            self.assertTrue(begun.startswith(HEAD_C) and not begun.endswith(b"0\r\n\r\n"), name)
            self.assertTrue(self.proxied.origin.reset, name)
            self.check_cut(name)
