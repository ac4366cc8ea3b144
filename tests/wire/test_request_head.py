"""
Tests of L{revproxy.wire.request_head}.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import (
    BadRequest,
    ExchangeError,
    ExpectationUnknown,
    FieldsTooLarge,
    MethodUnknown,
    TargetTooLong,
    VersionUnknown,
)
from revproxy.wire.fields import FrozenFields
from revproxy.wire.framing import UNKNOWN
from revproxy.wire.hop_by_hop import REQUEST_REMOVED
from revproxy.wire.request_head import HeadLimits, RequestHead, RequestHeads
from tests.wire.attributes import attributes_of
from tests.wire.malformed import MALFORMED_LINES, MALFORMED_SECTIONS
from tests.wire.outcome import outcome

sections = st.lists(
    st.sampled_from(
        [
            b"Host: a\r\n", b"host: EXAMPLE.com:8080\r\n", b"Host: a b\r\n", b"Accept: */*\r\n",
            b"X_A: 1\r\n",
            b"Connection: close\r\n", b"Connection: keep-alive, X-A\r\n", b"X-A: 1\r\n", b"TE: trailers\r\n",
            b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n",
            b"Expect: 100-continue\r\n", b"Expect: x\r\n", b"X : 1\r\n", b"Cookie: a=b\r\n",
            b"Connection: upgrade\r\n",
            b"Upgrade: other\r\n", b"X: \xff\r\n", b"X: \x01\r\n",
        ]
    ),
    max_size=5,
)  # fmt: skip
lines = st.sampled_from(
    [
        b"GET / HTTP/1.1", b"POST /a/../b?c HTTP/1.1", b"GET / HTTP/1.0", b"GET http://b:81/x HTTP/1.1",
        b"OPTIONS * HTTP/1.1", b"get / HTTP/1.1", b"GET / HTTP/2.0", b"GET  / HTTP/1.1",
        b"CONNECT a:1 HTTP/1.1",
    ]
)  # fmt: skip


def head(section: bytes = b"Host: a\r\n", line: bytes = b"GET / HTTP/1.1") -> bytes:
    return b"%b\r\n%b\r\n" % (line, section)


def told(parsed: RequestHead | type[ExchangeError]) -> object:
    """
    All that a head says, to be compared.
    """
    if isinstance(parsed, type):
        return parsed
    return parsed.authority, parsed.host, attributes_of(parsed.line), attributes_of(parsed.section)


class ParseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.heads = RequestHeads(HeadLimits())

    def parse(self, section: bytes = b"Host: a\r\n", line: bytes = b"GET / HTTP/1.1") -> RequestHead:
        return self.heads.parse(head(section, line))

    def refused(self, section: bytes = b"Host: a\r\n", line: bytes = b"GET / HTTP/1.1") -> object:
        parsed = outcome(self.heads.parse, head(section, line))
        return parsed if isinstance(parsed, type) else None

    def test_request_line(self) -> None:
        """
        Method, target and version are what the line says; the path is canonical.
        """
        parsed = self.parse(line=b"POST /a/./b/../%41?c=%2e HTTP/1.1")
        self.assertEqual((parsed.line.method, parsed.line.version), (b"POST", b"1.1"))
        self.assertEqual((parsed.line.path, parsed.line.query), (b"/a/A", b"c=%2e"))

    def test_malformed_lines(self) -> None:
        """
        Pitfalls 1, 6 and 16: one space between the parts, a version of HTTP, and none of
        the characters or forms that two parsers could read differently.
        """
        taken = [line for line in MALFORMED_LINES if self.refused(line=line) is not BadRequest]
        self.assertEqual(taken, [])

    def test_malformed_sections(self) -> None:
        """
        Pitfalls 1, 3, 7 and 18: fields that are malformed, or leave the host or the end
        of the body in doubt, are refused.
        """
        taken = [section for section in MALFORMED_SECTIONS if self.refused(section) is not BadRequest]
        self.assertEqual(taken, [])

    def test_refused_again(self) -> None:
        """
        What was refused is not remembered as something to let in.
        """
        for section in [*MALFORMED_SECTIONS, *MALFORMED_SECTIONS]:
            self.assertIs(self.refused(section), BadRequest)

    def test_methods(self) -> None:
        """
        Any upper-case token is a method, private ones too; CONNECT, TRACE and what is no
        upper-case word is 501.
        """
        for method in (b"GET", b"QUERY", b"PROPFIND", b"VERSION-CONTROL", b"M-SEARCH", b"X_1", b"A" * 32):
            self.assertEqual(self.parse(line=method + b" / HTTP/1.1").line.method, method)
        for method in (b"CONNECT", b"TRACE", b"get", b"Get", b"A" * 33, b"!GET", b"1"):
            self.assertIs(self.refused(line=method + b" / HTTP/1.1"), MethodUnknown, method)

    def test_versions(self) -> None:
        """
        HTTP/1.1 and 1.0 are spoken, all others are 505.
        """
        self.assertEqual(self.parse(line=b"GET / HTTP/1.0").line.version, b"1.0")
        for version in (b"0.9", b"1.2", b"2.0", b"3.0", b"9.9"):
            self.assertIs(self.refused(line=b"GET / HTTP/" + version), VersionUnknown, version)
        self.assertIs(self.refused(b"", b"PRI * HTTP/2.0"), VersionUnknown)

    def test_authority(self) -> None:
        """
        The authority is the Host field in lower case, with its port where it has one.
        """
        parsed = self.parse(b"HOST: Example.COM:8080\r\n")
        self.assertEqual((parsed.authority, parsed.host), (b"example.com:8080", b"example.com"))
        parsed = self.parse(b"Host: [::1]\r\n")
        self.assertEqual((parsed.authority, parsed.host), (b"[::1]", b"[::1]"))

    def test_absolute_form(self) -> None:
        """
        Pitfall 16: the authority of an absolute-form wins over the Host field, which has
        to be there and valid all the same.
        """
        line = b"GET http://B.example:81/x?y HTTP/1.1"
        parsed = self.parse(line=line)
        self.assertEqual((parsed.authority, parsed.host), (b"b.example:81", b"b.example"))
        self.assertEqual((parsed.line.path, parsed.line.query), (b"/x", b"y"))
        self.assertIs(self.refused(b"", line), BadRequest)
        self.assertIs(self.refused(b"Host: a b\r\n", line), BadRequest)

    def test_asterisk_form(self) -> None:
        """
        Pitfall 16: an asterisk is a target of OPTIONS, and stays one.
        """
        self.assertEqual(self.parse(line=b"OPTIONS * HTTP/1.1").line.path, b"*")

    def test_no_host(self) -> None:
        """
        Pitfall 18: HTTP/1.0 may leave the Host field out, and may not send two.
        """
        parsed = self.parse(b"", b"GET / HTTP/1.0")
        self.assertEqual((parsed.authority, parsed.host), (b"", b""))
        self.assertIs(self.refused(b"Host: a\r\nHost: a\r\n", b"GET / HTTP/1.0"), BadRequest)

    def test_length(self) -> None:
        """
        The section says how long the body is.
        """
        for section, length in [
            (b"", None), (b"Content-Length: 0\r\n", 0), (b"Content-Length: 5\r\n", 5),
            (b"Transfer-Encoding: chunked\r\n", UNKNOWN),
        ]:  # fmt: skip
            self.assertEqual(self.parse(b"Host: a\r\n" + section).section.length, length)

    def test_coding_before_http_1_1(self) -> None:
        """
        Pitfall 3: a transfer coding in a request of HTTP/1.0 is refused.
        """
        self.assertIs(
            self.refused(b"Host: a\r\nTransfer-Encoding: chunked\r\n", b"POST / HTTP/1.0"), BadRequest
        )

    def test_persistent(self) -> None:
        """
        RFC 9112 section 9.3: HTTP/1.1 keeps the connection unless it says close, HTTP/1.0
        only where it says keep-alive.
        """
        for version, option, expected in [
            (b"1.1", b"", True), (b"1.1", b"Connection: close\r\n", False),
            (b"1.1", b"Connection: keep-alive, Close\r\n", False), (b"1.0", b"", False),
            (b"1.0", b"Connection: Keep-Alive\r\n", True),
            (b"1.0", b"Connection: keep-alive\r\nConnection: close\r\n", False),
        ]:  # fmt: skip
            parsed = self.parse(b"Host: a\r\n" + option, b"GET / HTTP/" + version)
            self.assertIs(parsed.section.persistent, expected, option)

    def test_expectation(self) -> None:
        """
        Pitfall 11: there is one expectation; others are 417, and HTTP/1.0 has none.
        """
        expecting = b"Host: a\r\nContent-Length: 1\r\nExpect: "
        self.assertIs(self.parse(expecting + b"100-Continue\r\n").section.expects_continue, True)
        self.assertIs(self.parse().section.expects_continue, False)
        self.assertIs(self.parse(expecting + b"x\r\n", b"POST / HTTP/1.0").section.expects_continue, False)
        for value in (b"200-ok", b"100-continue, x", b"100-continue=1", b""):
            self.assertIs(self.refused(expecting + value + b"\r\n"), ExpectationUnknown, value)

    def test_trailers_and_upgrade(self) -> None:
        """
        What the client takes and asks for is told by the section.
        """
        section = self.parse(
            b"Host: a\r\nConnection: upgrade, te\r\nTE: trailers\r\nUpgrade: Other\r\n"
        ).section
        self.assertEqual((section.trailers, section.upgrade), (True, b"other"))
        self.assertEqual((self.parse().section.trailers, self.parse().section.upgrade), (False, None))

    def test_end_to_end(self) -> None:
        """
        Pitfalls 7 and 8: what goes on has neither hop-by-hop fields nor those that were
        to be removed, nor names with underscores; what was received has them all.
        """
        heads = RequestHeads(HeadLimits(), REQUEST_REMOVED | {b"x-subject"})
        block = b"Host: a\r\nX-Subject: me\r\nX_Subject: me\r\nConnection: x-b\r\nX-B: 1\r\nX-A: 1\r\n"
        section = heads.parse(head(block)).section
        self.assertEqual(section.end_to_end, [(b"x-a", b"1")])
        self.assertEqual(len(section.fields), 6)

    def test_trailers(self) -> None:
        """
        Pitfalls 10 and 14: what a client may not send as a field it may not send as a
        trailer either.
        """
        heads = RequestHeads(HeadLimits(), REQUEST_REMOVED | {b"x-subject"})
        received = FrozenFields(
            [(b"x-subject", b"me"), (b"x_subject", b"me"), (b"proxy", b"b"), (b"x-a", b"1")]
        )
        self.assertEqual(heads.trailers(received), [(b"x-a", b"1")])


class LimitsTests(SynchronousTestCase):
    """
    Each limit is held exactly, and in the same way whether the head comes at once or
    octet by octet.
    """

    def arrive(self, limits: HeadLimits, whole: bytes) -> object:
        """
        @return: what becomes of the head, which has to be the same both ways.
        """
        at_once = outcome(RequestHeads(limits).parse, whole)
        piecemeal = outcome(self.piecemeal, RequestHeads(limits), whole)
        self.assertEqual(told(at_once), told(piecemeal))
        return at_once if isinstance(at_once, type) else None

    def piecemeal(self, heads: RequestHeads, whole: bytes) -> RequestHead:
        for end in range(len(whole)):
            heads.check_begun(bytearray(whole[:end]), max(end - 3, 0))
        return heads.parse(whole)

    def test_request_line(self) -> None:
        """
        Pitfall 36: a line over its limit is 414.
        """
        limits = HeadLimits(request_line=40)
        line = b"GET /%b HTTP/1.1" % (b"a" * 26)
        self.assertIsNone(self.arrive(limits, head(line=line)))
        self.assertIs(self.arrive(limits, head(line=line.replace(b"/", b"/a", 1))), TargetTooLong)

    def test_section(self) -> None:
        """
        Pitfall 36: a header section over its limit is 431, its empty line counted.
        """
        limits = HeadLimits(head=40)
        block = b"Host: a\r\nX: %b\r\n" % (b"a" * 24)
        self.assertIsNone(self.arrive(limits, head(block)))
        self.assertIs(self.arrive(limits, head(block.replace(b"a\r\nX", b"ab\r\nX"))), FieldsTooLarge)

    def test_number(self) -> None:
        """
        Pitfall 36: more fields than the limit are 431.
        """
        limits = HeadLimits(fields=3)
        self.assertIsNone(self.arrive(limits, head(b"Host: a\r\n" + b"X: 1\r\n" * 2)))
        self.assertIs(self.arrive(limits, head(b"Host: a\r\n" + b"X: 1\r\n" * 3)), FieldsTooLarge)

    def test_endless(self) -> None:
        """
        Pitfall 36: a line or a section that does not end is refused before it grows.
        """
        heads = RequestHeads(HeadLimits(request_line=40, head=40))
        self.assertIs(outcome(heads.check_begun, b"GET /" + b"a" * 36), TargetTooLong)
        self.assertIs(outcome(heads.check_begun, b"GET / HTTP/1.1\r\nx: " + b"a" * 38), FieldsTooLarge)

    def test_bare_line_ends(self) -> None:
        """
        Pitfall 6: a client that ends its lines with LF alone is not waited for.
        """
        heads = RequestHeads(HeadLimits())
        for begun in (b"GET / HTTP/1.1\n", b"GET / HTTP/1.1\r\nHost: a\n", b"GET / HTTP/1.1\rHost"):
            self.assertIs(outcome(heads.check_begun, begun), BadRequest, begun)

    def test_well_formed_beginnings(self) -> None:
        """
        No beginning of a valid head is refused.
        """
        self.assertIsNone(self.arrive(HeadLimits(), head(b"Host: a\r\nX: 1\r\n", b"GET /a HTTP/1.1")))


class RememberedTests(SynchronousTestCase):
    @given(st.lists(st.tuples(lines, sections.map(b"".join)), min_size=1, max_size=4))
    def test_both_ways_agree(self, messages: list[tuple[bytes, bytes]]) -> None:
        """
        What is remembered says the same as what is read for the first time, whatever
        came before it.
        """
        heads = RequestHeads(HeadLimits())
        for line, section in [*messages, *messages]:
            fresh = outcome(RequestHeads(HeadLimits()).parse, head(section, line))
            self.assertEqual(told(outcome(heads.parse, head(section, line))), told(fresh))

    def test_is_remembered(self) -> None:
        """
        The section of a request without a body is read no more once it came again, though
        its target differs.
        """
        heads = RequestHeads(HeadLimits())
        heads.parse(head())
        first = heads.parse(head(line=b"GET /a HTTP/1.1"))
        second = heads.parse(head(line=b"GET /b HTTP/1.1"))
        self.assertIs(first.section, second.section)
        self.assertEqual((first.line.path, second.line.path), (b"/a", b"/b"))

    def test_by_version(self) -> None:
        """
        The same section of another version is another one.
        """
        heads = RequestHeads(HeadLimits())
        for _ in range(3):
            self.assertTrue(heads.parse(head()).section.persistent)
            self.assertFalse(heads.parse(head(line=b"GET / HTTP/1.0")).section.persistent)

    def test_is_not_remembered(self) -> None:
        """
        A section with a body or an upgrade, or a large one, is read each time.
        """
        heads = RequestHeads(HeadLimits())
        for more in (
            b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n",
            b"Connection: upgrade\r\nUpgrade: other\r\n", b"X: %b\r\n" % (b"a" * 2048),
        ):  # fmt: skip
            _, second, third = (heads.parse(head(b"Host: a\r\n" + more)).section for _ in range(3))
            self.assertIsNot(second, third, more[:30])

    def test_bounded(self) -> None:
        """
        After very many different sections the first is forgotten, and read again.
        """
        heads = RequestHeads(HeadLimits())
        heads.parse(head())
        first = heads.parse(head()).section
        for number in range(2046):
            heads.parse(head(b"Host: a\r\nX: %d\r\n" % (number // 2)))
        self.assertIs(heads.parse(head()).section, first)
        for _ in range(2):
            heads.parse(head(b"Host: one.more\r\n"))
        again = heads.parse(head()).section
        self.assertIsNot(again, first)
        self.assertEqual(again.fields, first.fields)
