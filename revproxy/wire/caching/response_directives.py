"""
What a response's directives tell caches: RFC 9111 section 5.2.2, RFC 5861, RFC 8246.

What is decided here, where the standards leave a choice:

  - Of a repeated directive the first one counts (RFC 9111 section 4.2.1); but one
    C{no-cache} or C{private} without field names is enough, and the names of several
    are taken together.
  - A lifetime that is no number of seconds is 0: the response is stale (the same).
  - A directive that forbids counts with whatever argument, one that allows
    (C{public}, C{must-understand}, C{immutable}) only without any.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from revproxy.wire.caching.directive_list import MALFORMED, Directive, field_names, parse_directives
from revproxy.wire.caching.seconds import delta_seconds
from revproxy.wire.memo import Memo
from revproxy.wire.pairs import Pair, values_of

LIFETIMES: Final = frozenset((b"max-age", b"s-maxage", b"stale-if-error", b"stale-while-revalidate"))
"""
The directives whose argument is a number of seconds.
"""

_KNOWN: Final = LIFETIMES | frozenset(
    b"immutable must-revalidate must-understand no-cache no-store no-transform private proxy-revalidate"
    b" public".split()
)
_MOST_REMEMBERED: Final = 1024
_MOST_REMEMBERED_OCTETS: Final = 512


class ResponseDirectives:
    """
    The directives of one response.  Frozen by convention.

    @ivar max_age: seconds, C{None} where nothing is said; so all four lifetimes.
    @ivar no_cache: without field names: never to be used without validation.
    @ivar no_cache_fields: the fields that C{no-cache} names, in lower case.
    @ivar private: without field names: not for a shared cache at all.
    @ivar private_fields: the fields that C{private} names, in lower case.
    @ivar targeted: whether this was said in a field for caches of our kind, so that
        C{Cache-Control} and C{Expires} do not count (RFC 9213 section 2.2).
    @ivar extensions: the directives that are not known, in order.
    """

    __slots__ = (
        "extensions", "immutable", "max_age", "must_revalidate", "must_understand", "no_cache",
        "no_cache_fields", "no_store", "no_transform", "private", "private_fields", "proxy_revalidate",
        "public", "s_maxage", "stale_if_error", "stale_while_revalidate", "targeted",
    )  # fmt: skip

    def __init__(self, directives: Iterable[Directive] = (), targeted: bool = False) -> None:
        listed = list(directives)
        first: dict[bytes, bytes | None] = {}
        for name, argument in listed:
            first.setdefault(name, argument)
        self.targeted = targeted
        self.max_age = _lifetime(first, b"max-age")
        self.s_maxage = _lifetime(first, b"s-maxage")
        self.stale_while_revalidate = _lifetime(first, b"stale-while-revalidate")
        self.stale_if_error = _lifetime(first, b"stale-if-error")
        self.no_store = b"no-store" in first
        self.no_transform = b"no-transform" in first
        self.must_revalidate = b"must-revalidate" in first
        self.proxy_revalidate = b"proxy-revalidate" in first
        self.public = first.get(b"public", MALFORMED) is None
        self.must_understand = first.get(b"must-understand", MALFORMED) is None
        self.immutable = first.get(b"immutable", MALFORMED) is None
        self.no_cache, self.no_cache_fields = _restricted(listed, b"no-cache")
        self.private, self.private_fields = _restricted(listed, b"private")
        self.extensions = tuple(directive for directive in listed if directive[0] not in _KNOWN)


_remembered: Final = Memo(_MOST_REMEMBERED)


def read_response_directives(fields: Iterable[Pair]) -> ResponseDirectives:
    """
    Read C{Cache-Control}.  Servers repeat theirs, so it is remembered by its octets.

    @param fields: names in lower case.
    """
    values = values_of(fields, b"cache-control")
    if not values:
        return NOTHING_SAID
    value = values[0] if len(values) == 1 else b", ".join(values)
    said: ResponseDirectives | None = _remembered.known.get(value)
    if said is None:
        said = ResponseDirectives(parse_directives(value))
        if len(value) <= _MOST_REMEMBERED_OCTETS:
            _remembered.add(value, said)
    return said


def _lifetime(first: dict[bytes, bytes | None], name: bytes) -> int | None:
    if name not in first:
        return None
    return delta_seconds(first[name] or b"") or 0


def _restricted(directives: list[Directive], name: bytes) -> tuple[bool, tuple[bytes, ...]]:
    """
    @return: whether the directive is there without field names, and the names where
        it is there with them only.
    """
    named: list[bytes] = []
    for directive, argument in directives:
        if directive == name:
            names = field_names(argument)
            if not names:
                return True, ()
            named.extend(names)
    return False, tuple(named)


NOTHING_SAID: Final = ResponseDirectives()
"""
A response without directives.
"""
