"""
Validators: entity tags and dates of modification, RFC 9110 section 8.8.

What is decided here, where the standard leaves a choice:

  - An C{ETag} that is no entity tag (without quotes, C{w/"a"}) is never strong and
    matches nothing but the same octets; it is still sent back to the server that made
    it.
  - A date of modification is strong where the response is a minute younger at least
    (section 8.8.2.2): so long two clocks may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.wire.caching.dates import parse_date
from revproxy.wire.pairs import Pair, first_value

_TAG: Final = rb"(?:W/)?\"[!#-~\x80-\xff]*+\""
_IS_TAG: Final = re.compile(_TAG).fullmatch
_MEMBER: Final = re.compile(rb"[\t ,]*+(%b)[\t ]*+(?=,|\Z)" % _TAG).match
_CLOCKS_DIFFER: Final = 60


@mypyc_attr(acyclic=True)
class Validators:
    """
    The validators of one response.  Frozen by convention.

    @ivar etag: the C{ETag} as received, C{None} where it is absent.
    @ivar modified: C{Last-Modified} as received, C{None} where it is absent or no date.
    @ivar modified_at: the same in seconds of the epoch.
    @ivar dated_at: C{Date}, or when the response came.
    """

    __slots__ = ("dated_at", "etag", "modified", "modified_at")

    def __init__(
        self, etag: bytes | None, modified: bytes | None, modified_at: int | None, dated_at: int
    ) -> None:
        self.etag = etag
        self.modified = modified
        self.modified_at = modified_at
        self.dated_at = dated_at

    @property
    def any(self) -> bool:
        """
        Whether there is a validator at all.
        """
        return self.etag is not None or self.modified_at is not None

    @property
    def modified_is_strong(self) -> bool:
        """
        Whether nothing can have changed again in the second that C{Last-Modified}
        tells.
        """
        return self.modified_at is not None and self.modified_at + _CLOCKS_DIFFER <= self.dated_at


def read_validators(fields: Iterable[Pair], received: float) -> Validators:
    """
    Read the validators of a response.

    @param fields: names in lower case.
    @param received: when it came.
    """
    etag = first_value(fields, b"etag")
    modified = first_value(fields, b"last-modified")
    modified_at = None if modified is None else parse_date(modified, received)
    dated_at = parse_date(first_value(fields, b"date") or b"", received)
    return Validators(
        etag or None,
        None if modified_at is None else modified,
        modified_at,
        int(received) if dated_at is None else dated_at,
    )


def is_strong(etag: bytes | None) -> bool:
    """
    Whether this is an entity tag, and not a weak one.
    """
    return etag is not None and etag.startswith(b'"') and _IS_TAG(etag) is not None


def strongly_equal(one: bytes, other: bytes) -> bool:
    """
    The strong comparison of section 8.8.3.2.
    """
    return one == other and is_strong(one)


def weakly_equal(one: bytes, other: bytes) -> bool:
    """
    The weak comparison of section 8.8.3.2.
    """
    return one.removeprefix(b"W/") == other.removeprefix(b"W/")


def parse_etags(value: bytes) -> list[bytes] | None:
    """
    Read the list that C{If-Match} and C{If-None-Match} have, other than C{*}.

    @return: the entity tags in order, C{None} where anything breaks the grammar.
    """
    found: list[bytes] = []
    position = 0
    value = value.rstrip(b"\t ,")
    while position < len(value):
        match = _MEMBER(value, position)
        if match is None:
            return None
        found.append(match[1])
        position = match.end()
    return found


def same_strong_validator(one: Validators, other: Validators) -> bool:
    """
    Whether two responses carry the same octets: they have the same strong entity tag,
    or, where neither has an entity tag, the same date of modification, strong in both.
    """
    if one.etag is not None and other.etag is not None:
        return strongly_equal(one.etag, other.etag)
    if one.etag is not None or other.etag is not None:
        return False
    return one.modified_is_strong and other.modified_is_strong and one.modified_at == other.modified_at
