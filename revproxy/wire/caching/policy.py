"""
What an operator may choose about a cache, as the rules take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DAY: Final = 86400


class Policy:
    """
    The choices of one cache.  Frozen by convention.

    @ivar ttl: seconds by status: they take the place of every lifetime that a response
        tells, counted from when it came, and make a status storable.  They lift no
        prohibition.
    @ivar heuristic_fraction: the share of the time since C{Last-Modified} for which a
        response without a lifetime is fresh; 0 for no heuristics.
    @ivar heuristic_most: the longest such lifetime, in seconds.
    @ivar stale_while_revalidate: what counts where a response does not say, in seconds.
    @ivar stale_if_error: the same.
    @ivar store_cookies: whether responses with C{Set-Cookie} are kept, with it.
    @ivar targets: the targeted fields that count, most important first (RFC 9213).
    @ivar capability: the name that C{Surrogate-Control} may call this cache by.
    @ivar keyed: the request fields that are part of the key, in lower case.
    """

    __slots__ = (
        "capability", "heuristic_fraction", "heuristic_most", "keyed", "stale_if_error",
        "stale_while_revalidate", "store_cookies", "targets", "ttl",
    )  # fmt: skip

    def __init__(
        self,
        ttl: Mapping[int, int] | None = None,
        heuristic_fraction: float = 0.1,
        heuristic_most: int = DAY,
        stale_while_revalidate: int = 0,
        stale_if_error: int = 0,
        store_cookies: bool = False,
        targets: tuple[bytes, ...] = (),
        capability: bytes | None = None,
        keyed: frozenset[bytes] = frozenset(),
    ) -> None:
        self.ttl = dict(ttl or {})
        self.heuristic_fraction = heuristic_fraction
        self.heuristic_most = heuristic_most
        self.stale_while_revalidate = stale_while_revalidate
        self.stale_if_error = stale_if_error
        self.store_cookies = store_cookies
        self.targets = targets
        self.capability = capability
        self.keyed = keyed


DEFAULT: Final = Policy()
