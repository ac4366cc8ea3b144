"""
Responses of which only parts are stored: RFC 9111 sections 3.3 and 3.4.

What is decided here, where the standard leaves a choice:

  - Parts are put together only where both have the same strong validator and, where
    both tell it, the same length of the whole.
  - A body that was cut short is kept, as the part that it is, where it was a 200 to a
    GET and has a strong validator; all others are thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from revproxy.wire.caching.content_range import Place
from revproxy.wire.caching.ranges import Span
from revproxy.wire.caching.validators import Validators, is_strong, same_strong_validator


def may_combine(one: Validators, place: Place, other: Validators, other_place: Place) -> bool:
    """
    Tell whether two parts are of the same whole.
    """
    lengths = {place.length, other_place.length} - {None}
    return len(lengths) < 2 and same_strong_validator(one, other)


def keeps_cut_short(method: bytes, status: int, validators: Validators, octets: int) -> bool:
    """
    Tell whether what came of a body that was cut short may be stored as a part.

    @param octets: how many came.
    """
    return method == b"GET" and status == 200 and octets > 0 and is_strong(validators.etag)


def union(spans: Iterable[Span]) -> list[Span]:
    """
    Put pieces in order and those that overlap or touch together.
    """
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        elif span.start < span.end:
            joined.append(span)
    return joined


def covers(held: Sequence[Span], wanted: Iterable[Span]) -> bool:
    """
    Tell whether the pieces that are stored, as L{union} gave them, have all that is
    wanted.
    """
    return all(any(have.start <= want.start and want.end <= have.end for have in held) for want in wanted)


def first_gap(held: Sequence[Span], wanted: Span) -> Span | None:
    """
    Find what has to be fetched first to have all that is wanted.

    @param held: as L{union} gave them.
    @return: C{None} where all is there.
    """
    start = wanted.start
    for have in held:
        if have.start > start:
            return Span(start, min(have.start, wanted.end)) if start < wanted.end else None
        start = max(start, have.end)
    return Span(start, wanted.end) if start < wanted.end else None


def range_value(span: Span) -> bytes:
    """
    The C{Range} that asks for a piece.
    """
    return b"bytes=%d-%d" % (span.start, span.end - 1)
