"""
Responses of which only parts are stored: RFC 9111 sections 3.3 and 3.4.

What is decided here, where the standard leaves a choice:

  - Parts are put together only where both have the same strong validator and, where
    both tell it, the same length of the whole.
  - To put them together what is stored has to be copied, so that is done where it is
    little, or no more than what comes.
  - A part does not take the place of a whole of which it is, nor of a larger part, as long
    as these may be used or validated.
  - A body that was cut short is kept, as the part that it is, where it was a 200 to a
    GET and has a strong validator; all others are thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from revproxy.wire.caching.content_range import Place
from revproxy.wire.caching.ranges import Span
from revproxy.wire.caching.updating import head_agrees
from revproxy.wire.caching.validators import Validators, is_strong, same_strong_validator

LITTLE: Final = 1 << 20
"""
So many octets are copied for a part however small that is.
"""


def may_combine(one: Validators, place: Place, other: Validators, other_place: Place) -> bool:
    """
    Tell whether two parts are of the same whole.
    """
    lengths = {place.length, other_place.length} - {None}
    return len(lengths) < 2 and same_strong_validator(one, other)


def is_worth_copying(stored: int, coming: int) -> bool:
    """
    Tell whether a part is worth to be put together with one that is stored.

    @param stored: how many octets would have to be copied.
    @param coming: how many come.
    """
    return stored <= coming or stored + coming <= LITTLE


def outlasts(
    stored: Validators, place: Place, whole: bool, fresh: bool, coming: Validators, coming_place: Place
) -> bool:
    """
    Tell whether what is stored is of more use than a part that comes and would take its
    place.

    @param place: that of what is stored.
    @param whole: whether that is a complete response, not a part.
    """
    if whole:
        if same_strong_validator(stored, coming):
            return True
        return fresh and head_agrees(stored, place.length, coming, coming_place.length)
    if not (fresh and may_combine(stored, place, coming, coming_place)):
        return False
    return _size(place) > _size(coming_place)


def _size(place: Place) -> int:
    return 0 if place.span is None else place.span.end - place.span.start


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
