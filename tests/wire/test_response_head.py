"""
Tests of L{revproxy.wire.response_head}.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import ExchangeError, UpstreamMalformed
from revproxy.wire.framing import UNKNOWN
from revproxy.wire.response_head import ResponseHead, parse_response
from tests.wire.attributes import attributes_of
from tests.wire.outcome import outcome

MALFORMED_LINES = [
    b"", b"200 OK", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 2x0 OK",
    b"HTTP/1.1 099 OK", b"HTTP/1.1 600 OK", b"HTTP/1.1 -200 OK", b"HTTP/1.1 +20 OK", b"HTTP/1.1  200 OK",
    b" HTTP/1.1 200 OK", b"HTTP/1.1\t200 OK", b"HTTP/1.1 200OK", b"HTTP/1.1 200\tOK", b"http/1.1 200 OK",
    b"HTTP/1.2 200 OK", b"HTTP/2.0 200 OK", b"HTTP/0.9 200 OK", b"HTTP/1.10 200 OK", b"ICY 200 OK",
    b"RTSP/1.0 200 OK", b"HTTP/1.1 200 O\x00K", b"HTTP/1.1 200 O\x7fK", b"HTTP/1.1 200 OK\rx: 1",
    b"HTTP/1.1 200 OK\nx: 1", b"HTTP/1.1 200 OK\n", b"HTTP/1.1 \xb2\xb2\xb2 OK",
]  # fmt: skip

MALFORMED_SECTIONS = [
    b"X : 1\r\n",
    b" X: 1\r\n",
    b"X: 1\r\n folded\r\n",
    b"X\r\n",
    b": 1\r\n",
    b"X: \x00\r\n",
    b"X: 1\nY: 2\r\n",
    b"X: 1\rY: 2\r\n",
    b"Content-Length: 1\r\nContent-Length: 1\r\n",
    b"Content-Length: 1\r\nContent-Length: 2\r\n",
    b"Content-Length: 1, 1\r\n",
    b"Content-Length: +1\r\n",
    b"Content-Length: 0x1\r\n",
    b"Content-Length:\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: chunked, gzip\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
]

lines = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1 204", b"HTTP/1.1 304 x", b"HTTP/1.1 103 ",
    b"HTTP/1.2 200 x"]
)  # fmt: skip
sections = st.lists(
    st.sampled_from(
        [
            b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n",
            b"X: 1\r\n",
            b"Connection: keep-alive\r\n", b"Set-Cookie: a=b\r\n", b"Date: x\r\n", b"X : 1\r\n",
            b"Trailer: x\r\n",
        ]
    ),
    max_size=4,
).map(b"".join)  # fmt: skip


def head(section: bytes = b"", line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"%b\r\n%b\r\n" % (line, section)


def refused(message: bytes) -> bool:
    return outcome(parse_response, message) is UpstreamMalformed


def told(parsed: ResponseHead | type[ExchangeError]) -> object:
    """
    All that a head says, to be compared.
    """
    if isinstance(parsed, type):
        return parsed
    return {**attributes_of(parsed), "end_to_end": (parsed.end_to_end.fields, parsed.end_to_end.lines)}


class ParseResponseTests(SynchronousTestCase):
    def test_status_line(self) -> None:
        """
        Version, status and reason are what the line says; the reason may be anything
        but a control, empty, or left out with its space.
        """
        for line, reason in [
            (b"HTTP/1.1 404 Not Found", b"Not Found"), (b"HTTP/1.1 404 ", b""), (b"HTTP/1.1 404", b""),
            (b"HTTP/1.1 404 \xc3\xa4\t b ", b"\xc3\xa4\t b "),
        ]:  # fmt: skip
            parsed = parse_response(head(line=line))
            self.assertEqual((parsed.status, parsed.reason, parsed.version), (404, reason, b"1.1"))

    def test_statuses(self) -> None:
        """
        Every status of three digits in the five classes is taken.
        """
        for status in (100, 101, 199, 200, 299, 399, 451, 499, 599):
            self.assertEqual(parse_response(head(line=b"HTTP/1.1 %d x" % status)).status, status)

    def test_malformed_lines(self) -> None:
        """
        Pitfall 32: what does not begin like a response is none.
        """
        self.assertEqual([line for line in MALFORMED_LINES if not refused(head(line=line))], [])

    def test_malformed_sections(self) -> None:
        """
        Pitfalls 1, 3 and 7: everything from the server is as suspect as from a client.
        """
        self.assertEqual([section for section in MALFORMED_SECTIONS if not refused(head(section))], [])

    def test_refused_again(self) -> None:
        """
        What was refused is not remembered as something to let through.
        """
        for section in [*MALFORMED_SECTIONS, *MALFORMED_SECTIONS]:
            self.assertTrue(refused(head(section)), section)

    def test_coding_before_http_1_1(self) -> None:
        """
        Pitfall 3: a transfer coding in a response of HTTP/1.0 is refused.
        """
        message = head(b"Transfer-Encoding: chunked\r\n", b"HTTP/1.0 200 OK")
        self.assertTrue(refused(message))

    def test_length(self) -> None:
        """
        A length, chunks, or nothing but the end of the connection.
        """
        self.assertEqual(parse_response(head(b"Content-Length: 5\r\n")).length, 5)
        self.assertEqual(parse_response(head(b"Transfer-Encoding: chunked\r\n")).length, UNKNOWN)
        self.assertIsNone(parse_response(head()).length)

    def test_persistent(self) -> None:
        """
        RFC 9112 section 9.3: as for requests.
        """
        for version, option, expected in [
            (b"1.1", b"", True), (b"1.1", b"Connection: close\r\n", False), (b"1.0", b"", False),
            (b"1.0", b"Connection: keep-alive\r\n", True), (b"1.1", b"Connection: x, CLOSE\r\n", False),
            (b"1.0", b"Connection: close, keep-alive\r\n", False),
        ]:  # fmt: skip
            line = b"HTTP/%b 200 OK" % version
            self.assertIs(parse_response(head(option, line)).persistent, expected, (version, option))

    def test_end_to_end(self) -> None:
        """
        Pitfall 8: what goes on has no hop-by-hop fields, no framing, and nothing that
        Connection names; what was received has it all.
        """
        block = b"Connection: x-b\r\nX-B: 1\r\nKeep-Alive: 1\r\nContent-Length: 0\r\n"
        parsed = parse_response(head(block + b"Set-Cookie: a\r\nset-cookie: b\r\n"))
        self.assertEqual(parsed.end_to_end.fields, ((b"set-cookie", b"a"), (b"set-cookie", b"b")))
        self.assertEqual(parsed.end_to_end.lines, b"set-cookie: a\r\nset-cookie: b\r\n")
        self.assertEqual(len(parsed.fields), 6)


class RememberedTests(SynchronousTestCase):
    @given(lines, sections)
    def test_both_ways_agree(self, line: bytes, section: bytes) -> None:
        """
        What is remembered says the same as what is read for the first time.
        """
        message = head(section, line)
        fresh = told(outcome(ResponseHead, message))
        self.assertEqual(told(outcome(parse_response, message)), fresh)
        self.assertEqual(told(outcome(parse_response, message)), fresh)

    def test_is_remembered(self) -> None:
        """
        The exact octets of a head are read no more once they came again.
        """
        message = head(b"X: remembered\r\n")
        parse_response(message)
        first = parse_response(message)
        self.assertIs(parse_response(bytes(bytearray(message))), first)

    def test_large_ones_are_not(self) -> None:
        """
        Large heads are read each time.
        """
        message = head(b"X: %b\r\n" % (b"a" * 2048))
        _, second, third = (parse_response(message) for _ in range(3))
        self.assertIsNot(second, third)

    def test_bounded(self) -> None:
        """
        After very many different heads the first is forgotten, and read again.
        """
        message = head(b"X: first\r\n")
        parse_response(message)
        first = parse_response(message)
        for number in range(2048):
            parse_response(head(b"X: %d\r\n" % (number // 2)))
        again = parse_response(message)
        self.assertIsNot(again, first)
        self.assertEqual(told(again), told(first))
