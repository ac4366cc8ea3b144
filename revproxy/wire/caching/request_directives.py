"""
What a request's directives ask of caches: RFC 9111 section 5.2.1, RFC 5861 section 4.

They are advice that a cache may leave unheeded: whoever does not want to heed them
takes L{NO_WISHES} in their place, but for C{no-store}.

What is decided here, where the standards leave a choice:

  - Of a repeated directive the first one counts.
  - C{max-age} with an argument that is no number counts as 0, other directives with
    such an argument do not count: the wish for something new is the safe one to read.
  - C{Pragma: no-cache} counts as C{no-cache} where there is no C{Cache-Control} at
    all (RFC 9111 section 5.4 leaves it to those who had it, RFC 7234 section 5.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from revproxy.wire.caching.directive_list import Directive, parse_directives
from revproxy.wire.caching.seconds import MOST, delta_seconds
from revproxy.wire.memo import Memo

_MOST_REMEMBERED: Final = 256
_MOST_REMEMBERED_OCTETS: Final = 256


class RequestDirectives:
    """
    The directives of one request.  Frozen by convention.

    @ivar max_age: how old the response may be, in seconds, C{None} for any age.
    @ivar max_stale: for how long it may have been stale, C{None} where it may not.
    @ivar min_fresh: for how long it has to stay fresh, in seconds.
    @ivar stale_if_error: for how long it may have been stale where the server fails.
    @ivar any_fresh: whether whatever is fresh will do, as nearly always.
    """

    __slots__ = (
        "any_fresh", "max_age", "max_stale", "min_fresh", "no_cache", "no_store", "no_transform",
        "only_if_cached", "stale_if_error",
    )  # fmt: skip

    def __init__(self, directives: Iterable[Directive] = ()) -> None:
        first: dict[bytes, bytes | None] = {}
        for name, argument in directives:
            first.setdefault(name, argument)
        self.max_age = (_seconds(first, b"max-age") or 0) if b"max-age" in first else None
        self.max_stale = MOST if first.get(b"max-stale", b"") is None else _seconds(first, b"max-stale")
        self.min_fresh = _seconds(first, b"min-fresh") or 0
        self.stale_if_error = _seconds(first, b"stale-if-error") or 0
        self.no_cache = b"no-cache" in first
        self.no_store = b"no-store" in first
        self.no_transform = b"no-transform" in first
        self.only_if_cached = b"only-if-cached" in first
        self.any_fresh = not (self.no_cache or self.min_fresh or self.max_age is not None)


_remembered: Final = Memo(_MOST_REMEMBERED)


def read_request_directives(cache_control: bytes | None, pragma: bytes | None) -> RequestDirectives:
    """
    Read the combined values of C{Cache-Control} and C{Pragma}, C{None} for one that is
    absent.  Browsers send a handful of values, so they are remembered.
    """
    if cache_control is None:
        if pragma is None or (b"no-cache", None) not in parse_directives(pragma):
            return NO_WISHES
        return _PRAGMA
    wishes: RequestDirectives | None = _remembered.known.get(cache_control)
    if wishes is None:
        wishes = RequestDirectives(parse_directives(cache_control))
        if len(cache_control) <= _MOST_REMEMBERED_OCTETS:
            _remembered.add(cache_control, wishes)
    return wishes


def _seconds(first: dict[bytes, bytes | None], name: bytes) -> int | None:
    return delta_seconds(first.get(name) or b"")


NO_WISHES: Final = RequestDirectives()
"""
A request without directives.
"""

_PRAGMA: Final = RequestDirectives([(b"no-cache", None)])
