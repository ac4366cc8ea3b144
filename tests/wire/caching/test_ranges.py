"""
Tests of L{revproxy.wire.caching.ranges}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.ranges import MOST, Span, select_spans

MEMBERS = st.tuples(st.integers(0, 400) | st.none(), st.integers(0, 400) | st.none()).map(
    lambda bounds: "-".join("" if bound is None else str(bound) for bound in bounds)
)


class SelectSpansTests(SynchronousTestCase):
    def check(self, length: int, rows: list[tuple[bytes, list[tuple[int, int]] | None]]) -> None:
        """
        @param rows: each the field and the pieces that are sent.
        """
        for value, expected in rows:
            self.assertEqual(select_spans(value, length), expected, value)

    def test_single_ranges(self) -> None:
        """
        RFC 9110 section 14.1.2: with both ends, open, and from the end.
        """
        self.check(
            10_000,
            [
                (b"bytes=0-499", [(0, 500)]),
                (b"bytes=500-999", [(500, 1000)]),
                (b"bytes=-500", [(9500, 10_000)]),
                (b"bytes=9500-", [(9500, 10_000)]),
                (b"bytes=0-0", [(0, 1)]),
                (b"bytes=-1", [(9999, 10_000)]),
                (b"bytes=9999-", [(9999, 10_000)]),
                (b"bytes=0-", [(0, 10_000)]),
                (b"bytes=-20000", [(0, 10_000)]),
                (b"bytes=9000-20000", [(9000, 10_000)]),
                (b"bytes=000-0009", [(0, 10)]),
                (b"Bytes=0-9", [(0, 10)]),
                (b"bytes= 0-9 ", [(0, 10)]),
                (b"bytes=,,0-9,", [(0, 10)]),
                (b"bytes=9-" + b"9" * 900, [(9, 10_000)]),
                (b"bytes=-" + b"9" * 900, [(0, 10_000)]),
            ],
        )

    def test_several_ranges(self) -> None:
        """
        RFC 9110 section 15.3.7.2: parts come in the order of the request.
        """
        self.check(
            10_000,
            [
                (b"bytes=0-0,-1", [(0, 1), (9999, 10_000)]),
                (b"bytes=500-600, 9000-", [(500, 601), (9000, 10_000)]),
                (b"bytes=9000-,500-600", [(9000, 10_000), (500, 601)]),
                (b"bytes=9000-,20000-", [(9000, 10_000)]),
            ],
        )

    def test_ranges_that_are_near(self) -> None:
        """
        RFC 9110 section 14.2 (CVE-2011-3192): ranges that overlap or are near each other
        are sent as one.
        """
        self.check(
            10_000,
            [
                (b"bytes=500-700,601-999", [(500, 1000)]),
                (b"bytes=500-600,601-999", [(500, 1000)]),
                (b"bytes=601-999,500-600", [(500, 1000)]),
                (b"bytes=0-9,20-29", [(0, 30)]),
                (b"bytes=0-9,200-209", [(0, 10), (200, 210)]),
                (b"bytes=5000-,0-,10-20", [(0, 10_000)]),
                (b"bytes=9000-9100,0-10,5-20", [(9000, 9101), (0, 21)]),
                (b"bytes=" + b"0-," * MOST, [(0, 10_000)]),
            ],
        )

    def test_unsatisfiable_ranges(self) -> None:
        """
        RFC 9110 sections 14.1.2 and 15.5.17: where no range is in the body none is sent.
        """
        self.check(
            10,
            [
                (b"bytes=10-", []),
                (b"bytes=10-20", []),
                (b"bytes=-0", []),
                (b"bytes=10-,-0,99-", []),
                (b"bytes=" + b"9" * 900 + b"-", []),
            ],
        )
        self.check(0, [(b"bytes=0-", []), (b"bytes=0-9", []), (b"bytes=-0", []), (b"bytes=-5", None)])

    def test_what_does_not_count(self) -> None:
        """
        RFC 9110 section 14.2: other units, what is malformed, and too many ranges leave
        the whole to be sent.
        """
        self.check(
            10_000,
            [
                (b"", None),
                (b"bytes", None),
                (b"bytes=", None),
                (b"bytes=,", None),
                (b"bytes=-", None),
                (b"bytes=a-b", None),
                (b"bytes=5", None),
                (b"bytes=5-1", None),
                (b"bytes=0-1,5-1", None),
                (b"bytes=0-1;2-3", None),
                (b"bytes=0-1 2-3", None),
                (b"bytes=0 - 1", None),
                (b"bytes=--1", None),
                (b"bytes=+1-2", None),
                (b"bytes=1.0-2", None),
                (b"bytes =0-1", None),
                (b" bytes=0-1", None),
                (b"lines=0-1", None),
                (b"bytes=0-1\n", None),
                (b"bytes=\xb20-1", None),
                (b"bytes=" + b"0-," * (MOST + 1), None),
                (b"bytes=" + b"9" * 900 + b"-5", None),
                (b"bytes=0-" + b"9" * 5000, None),
            ],
        )

    @settings(deadline=None)
    @given(st.lists(MEMBERS, max_size=6), st.integers(0, 300))
    def test_like_a_set_of_octets(self, members: list[str], length: int) -> None:
        """
        What is sent is what was asked for and small gaps, no octet twice, and never more
        than there is.
        """
        spans = select_spans(f"bytes={','.join(members)}".encode(), length)
        if spans is not None:
            sent = [octet for span in spans for octet in range(*span)]
            wanted = {octet for member in members for octet in range(length) if within(octet, member, length)}
            self.assertEqual(len(sent), len(set(sent)))
            self.assertTrue(wanted <= set(sent) <= set(range(length)))
            self.assertEqual(bool(sent), bool(wanted))
            self.assertEqual([span for span in spans if span.start >= span.end], [])

    @settings(deadline=None)
    @given(st.binary(max_size=30) | st.text("bytes=0123-, ", max_size=30).map(str.encode), st.integers(0, 50))
    def test_any_octets(self, value: bytes, length: int) -> None:
        """
        Nothing makes reading fail, and what is given is in the body.
        """
        for span in select_spans(value, length) or []:
            self.assertIsInstance(span, Span)
            self.assertTrue(0 <= span.start < span.end <= length)


def within(octet: int, member: str, length: int) -> bool:
    first, _, last = member.partition("-")
    if not first:
        return bool(last) and octet >= length - int(last)
    return int(first) <= octet and (not last or octet <= int(last))
