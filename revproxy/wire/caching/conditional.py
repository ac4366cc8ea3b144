"""
Preconditions of a request against a stored response: RFC 9110 section 13, RFC 9111
section 4.3.2.

What is decided here, where the standards leave a choice:

  - C{If-Match} and C{If-Unmodified-Since} are for the origin server: a request with
    one goes there (L{FORWARD}), unless the caller says that it stands in for it.
  - A malformed list of entity tags matches nothing, so the client gets the content.
  - Without C{Last-Modified} the stored C{Date} is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from revproxy.wire.caching.dates import parse_date
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.validators import (
    Validators,
    parse_etags,
    strongly_equal,
    weakly_equal,
)

PASSED: Final = "passed"
"""
Nothing stands against sending the stored response.
"""

NOT_MODIFIED: Final = "not-modified"
"""
The client has it already: answer with 304.
"""

FAILED: Final = "failed"
"""
The client wants something else: answer with 412.
"""

FORWARD: Final = "forward"
"""
Only the origin server may tell.
"""

_SUCCESSFUL: Final = range(200, 300)
_RETRIEVING: Final = (b"GET", b"HEAD")


def evaluate(
    asked: Asked, method: bytes, status: int, stored: Validators, now: float, as_origin: bool = False
) -> str:
    """
    Evaluate the preconditions in their order (RFC 9110 section 13.2.2), C{If-Range}
    apart, for which there is L{range_applies}.

    @param status: of the stored response; only those to successful ones count.
    @param as_origin: whether C{If-Match} and C{If-Unmodified-Since} are for us.
    @return: L{PASSED}, L{NOT_MODIFIED}, L{FAILED} or L{FORWARD}.
    """
    if not asked.conditional or status not in _SUCCESSFUL or method not in _RETRIEVING:
        return PASSED
    if asked.for_origin:
        if not as_origin:
            return FORWARD
        if not _still_wanted(asked, stored, now):
            return FAILED
    if asked.if_none_match is not None:
        return NOT_MODIFIED if _none_match_fails(asked.if_none_match, stored.etag) else PASSED
    if asked.if_modified_since is not None:
        since = parse_date(asked.if_modified_since, now)
        if since is not None and _changed_at(stored) <= since:
            return NOT_MODIFIED
    return PASSED


def range_applies(asked: Asked, stored: Validators, now: float) -> bool:
    """
    Evaluate C{If-Range} (RFC 9110 section 13.1.5): where it is false, C{Range} does
    not count and the whole is sent.
    """
    value = asked.if_range
    if value is None:
        return True
    if b'"' in value[:3]:
        return stored.etag is not None and strongly_equal(value, stored.etag)
    date = parse_date(value, now)
    return date is not None and stored.modified_is_strong and date == stored.modified_at


def _still_wanted(asked: Asked, stored: Validators, now: float) -> bool:
    """
    Evaluate C{If-Match}, or C{If-Unmodified-Since} where that is absent (sections
    13.1.1 and 13.1.4).
    """
    if asked.if_match is not None:
        return _listed(asked.if_match, stored.etag, strongly_equal)
    since = parse_date(asked.if_unmodified_since or b"", now)
    return since is None or stored.modified_at is None or stored.modified_at <= since


def _none_match_fails(value: bytes, etag: bytes | None) -> bool:
    return value == etag or _listed(value, etag, weakly_equal)


def _listed(value: bytes, etag: bytes | None, equal: Callable[[bytes, bytes], bool]) -> bool:
    if value.strip(b"\t ") == b"*":
        return True
    if etag is None:
        return False
    listed = parse_etags(value)
    return listed is not None and any(equal(tag, etag) for tag in listed)


def _changed_at(stored: Validators) -> int:
    return stored.dated_at if stored.modified_at is None else stored.modified_at
