"""
Which kind of text a client would rather read (RFC 9110 section 12.5.1).

For what the proxy itself has to say: refusals and the like.
"""

import re
from functools import lru_cache
from typing import Final

TEXT: Final = b"text/plain"
HTML: Final = b"text/html"
JSON: Final = b"application/json"

_MOST_BYTES = 1024
_QUALITY = re.compile(rb"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)").fullmatch
_EXACT, _TYPE, _ANY = 3, 2, 1


def preferred(accept: bytes | None) -> bytes:
    """
    Choose between L{TEXT}, L{HTML} and L{JSON}.

    @param accept: the combined value of the Accept field.  Plain text is the
        answer where it is absent, longer than 1024 octets, or wants none of the
        three; between equals the one that is named more exactly wins, then the
        one that is named first.
    """
    if accept is None or accept == b"*/*" or len(accept) > _MOST_BYTES:
        return TEXT
    return _best(accept)


@lru_cache(maxsize=256)
def _best(accept: bytes) -> bytes:
    ranges = [_media_range(item) for item in accept.lower().split(b",")]
    best, best_rank = TEXT, (0.0, 0, 0)
    for kind in (TEXT, HTML, JSON):
        rank = _rank(kind, ranges)
        if rank > best_rank:
            best, best_rank = kind, rank
    return best


def _media_range(item: bytes) -> tuple[bytes, float]:
    """
    Split C{text/html;level=1;q=0.5} into its media range and quality; one with a
    malformed quality counts as not acceptable.
    """
    name, *parameters = item.split(b";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.strip(b" \t").partition(b"=")
        if key == b"q":
            quality = float(value) if _QUALITY(value) else 0.0
    return name.strip(b" \t"), quality


def _rank(kind: bytes, ranges: list[tuple[bytes, float]]) -> tuple[float, int, int]:
    """
    Rank a kind by its quality, how exactly it is named and how early.  The most
    exact range that matches sets the quality, even where another has a higher one.
    """
    exactness = {kind: _EXACT, kind.partition(b"/")[0] + b"/*": _TYPE, b"*/*": _ANY}
    found, quality, place = 0, 0.0, 0
    for index, (name, value) in enumerate(ranges):
        exact = exactness.get(name, 0)
        if exact > found:
            found, quality, place = exact, value, -index
    return (quality, found, place) if quality else (0.0, 0, 0)
