"""
Tests of L{revproxy.wire.framing}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest, CodingUnknown, UpstreamMalformed
from revproxy.wire.fields import FrozenFields
from revproxy.wire.framing import (
    MOST_LENGTH,
    UNKNOWN,
    declared_length,
    response_has_body,
    response_length,
)
from tests.wire.outcome import outcome


def length(*values: bytes) -> FrozenFields:
    return FrozenFields((b"content-length", value) for value in values)


def coding(*values: bytes) -> FrozenFields:
    return FrozenFields((b"transfer-encoding", value) for value in values)


def declared(fields: FrozenFields, version: bytes = b"1.1") -> object:
    return outcome(declared_length, fields, version, BadRequest)


class DeclaredLengthTests(SynchronousTestCase):
    def test_none(self) -> None:
        """
        Without either field there is no body to speak of.
        """
        self.assertIsNone(declared_length(FrozenFields([(b"a", b"1")]), b"1.1", BadRequest))

    def test_numbers(self) -> None:
        """
        A number of octets is taken as it stands, up to what 63 bits hold.
        """
        for value, expected in [(b"0", 0), (b"5", 5), (b"005", 5), (b"%d" % MOST_LENGTH, MOST_LENGTH)]:
            self.assertEqual(declared_length(length(value), b"1.1", BadRequest), expected)
            self.assertEqual(declared_length(length(value), b"1.0", BadRequest), expected)

    def test_what_is_no_number(self) -> None:
        """
        Pitfall 1: signs, spaces, other bases, lists, digits of other scripts and
        lengths that overflow are refused.
        """
        values = [
            b"", b"+5", b"-5", b" 5", b"5 ", b"5 5", b"5,5", b"5, 5", b"5, 6", b"0x5", b"5.0", b"5e0",
            b"1_000", b"\xb2", b"\xd9\xa5", b"five", b"0" * 20, b"%d" % (MOST_LENGTH + 1),
            b"%d" % (2**64 + 5),
        ]  # fmt: skip
        self.assertEqual([value for value in values if declared(length(value)) is not BadRequest], [])

    def test_repeated(self) -> None:
        """
        Pitfall 1: two lengths are refused, even where they agree.
        """
        for values in [(b"5", b"5"), (b"5", b"6"), (b"0", b"")]:
            self.assertIs(declared(length(*values)), BadRequest, values)

    def test_chunked(self) -> None:
        """
        One C{chunked}, in any case, is a body of unknown length.
        """
        for value in (b"chunked", b"Chunked", b"CHUNKED"):
            self.assertEqual(declared_length(coding(value), b"1.1", BadRequest), UNKNOWN)

    def test_obscured_codings(self) -> None:
        """
        Pitfall 1: whatever only looks like C{chunked}, or has something behind it, is
        refused.
        """
        table = [
            (b"",), (b"xchunked",), (b"chunked2",), (b"\x0bchunked",), (b"chunked\x0c",), (b'"chunked"',),
            (b"chunked;q=1",), (b"identity",), (b"chunked,",), (b", chunked",),
            (b"chunked", b""), (b"", b"chunked"), (b" chunked",),
            (b"chunked, identity",), (b"chunked, gzip",), (b"gzip",),
            (b"chunked, chunked",), (b"chunked", b"chunked"), (b"chunked", b"identity"), (b"chunked", b"x"),
            (b"chunked chunked",), (b"gzip, chunked, chunked",), (b"chu nked",), (b"\xc3\xa7hunked",),
        ]  # fmt: skip
        self.assertEqual([values for values in table if declared(coding(*values)) is not BadRequest], [])

    def test_unknown_codings(self) -> None:
        """
        RFC 9112 section 6.1: a list of codings that ends in C{chunked} is valid but
        not understood, which is 501.
        """
        for values in [(b"gzip, chunked",), (b"gzip", b"chunked"), (b"identity, chunked",)]:
            self.assertIs(declared(coding(*values)), CodingUnknown, values)
        self.assertEqual(CodingUnknown.status, 501)

    def test_both(self) -> None:
        """
        Pitfall 1: a length beside a coding is refused, in either order and whatever
        its number.
        """
        for number in (b"5", b"0", b""):
            for fields in [length(number) + coding(b"chunked"), coding(b"chunked") + length(number)]:
                self.assertIs(declared(FrozenFields(fields)), BadRequest, fields)

    def test_coding_before_http_1_1(self) -> None:
        """
        Pitfall 3: HTTP/1.0 has no transfer codings.
        """
        for value in (b"chunked", b"identity", b"gzip, chunked"):
            self.assertIs(declared(coding(value), b"1.0"), BadRequest, value)

    def test_the_error_is_the_callers(self) -> None:
        """
        In a response the mistake is the upstream's.
        """
        with self.assertRaises(UpstreamMalformed):
            declared_length(length(b"x"), b"1.1", UpstreamMalformed)


class ResponseHasBodyTests(SynchronousTestCase):
    def test_by_status(self) -> None:
        """
        Pitfall 12: 1xx, 204 and 304 have none, all others have one.
        """
        without = {status for status in range(100, 600) if not response_has_body(status, b"GET")}
        self.assertEqual(without, {*range(100, 200), 204, 304})

    def test_by_method(self) -> None:
        """
        Pitfall 12: no answer to HEAD has one.
        """
        for status in (200, 206, 404, 500):
            self.assertFalse(response_has_body(status, b"HEAD"))
        self.assertTrue(response_has_body(200, b"POST"))


class ResponseLengthTests(SynchronousTestCase):
    def test_as_declared(self) -> None:
        """
        A response's length is read like a request's.
        """
        self.assertEqual(response_length(length(b"5"), 200, b"1.1"), 5)
        self.assertEqual(response_length(coding(b"chunked"), 200, b"1.1"), UNKNOWN)
        self.assertIsNone(response_length(FrozenFields(), 200, b"1.1"))

    def test_unknown_codings(self) -> None:
        """
        A coding that is not understood is the upstream's mistake, for nobody asked
        it for one: 502.
        """
        with self.assertRaises(UpstreamMalformed) as caught:
            response_length(coding(b"gzip, chunked"), 200, b"1.1")
        self.assertEqual(caught.exception.status, 502)

    def test_both(self) -> None:
        """
        Pitfall 1: a response with a length beside a coding is refused too.
        """
        with self.assertRaises(UpstreamMalformed):
            response_length(FrozenFields(length(b"5") + coding(b"chunked")), 200, b"1.1")

    def test_coding_where_there_can_be_none(self) -> None:
        """
        Pitfall 12, RFC 9112 section 6.1: 1xx and 204 have no transfer coding.
        """
        for status in (100, 103, 204):
            self.assertIs(outcome(response_length, coding(b"chunked"), status, b"1.1"), UpstreamMalformed)

    def test_coding_of_what_is_not_sent(self) -> None:
        """
        Pitfall 12, RFC 9112 section 6.1: a 304 may name the coding that a 200 would have had.
        """
        self.assertEqual(response_length(coding(b"chunked"), 304, b"1.1"), UNKNOWN)

    def test_length_of_what_is_not_sent(self) -> None:
        """
        Pitfall 12: a 304 tells the length of a body that is not sent.
        """
        self.assertEqual(response_length(length(b"5"), 304, b"1.1"), 5)
