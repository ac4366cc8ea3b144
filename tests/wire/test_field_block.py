"""
Tests of L{revproxy.wire.field_block}.
"""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest, UpstreamMalformed
from revproxy.wire.field_block import has_bare_line_end, parse_fields
from tests.wire.outcome import outcome

MALFORMED = [
    b"a : 1\r\n\r\n",
    b"a\t: 1\r\n\r\n",
    b"a b: 1\r\n\r\n",
    b": 1\r\n\r\n",
    b"a\r\n\r\n",
    b"a(: 1\r\n\r\n",
    b"a/b: 1\r\n\r\n",
    b'"a": 1\r\n\r\n',
    b"\x80: 1\r\n\r\n",
    b"a\x00: 1\r\n\r\n",
    b" a: 1\r\n\r\n",
    b"\ta: 1\r\n\r\n",
    b"a: 1\r\n b\r\n\r\n",
    b"a: 1\r\n\tb\r\n\r\n",
    b"a:\r\n b\r\n\r\n",
    b"a: 1\r\n \r\n\r\n",
    b"a: 1\nb: 2\r\n\r\n",
    b"a: 1\n\r\n",
    b"a: 1\r\n\n\r\n",
    b"a: 1\rb: 2\r\n\r\n",
    b"a: 1\r\r\n\r\n",
    b"a: \x00\r\n\r\n",
    b"a: b\x01c\r\n\r\n",
    b"a: \x0bchunked\r\n\r\n",
    b"a: \x7f\r\n\r\n",
    b"content-length: +5\r\n\r\n",
    b"content-length: 5\r\ncontent-length: 5\r\n\r\n",
    b"transfer-encoding : chunked\r\n\r\n",
    b"transfer-encoding:\r\n chunked\r\n\r\n",
    b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
]


class ParseFieldsTests(SynchronousTestCase):
    def test_order_and_repetitions(self) -> None:
        """
        Fields keep their order, names are in lower case, and repeated ones stay apart.
        """
        block = b"Host: a\r\nCookie: x=1\r\nACCEPT: */*\r\ncookie: y=2\r\n\r\n"
        self.assertEqual(
            parse_fields(block, BadRequest),
            ((b"host", b"a"), (b"cookie", b"x=1"), (b"accept", b"*/*"), (b"cookie", b"y=2")),
        )

    def test_no_fields(self) -> None:
        """
        The empty line alone is a section without fields.
        """
        self.assertEqual(parse_fields(b"\r\n", BadRequest), ())

    def test_optional_space(self) -> None:
        """
        RFC 9112 section 5.1: the space around a value is no part of it, the space
        within is.
        """
        for line in (b"a:b \t c", b"a: b \t c", b"a:\t b \t c \t"):
            self.assertEqual(parse_fields(line + b"\r\n\r\n", BadRequest), ((b"a", b"b \t c"),))

    def test_empty_values(self) -> None:
        """
        A value may be empty, with or without space.
        """
        self.assertEqual(
            parse_fields(b"a:\r\nb: \r\nc: \t \r\n\r\n", BadRequest), ((b"a", b""), (b"b", b""), (b"c", b""))
        )

    def test_eight_bit_values(self) -> None:
        """
        RFC 9110 section 5.5: octets above 127 may stand in a value, and are kept.
        """
        value = bytes(range(0x80, 0x100))
        self.assertEqual(parse_fields(b"a: %b\r\n\r\n" % value, BadRequest), ((b"a", value),))

    def test_malformed(self) -> None:
        """
        Pitfalls 3 and 7: no folding, no space before the colon, no name that is no
        token, no bare CR or LF, no control in a value.
        """
        taken = [block for block in MALFORMED if outcome(parse_fields, block, BadRequest) is not BadRequest]
        self.assertEqual(taken, [])

    def test_malformed_anywhere(self) -> None:
        """
        What is malformed is found behind other fields and before them.
        """
        blocks = [b"x: 1\r\n" + block for block in MALFORMED]
        blocks += [block[:-2] + b"x: 1\r\n\r\n" for block in MALFORMED]
        taken = [block for block in blocks if outcome(parse_fields, block, BadRequest) is not BadRequest]
        self.assertEqual(taken, [])

    def test_the_error_is_the_callers(self) -> None:
        """
        Who reads a response is told of the upstream's mistake, in the same way.
        """
        with self.assertRaises(UpstreamMalformed) as caught:
            parse_fields(b"a : 1\r\n\r\n", UpstreamMalformed)
        self.assertIsNone(caught.exception.__cause__)

    def test_an_upgrade_is_only_a_field(self) -> None:
        """
        What the fields mean is for others: an upgrade with a length is parsed whole.
        """
        block = b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n\r\n"
        self.assertEqual(len(parse_fields(block, BadRequest)), 3)


class HasBareLineEndTests(SynchronousTestCase):
    def test_bare(self) -> None:
        """
        A CR or LF that is not part of a CRLF is found wherever it stands.
        """
        for data in (b"\n", b"a\nb", b"\r\n\n", b"a\rb", b"\r\r\n", b"a\r\nb\n"):
            self.assertTrue(has_bare_line_end(data), data)

    def test_complete(self) -> None:
        """
        Whole line ends are none, nor is a CR at the end, whose LF may yet come.
        """
        for data in (b"", b"a", b"\r\n", b"a\r\nb\r\n", b"a\r", b"a\r\n\r"):
            self.assertFalse(has_bare_line_end(data), data)

    def test_from_the_middle(self) -> None:
        """
        What was looked at is not looked at again, but is remembered: an LF at the
        start may belong to the CR before it.
        """
        self.assertFalse(has_bare_line_end(b"a\r\nb", 2))
        self.assertTrue(has_bare_line_end(b"a\nb", 1))
        self.assertFalse(has_bare_line_end(b"a\nbc", 2))
        self.assertFalse(has_bare_line_end(bytearray(b"a\r\nb"), 2))

    @given(st.lists(st.sampled_from([b"\r", b"\n", b"a"]), max_size=12).map(b"".join))
    def test_says_what_it_says(self, data: bytes) -> None:
        """
        It agrees with taking away every CRLF, and a CR at the end, and looking at the rest.
        """
        rest = data.replace(b"\r\n", b"  ")
        rest = rest.removesuffix(b"\r")
        self.assertEqual(has_bare_line_end(data), b"\r" in rest or b"\n" in rest)
