"""
What a request says that a cache has to know, read in one pass over its fields.

What is decided here, where the standards leave a choice:

  - Of C{Range} and the preconditions with a date, which may be there once, several do
    not count; several C{If-Range} fit nothing (RFC 9110 sections 13.1.3, 14.2).
  - Some frameworks let a field take the place of the method, the host or the target.  A
    cache that does not know would keep the answer to one request for another (cache
    poisoning), so such fields are told: see L{Asked.overrides}.
  - Those by which proxies tell who a client is and how it came do not count among them:
    from those who are not believed they do not go on, and what the believed ones tell is
    in the key (L{revproxy.wire.forwarded.ForwardedPolicy.apart}).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from revproxy.wire.caching.request_directives import NO_WISHES, read_request_directives
from revproxy.wire.forwarded import IDENTITY
from revproxy.wire.pairs import Pair

OVERRIDES: Final = frozenset(
    b"base-url front-end-https x-backend-host x-envoy-original-path x-host x-http-host-override"
    b" x-http-method x-http-method-override x-http-status-code-override x-method-override"
    b" x-middleware-subrequest x-proxy-url x-real-host x-replaced-path x-scheme x-script-name"
    b" x-url-scheme".split()
)
"""
Fields that some servers take in place of the method, the scheme, the host or the target.
"""

OVERRIDING: Final = (b"x-forwarded-", b"x-original-", b"x-rewrite-")
"""
What other such fields begin with.
"""

_ADDRESSES: Final = frozenset((b"x-original-forwarded-for",))
"""
Fields that begin so and tell nothing but the addresses of clients.
"""

_TELLING: Final = OVERRIDES | frozenset(
    b"authorization cache-control cookie if-match if-modified-since if-none-match if-range"
    b" if-unmodified-since pragma range".split()
)
_SINGLE: Final = frozenset((b"if-modified-since", b"if-unmodified-since", b"range"))


class Asked:
    """
    A request as a cache sees it.  Frozen by convention.

    @ivar wishes: the directives.
    @ivar authorized: whether C{Authorization} is there.
    @ivar personal: whether that or C{Cookie} is there.
    @ivar conditional: whether any precondition but C{If-Range} is there.
    @ivar for_origin: whether one of them is for the origin server alone.
    @ivar if_match: the combined value, C{None} where it is absent; so all of these.
    @ivar overrides: the names of fields for which L{overrides} holds.  A request with one
        that is not in the key must be neither answered from the cache nor kept.
    """

    __slots__ = (
        "authorized", "conditional", "for_origin", "if_match", "if_modified_since", "if_none_match",
        "if_range", "if_unmodified_since", "overrides", "personal", "range", "wishes",
    )  # fmt: skip

    def __init__(self, telling: list[Pair]) -> None:
        """
        @param telling: the fields that matter here, or more.
        """
        found: dict[bytes, bytes] = {}
        repeated: set[bytes] = set()
        for name, value in telling:
            if name in found:
                repeated.add(name)
                found[name] += b", " + value
            else:
                found[name] = value
        self.authorized = b"authorization" in found
        self.personal = self.authorized or b"cookie" in found
        self.overrides = tuple(sorted([name for name in found if overrides(name)]))
        self.if_match = found.get(b"if-match")
        self.if_none_match = found.get(b"if-none-match")
        self.if_range = found.get(b"if-range")
        for name in repeated:
            if name in _SINGLE:
                del found[name]
        self.if_modified_since = found.get(b"if-modified-since")
        self.if_unmodified_since = found.get(b"if-unmodified-since")
        self.range = found.get(b"range")
        self.for_origin = self.if_match is not None or self.if_unmodified_since is not None
        self.conditional = (
            self.for_origin or self.if_none_match is not None or self.if_modified_since is not None
        )
        self.wishes = read_request_directives(found.get(b"cache-control"), found.get(b"pragma"))

    @property
    def plain(self) -> bool:
        """
        Whether anything fresh will do, all of it, as nearly always.
        """
        special = self.conditional or self.range is not None or bool(self.overrides)
        return self.wishes.any_fresh and not special


def overrides(name: bytes) -> bool:
    """
    Tell whether some servers take a field in place of the method, the scheme, the host or
    the target.

    @param name: in lower case.
    """
    if name in OVERRIDES:
        return True
    return name.startswith(OVERRIDING) and name not in IDENTITY and name not in _ADDRESSES


def read_request(fields: Iterable[Pair], heeded: bool = True) -> Asked:
    """
    Read the fields of a request.

    @param fields: names in lower case.
    @param heeded: whether the client's directives count, besides C{no-store}.
    """
    telling = [
        pair
        for pair in fields
        if pair[0] in _TELLING or (pair[0].startswith(OVERRIDING) and overrides(pair[0]))
    ]
    if not telling:
        return PLAIN
    if len(telling) == 1 and telling[0][0] == b"cookie":
        return PERSONAL
    asked = Asked(telling)
    if not (heeded or asked.wishes.no_store):
        asked.wishes = NO_WISHES
    return asked


PLAIN: Final = Asked([])
"""
A request that says nothing to caches.
"""

PERSONAL: Final = Asked([(b"cookie", b"")])
"""
A request that has cookies and says nothing else.
"""
