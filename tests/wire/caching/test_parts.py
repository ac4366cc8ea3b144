"""
Tests of L{revproxy.wire.caching.parts}.
"""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.content_range import Place
from revproxy.wire.caching.parts import (
    LITTLE,
    covers,
    first_gap,
    is_worth_copying,
    keeps_cut_short,
    may_combine,
    outlasts,
    range_value,
    union,
)
from revproxy.wire.caching.ranges import Span, select_spans
from revproxy.wire.caching.validators import read_validators
from tests.wire.caching.messages import NOW, at, fields

SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda span: Span(span[0], sum(span))), max_size=6
)


def octets(spans: list[Span]) -> set[int]:
    return {octet for span in spans for octet in range(*span)}


class MayCombineTests(SynchronousTestCase):
    def test_validators_and_lengths(self) -> None:
        """
        Pitfall 29, Pitfall 41, RFC 9111 section 3.4: parts are of the same whole where they
        have the same strong validator and do not differ in the length of the whole.
        """
        old = [f"Last-Modified: {at(-3600)}", f"Date: {at(0)}"]
        for one, length, other, other_length, expected in [
            (['ETag: "a"'], 10, ['ETag: "a"'], 10, True),
            (['ETag: "a"'], 10, ['ETag: "a"'], None, True),
            (['ETag: "a"'], None, ['ETag: "a"'], None, True),
            (['ETag: "a"'], 10, ['ETag: "a"'], 11, False),
            (['ETag: "a"'], 10, ['ETag: "b"'], 10, False),
            (['ETag: W/"a"'], 10, ['ETag: W/"a"'], 10, False),
            (old, 10, old, 10, True),
            ([], 10, [], 10, False),
        ]:
            found = may_combine(
                read_validators(fields(*one), NOW),
                Place(Span(0, 5), length),
                read_validators(fields(*other), NOW),
                Place(Span(5, 9), other_length),
            )
            self.assertEqual(found, expected, (one, length, other, other_length))

    def test_worth_copying(self) -> None:
        """
        What is little is copied, and what is no more than what comes.
        """
        for stored, coming, expected in [
            (LITTLE - 1, 1, True),
            (LITTLE, 1, False),
            (LITTLE, LITTLE, True),
            (LITTLE + 1, LITTLE, False),
            (0, 1, True),
        ]:
            self.assertEqual(is_worth_copying(stored, coming), expected, (stored, coming))

    def test_outlasts(self) -> None:
        """
        A part does not take the place of more of the same.
        """
        strong, weak, other = ['ETag: "a"'], ['ETag: W/"a"'], ['ETag: "b"']
        for stored, octets, whole, fresh, coming, length, expected in [
            (strong, 10, True, True, strong, 10, True),
            (strong, 10, True, False, strong, 10, True),
            (strong, 10, True, True, other, 10, False),
            (weak, 10, True, True, weak, 10, True),
            (weak, 10, True, False, weak, 10, False),
            ([], 10, True, True, [], 10, True),
            ([], 10, True, True, [], 11, False),
            (strong, 6, False, True, strong, 10, True),
            (strong, 6, False, False, strong, 10, False),
            (strong, 5, False, True, strong, 10, False),
            (weak, 6, False, True, weak, 10, False),
        ]:
            found = outlasts(
                read_validators(fields(*stored), NOW),
                Place(Span(0, octets), 10),
                whole,
                fresh,
                read_validators(fields(*coming), NOW),
                Place(Span(0, 5), length),
            )
            self.assertEqual(found, expected, (stored, octets, whole, fresh, coming, length))

    def test_cut_short(self) -> None:
        """
        Pitfall 13, RFC 9111 section 3.3: what was cut short is at most kept as a part, and
        only where the rest can be found later.
        """
        strong = read_validators(fields('ETag: "a"'), NOW)
        self.assertTrue(keeps_cut_short(b"GET", 200, strong, 5))
        self.assertFalse(keeps_cut_short(b"GET", 200, strong, 0))
        self.assertFalse(keeps_cut_short(b"GET", 404, strong, 5))
        self.assertFalse(keeps_cut_short(b"POST", 200, strong, 5))
        for lines in [[], ['ETag: W/"a"'], [f"Last-Modified: {at(-9000)}"]]:
            self.assertFalse(keeps_cut_short(b"GET", 200, read_validators(fields(*lines), NOW), 5), lines)


class SpansTests(SynchronousTestCase):
    def test_examples(self) -> None:
        """
        RFC 9111 section 3.3: what is stored answers what lies within it; the first gap is
        asked for with a range.
        """
        held = union([Span(4, 10), Span(0, 2), Span(2, 3)])
        self.assertEqual(held, [(0, 3), (4, 10)])
        self.assertTrue(covers(held, [Span(0, 3), Span(6, 9)]))
        self.assertFalse(covers(held, [Span(2, 5)]))
        self.assertEqual(first_gap(held, Span(0, 20)), (3, 4))
        self.assertEqual(first_gap(held, Span(5, 20)), (10, 20))
        self.assertIsNone(first_gap(held, Span(5, 10)))
        self.assertEqual(range_value(Span(5, 10)), b"bytes=5-9")

    @settings(deadline=None)
    @given(SPANS)
    def test_union(self, spans: list[Span]) -> None:
        """
        Putting pieces together neither loses nor makes up an octet, and leaves them apart
        and in order.
        """
        held = union(spans)
        self.assertEqual(octets(held), octets(spans))
        self.assertTrue(all(span.start < span.end for span in held))
        self.assertTrue(all(one.end < other.start for one, other in pairwise(held)))

    @settings(deadline=None)
    @given(SPANS, st.integers(0, 60), st.integers(1, 30))
    def test_gaps(self, spans: list[Span], start: int, size: int) -> None:
        """
        Fetching the first gap again and again completes what is wanted, and nothing is
        fetched twice.
        """
        wanted, held = Span(start, start + size), union(spans)
        for _ in range(len(spans) + 1):
            gap = first_gap(held, wanted)
            if gap is None:
                break
            self.assertFalse(octets([gap]) & octets(held))
            self.assertTrue(octets([gap]) <= octets([wanted]))
            held = union([*held, gap])
        self.assertTrue(covers(held, [wanted]))
        self.assertIsNone(first_gap(held, wanted))

    @settings(deadline=None)
    @given(st.integers(0, 100), st.integers(1, 100))
    def test_what_is_asked_for_is_sent(self, start: int, size: int) -> None:
        """
        The range that is asked for is the piece that is missing.
        """
        span = Span(start, start + size)
        self.assertEqual(select_spans(range_value(span), 1000), [span])
