"""
Which fields of a response are stored: RFC 9111 section 3.1.

What is decided here, where the standard leaves a choice:

  - Fields of one connection, and those that C{Connection} names, are not stored; so
    is framing, as whoever sends the response writes it.
  - The fields that C{no-cache} and C{private} name are not stored, so the rest of the
    response can be used.
  - C{Age} is not stored: every answer gets its own.
  - C{Date} is always there: when the response came, where it had none or no valid one.
  - Trailers are not stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from revproxy.wire.caching.dates import format_date, parse_date
from revproxy.wire.caching.response_directives import ResponseDirectives
from revproxy.wire.caching.tags import TAG_FIELDS
from revproxy.wire.fields import Fields
from revproxy.wire.hop_by_hop import RESPONSE_REMOVED, end_to_end_response
from revproxy.wire.pairs import Pair, first_value

_NEVER: Final = RESPONSE_REMOVED | {b"age"}
_ALTERED: Final = _NEVER | TAG_FIELDS


def is_stored_as_it_is(fields: Iterable[Pair], said: ResponseDirectives, received: float) -> bool:
    """
    Whether L{stored_fields} would leave all fields as they are, tags included.

    @param fields: those that go on to the client, names in lower case.
    """
    if said.no_cache_fields or said.private_fields:
        return False
    date = None
    for name, value in fields:
        if name in _ALTERED:
            return False
        if date is None and name == b"date":
            date = value
    return date is not None and parse_date(date, received) is not None


def stored_fields(fields: Collection[Pair], said: ResponseDirectives, received: float) -> Fields:
    """
    Choose the fields that are stored of a response, or that update those of a stored
    one.

    @param fields: as received, names in lower case.
    @param said: the directives that count.
    @param received: when the response came.
    """
    removed = _NEVER
    if said.no_cache_fields or said.private_fields:
        removed = removed.union(said.no_cache_fields, said.private_fields)
    kept = end_to_end_response(fields, removed)
    date = first_value(kept, b"date")
    if date is None or parse_date(date, received) is None:
        kept.set(b"date", format_date(int(received)))
    return kept
