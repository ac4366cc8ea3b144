"""
How long a stored response is fresh, and how old it is: RFC 9111 section 4.2.

What is decided here, where the standards leave a choice:

  - The age is the greater one of what C{Age} and C{Date} tell (section 4.2.3), so a
    server whose clock is slow has its responses go stale early, never late.  An
    C{Age} that is no number does not count; of a list the first member does.
  - Of several C{Expires} the first counts, and one that is no date has passed.
  - Heuristics take a tenth of the time since C{Last-Modified}, a day at most, or what
    the policy says.  There are none where the request had C{Cookie} or
    C{Authorization}, unless the response is C{public}: nobody said that a personal
    page may be shared (web cache deception); nor where the response has
    C{Pragma: no-cache}, which means nothing else in a response.
  - Stale responses are used only where the response, the request or the policy says
    so, not just since the server cannot be reached.  C{must-revalidate},
    C{proxy-revalidate} and C{s-maxage}, which implies it, forbid it against all three,
    C{stale-while-revalidate} beside them included (section 5.2.2.10).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.wire.caching.dates import parse_date
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.response_directives import ResponseDirectives
from revproxy.wire.caching.seconds import MOST, delta_seconds
from revproxy.wire.caching.statuses import HEURISTICALLY_CACHEABLE
from revproxy.wire.caching.validators import Validators
from revproxy.wire.pairs import Pair, first_value

_NO_CACHE: Final = b"no-cache"


@mypyc_attr(acyclic=True)
class Freshness:
    """
    All that decides whether a stored response may be used, in times of the epoch.
    Frozen by convention.

    @ivar received: when the response came, or was validated last.
    @ivar born: when it was new: its age is the time since.
    @ivar expires: when it is fresh no more.
    @ivar no_cache: whether it is never used without validation.
    @ivar must_revalidate: whether it is never used stale.
    @ivar immutable: whether it will not change while it is fresh (RFC 8246).
    @ivar stale_while_revalidate: for how many seconds past C{expires} it may be used
        while it is validated.
    @ivar stale_if_error: for how many seconds past C{expires} it may be used where the
        server fails.
    """

    __slots__ = (
        "born", "expires", "immutable", "must_revalidate", "no_cache", "received", "stale_if_error",
        "stale_while_revalidate",
    )  # fmt: skip

    def __init__(
        self,
        received: float,
        born: float,
        expires: float,
        no_cache: bool = False,
        must_revalidate: bool = False,
        immutable: bool = False,
        stale_while_revalidate: int = 0,
        stale_if_error: int = 0,
    ) -> None:
        self.received = received
        self.born = born
        self.expires = expires
        self.no_cache = no_cache
        self.must_revalidate = must_revalidate
        self.immutable = immutable
        self.stale_while_revalidate = stale_while_revalidate
        self.stale_if_error = stale_if_error

    def age(self, now: float) -> int:
        """
        The value of C{Age}.
        """
        return int(max(now, self.received) - self.born)

    def ttl(self, now: float) -> int:
        """
        For how many seconds it stays fresh; less than 0 for how long it has been stale.
        """
        return int((self.expires - now) // 1)

    def is_worth_keeping(self, validators: Validators) -> bool:
        """
        Whether it can be of use at all: it is fresh for a time, may be used stale, or
        can be validated.
        """
        if validators.any:
            return True
        if self.no_cache:
            return False
        lasting = 0 if self.must_revalidate else max(self.stale_while_revalidate, self.stale_if_error)
        return self.expires + lasting > self.received

    def invalidated(self, now: float) -> Freshness:
        """
        The same, to be used again only when it is validated (RFC 9111 section 4.4).
        """
        return Freshness(self.received, self.born, min(self.expires, now), must_revalidate=True)

    def expired(self, now: float) -> Freshness:
        """
        The same, stale from now on: it may still be used as stale responses may.
        """
        return Freshness(
            self.received,
            self.born,
            min(self.expires, now),
            self.no_cache,
            self.must_revalidate,
            self.immutable,
            self.stale_while_revalidate,
            self.stale_if_error,
        )


def read_freshness(
    asked: Asked,
    status: int,
    fields: Collection[Pair],
    said: ResponseDirectives,
    policy: Policy,
    requested: float,
    received: float,
) -> Freshness:
    """
    Read all that a response says of its freshness.

    @param asked: the request that it answered.
    @param fields: as received, C{Age} included, names in lower case.
    @param said: the directives that count.
    @param requested: when the request was sent.
    @param received: when the response came.
    """
    dated = parse_date(first_value(fields, b"date") or b"", received)
    born = received - _initial_age(fields, dated, requested, received)
    ttl = policy.ttl.get(status)
    if ttl is not None:
        expires = received + ttl
    else:
        expires = born + _lifetime(asked, status, fields, said, policy, received if dated is None else dated)
    return Freshness(
        received,
        born,
        expires,
        said.no_cache,
        said.must_revalidate or said.proxy_revalidate or said.s_maxage is not None,
        said.immutable,
        _or_default(said.stale_while_revalidate, policy.stale_while_revalidate),
        _or_default(said.stale_if_error, policy.stale_if_error),
    )


def _initial_age(fields: Collection[Pair], dated: int | None, requested: float, received: float) -> float:
    """
    The corrected_initial_age of section 4.2.3.
    """
    told = delta_seconds((first_value(fields, b"age") or b"").partition(b",")[0].strip(b"\t ")) or 0
    age = told + max(0.0, received - requested)
    if dated is not None and received - dated > age:
        age = received - dated
    return min(age, float(MOST))


def _lifetime(
    asked: Asked,
    status: int,
    fields: Collection[Pair],
    said: ResponseDirectives,
    policy: Policy,
    dated: float,
) -> float:
    """
    The freshness_lifetime of section 4.2.1.
    """
    if said.s_maxage is not None:
        return said.s_maxage
    if said.max_age is not None:
        return said.max_age
    if said.targeted:
        return 0
    expires = first_value(fields, b"expires")
    if expires is not None:
        until = parse_date(expires, dated)
        return 0 if until is None else min(max(until - dated, 0), float(MOST))
    if not _may_guess(asked, status, fields, said):
        return 0
    modified = parse_date(first_value(fields, b"last-modified") or b"", dated)
    if modified is None or modified >= dated:
        return 0
    return min(int((dated - modified) * policy.heuristic_fraction), policy.heuristic_most)


def _may_guess(asked: Asked, status: int, fields: Collection[Pair], said: ResponseDirectives) -> bool:
    """
    Whether heuristics may be used (section 4.2.2).
    """
    if said.public:
        return True
    if status not in HEURISTICALLY_CACHEABLE or asked.personal:
        return False
    return (first_value(fields, b"pragma") or b"").strip(b"\t ").lower() != _NO_CACHE


def _or_default(told: int | None, default: int) -> int:
    return default if told is None else told
