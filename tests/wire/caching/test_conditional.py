"""
Tests of L{revproxy.wire.caching.conditional}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.conditional import FAILED, FORWARD, NOT_MODIFIED, PASSED, evaluate, range_applies
from revproxy.wire.caching.request import read_request
from revproxy.wire.caching.validators import read_validators
from tests.wire.caching.messages import NOW, at, fields

TAG = 'ETag: "abcdef"'
WEAK = 'ETag: W/"abcdef"'
OLD = f"Last-Modified: {at(-3000)}"
DATE = f"Date: {at(0)}"


def evaluated(
    request: list[str],
    response: list[str],
    method: bytes = b"GET",
    status: int = 200,
    as_origin: bool = False,
) -> str:
    stored = read_validators(fields(*response), NOW)
    return evaluate(read_request(fields(*request)), method, status, stored, NOW, as_origin)


class EvaluateTests(SynchronousTestCase):
    def check(self, rows: list[tuple[str, list[str], list[str], str]]) -> None:
        """
        @param rows: each the section, fields of the request and of the response, and what
            comes out.
        """
        for section, request, response, expected in rows:
            self.assertEqual(evaluated(request, response), expected, (section, request, response))

    def test_if_none_match(self) -> None:
        """
        RFC 9110 section 13.1.2: lists, C{*}, the weak comparison.
        """
        self.check(
            [
                ("13.1.2", [], [TAG], PASSED),
                ("13.1.2", ['If-None-Match: "abcdef"'], [TAG], NOT_MODIFIED),
                ("13.1.2", ['If-None-Match: "abcde"'], [TAG], PASSED),
                ("13.1.2", ['If-None-Match: "ABCDEF"'], [TAG], PASSED),
                ("13.1.2", ['If-None-Match: "abcdef", "1234", "5678"'], [TAG], NOT_MODIFIED),
                ("13.1.2", ['If-None-Match: "1234", "abcdef", "5678"'], [TAG], NOT_MODIFIED),
                ("13.1.2", ['If-None-Match: "1234", "5678", "abcdef"'], [TAG], NOT_MODIFIED),
                ("5.3", ['If-None-Match: "1234"', 'If-None-Match: "abcdef"'], [TAG], NOT_MODIFIED),
                ("13.1.2", ['If-None-Match: "1234", "5678"'], [TAG], PASSED),
                ("13.1.2", ["If-None-Match: *"], [TAG], NOT_MODIFIED),
                ("13.1.2", ["If-None-Match: *"], [], NOT_MODIFIED),
                ("13.1.2", ['If-None-Match: "abcdef"'], [], PASSED),
                ("8.8.3.2", ['If-None-Match: W/"abcdef"'], [WEAK], NOT_MODIFIED),
                ("8.8.3.2", ['If-None-Match: W/"abcdef"'], [TAG], NOT_MODIFIED),
                ("8.8.3.2", ['If-None-Match: "abcdef"'], [WEAK], NOT_MODIFIED),
                ("8.8.3", ['If-None-Match: "abcdef\xfc"'], ['ETag: "abcdef\xfc"'], NOT_MODIFIED),
            ]
        )

    def test_malformed_if_none_match(self) -> None:
        """
        RFC 9110 section 8.8.3: what is no entity tag matches at most the same octets, so
        that the client gets the content.
        """
        self.check(
            [
                ("8.8.3", ["If-None-Match: abcdef"], [TAG], PASSED),
                ("8.8.3", ['If-None-Match: "abcdef'], [TAG], PASSED),
                ("8.8.3", ['If-None-Match: "abcdef" "x"'], [TAG], PASSED),
                ("8.8.3", ['If-None-Match: w/"abcdef"'], [TAG], PASSED),
                ("8.8.3", ['If-None-Match: "abcdef"'], ["ETag: abcdef"], PASSED),
                ("8.8.3", ["If-None-Match: abcdef"], ["ETag: abcdef"], NOT_MODIFIED),
                ("8.8.3", ["If-None-Match:"], [TAG], PASSED),
            ]
        )

    def test_if_modified_since(self) -> None:
        """
        RFC 9110 section 13.1.3, RFC 9111 section 4.3.2: C{Last-Modified} is compared, and
        C{Date} where there is none; what is no date does not count.
        """
        self.check(
            [
                ("13.1.3", [f"If-Modified-Since: {at(-3000)}"], [OLD, DATE], NOT_MODIFIED),
                ("13.1.3", [f"If-Modified-Since: {at(-2000)}"], [OLD, DATE], NOT_MODIFIED),
                ("13.1.3", [f"If-Modified-Since: {at(-3001)}"], [OLD, DATE], PASSED),
                ("13.1.3", ["If-Modified-Since: 0"], [OLD, DATE], PASSED),
                ("13.1.3", ["If-Modified-Since: Thu, 18 Aug 2050 02:01:18 UTC"], [OLD, DATE], PASSED),
                ("13.1.3", ["If-Modified-Since: Thursday, 18-Aug-50 02:01:18 GMT"], [OLD], NOT_MODIFIED),
                ("4.3.2", [f"If-Modified-Since: {at(-10)}"], [DATE], PASSED),
                ("4.3.2", [f"If-Modified-Since: {at(0)}"], [DATE], NOT_MODIFIED),
                ("4.3.2", [f"If-Modified-Since: {at(0)}"], [], NOT_MODIFIED),
                ("4.3.2", [f"If-Modified-Since: {at(-1)}"], [], PASSED),
            ]
        )

    def test_precedence(self) -> None:
        """
        RFC 9110 section 13.2.2: where there is If-None-Match, If-Modified-Since does not
        count, whether it would say more or less.
        """
        early, late = f"If-Modified-Since: {at(-5000)}", f"If-Modified-Since: {at(-1)}"
        self.check(
            [
                ("13.2.2", ['If-None-Match: "abcdef"', early], [TAG, OLD], NOT_MODIFIED),
                ("13.2.2", ['If-None-Match: "x"', late], [TAG, OLD], PASSED),
                ("13.2.2", ['If-None-Match: "x"', late], [OLD], PASSED),
            ]
        )

    def test_for_the_origin_server(self) -> None:
        """
        RFC 9111 section 4.3.2: If-Match and If-Unmodified-Since are not for caches.
        """
        self.check(
            [
                ("4.3.2", ['If-Match: "abcdef"'], [TAG], FORWARD),
                ("4.3.2", ['If-Match: "x"'], [TAG], FORWARD),
                ("4.3.2", [f"If-Unmodified-Since: {at(-5000)}"], [OLD], FORWARD),
                ("4.3.2", ['If-Match: "abcdef"', 'If-None-Match: "abcdef"'], [TAG], FORWARD),
            ]
        )

    def test_as_the_origin_server(self) -> None:
        """
        RFC 9110 sections 13.1.1, 13.1.4 and 13.2.2: who stands in for the origin server
        evaluates them first.
        """
        for section, request, response, expected in [
            ("13.1.1", ['If-Match: "abcdef"'], [TAG], PASSED),
            ("13.1.1", ['If-Match: "x", "abcdef"'], [TAG], PASSED),
            ("13.1.1", ["If-Match: *"], [], PASSED),
            ("13.1.1", ['If-Match: "x"'], [TAG], FAILED),
            ("13.1.1", ['If-Match: W/"abcdef"'], [WEAK], FAILED),
            ("13.1.1", ['If-Match: "abcdef"'], [], FAILED),
            ("13.1.1", ["If-Match: abcdef"], [TAG], FAILED),
            ("13.1.4", [f"If-Unmodified-Since: {at(-3000)}"], [OLD], PASSED),
            ("13.1.4", [f"If-Unmodified-Since: {at(-3001)}"], [OLD], FAILED),
            ("13.1.4", ["If-Unmodified-Since: x"], [OLD], PASSED),
            ("13.1.4", [f"If-Unmodified-Since: {at(-3001)}"], [], PASSED),
            ("13.2.2", ['If-Match: "abcdef"', f"If-Unmodified-Since: {at(-3001)}"], [TAG, OLD], PASSED),
            ("13.2.2", ['If-Match: "abcdef"', 'If-None-Match: "abcdef"'], [TAG], NOT_MODIFIED),
            ("13.2.2", ['If-Match: "x"', 'If-None-Match: "abcdef"'], [TAG], FAILED),
        ]:
            found = evaluated(request, response, as_origin=True)
            self.assertEqual(found, expected, (section, request, response))

    def test_methods_and_statuses(self) -> None:
        """
        RFC 9110 sections 13.1.3 and 13.2.1: preconditions count for GET and HEAD, and
        against responses that were successful.
        """
        request, response = ['If-None-Match: "abcdef"'], [TAG]
        self.assertEqual(evaluated(request, response, b"HEAD"), NOT_MODIFIED)
        self.assertEqual(evaluated(request, response, b"POST"), PASSED)
        for status, expected in [
            (203, NOT_MODIFIED),
            (206, NOT_MODIFIED),
            (301, PASSED),
            (404, PASSED),
            (500, PASSED),
        ]:
            self.assertEqual(evaluated(request, response, status=status), expected, status)

    @settings(deadline=None)
    @given(st.binary(max_size=30), st.binary(max_size=30))
    def test_any_octets(self, value: bytes, etag: bytes) -> None:
        """
        Nothing makes evaluating fail.
        """
        stored = read_validators([(b"etag", etag), (b"last-modified", etag)], NOW)
        for name in (
            b"if-match",
            b"if-none-match",
            b"if-modified-since",
            b"if-unmodified-since",
            b"if-range",
        ):
            asked = read_request([(name, value)])
            evaluate(asked, b"GET", 200, stored, NOW, as_origin=True)
            range_applies(asked, stored, NOW)


class RangeAppliesTests(SynchronousTestCase):
    def test_if_range(self) -> None:
        """
        Pitfall 41, RFC 9110 section 13.1.5: only a strong validator that is the same lets
        a range be sent.
        """
        for request, response, expected in [
            ([], [TAG], True),
            (['If-Range: "abcdef"'], [TAG], True),
            (['If-Range: "abcde"'], [TAG], False),
            (['If-Range: W/"abcdef"'], [WEAK], False),
            (['If-Range: "abcdef"'], [WEAK], False),
            (['If-Range: "abcdef"'], [], False),
            (['If-Range: "abcdef", "x"'], [TAG], False),
            (['If-Range: "abcdef"', 'If-Range: "abcdef"'], [TAG], False),
            ([f"If-Range: {at(-3000)}"], [OLD, DATE], True),
            ([f"If-Range: {at(-2999)}"], [OLD, DATE], False),
            ([f"If-Range: {at(-3001)}"], [OLD, DATE], False),
            ([f"If-Range: {at(-3000)}"], [OLD, f"Date: {at(-2990)}"], False),
            ([f"If-Range: {at(-3000)}"], [TAG], False),
            (["If-Range: abcdef"], [TAG], False),
            (["If-Range:"], [TAG], False),
        ]:
            asked = read_request(fields(*request, "Range: bytes=0-1"))
            stored = read_validators(fields(*response), NOW)
            self.assertEqual(range_applies(asked, stored, NOW), expected, (request, response))
