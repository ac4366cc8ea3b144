"""
The ranges that a request asks for: RFC 9110 section 14.

What is decided here, where the standard leaves a choice:

  - C{bytes} is the one unit.  A C{Range} of another unit, with a broken member, or of
    more than L{MOST} ranges does not count: the whole is sent.
  - Ranges that overlap, touch or leave less between them than a part's head takes are
    sent as one, so that nobody gets more octets by asking for parts than there are
    (CVE-2011-3192).
  - Parts come in the order in which they were asked for.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MOST: Final = 16
"""
How many ranges a request may ask for.
"""

_UNIT: Final = re.compile(rb"bytes=", re.IGNORECASE).match
_MEMBER: Final = re.compile(rb"[\t ]*+(?:([0-9]+)-([0-9]*+)|-([0-9]+))?[\t ]*+(?:,|\Z)").match
_SMALL_GAP: Final = 80
_BEYOND: Final = 2**63
_MOST_DIGITS: Final = 18
_MOST_OCTETS: Final = 1024


class Span(NamedTuple):
    """
    A piece of a body: from C{start} up to C{end}, which is not in it any more.
    """

    start: int
    end: int


def select_spans(value: bytes, length: int) -> list[Span] | None:
    """
    Read C{Range} for a body of a known length.

    @return: the pieces to be sent; none where none of the ranges is in the body, which
        is answered with 416; C{None} where the whole is sent.
    """
    asked = _parse(value, length) if _UNIT(value) and len(value) <= _MOST_OCTETS else None
    if asked is None:
        return None
    spans = [span for span in asked if span.start < span.end]
    return spans if len(spans) < 2 else _coalesced(spans)


def _parse(value: bytes, length: int) -> list[Span] | None:
    """
    @return: the ranges cut to the body, empty where they are not in it; C{None} where
        the field does not count.
    """
    found: list[Span] = []
    position = len(b"bytes=")
    while position < len(value):
        match = _MEMBER(value, position)
        if match is None or len(found) > MOST:
            return None
        position = match.end()
        first, last, suffix = match.groups()
        if suffix is not None:
            size = _number(suffix)
            if size and not length:  # satisfied by an empty body, of which no part can be told
                return None
            found.append(Span(max(length - size, 0), length))
        elif first is not None:
            start = _number(first)
            end = _number(last) + 1 if last else _BEYOND + 1
            if end <= start:
                return None
            found.append(Span(start, min(end, length)))
    return found if 0 < len(found) <= MOST else None


def _number(digits: bytes) -> int:
    digits = digits.lstrip(b"0") or b"0"
    return int(digits) if len(digits) <= _MOST_DIGITS else _BEYOND


def _coalesced(spans: list[Span]) -> list[Span]:
    """
    Join spans that are near each other; each stands where its first one stood.
    """
    joined: list[tuple[int, Span]] = []
    for place, span in sorted(enumerate(spans), key=lambda item: item[1]):
        if joined and span.start <= joined[-1][1].end + _SMALL_GAP:
            before, last = joined[-1]
            joined[-1] = (min(before, place), Span(last.start, max(last.end, span.end)))
        else:
            joined.append((place, span))
    return [span for _, span in sorted(joined)]
