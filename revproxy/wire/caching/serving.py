"""
Whether a stored response may be used for a request: RFC 9111 sections 4, 4.2.4 and
5.2.1, RFC 5861.

What is decided here, where the standards leave a choice:

  - All directives of requests are heeded; who does not want that gives C{NO_WISHES}.
  - A client that sends C{max-age} or C{min-fresh} does not get a response that is
    stale while it is validated, as that is not what it asked for.
  - C{max-age} does not count against a fresh C{immutable} response, C{no-cache} does
    (RFC 8246 section 2).
"""

from __future__ import annotations

from typing import Final

from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.request_directives import RequestDirectives


class Verdict:
    """
    What to do with a request.

    @ivar word: in short why, for people.
    @ivar serves: whether the stored response is used at once.
    @ivar revalidates: whether it is validated in the background then.
    @ivar forward: why the request goes to the server, as C{fwd} of C{Cache-Status} has
        it (RFC 9211 section 2.2); empty where it does not.
    @ivar status: what to answer where neither is allowed, otherwise 0.
    """

    __slots__ = ("forward", "revalidates", "serves", "status", "word")

    def __init__(
        self,
        word: str,
        serves: bool = False,
        revalidates: bool = False,
        forward: bytes = b"",
        status: int = 0,
    ) -> None:
        self.word = word
        self.serves = serves
        self.revalidates = revalidates
        self.forward = forward
        self.status = status


FRESH: Final = Verdict("fresh", serves=True)
"""
It is fresh.
"""

WHILE_REVALIDATING: Final = Verdict("stale-while-revalidate", serves=True, revalidates=True)
"""
It is stale, and may be used while it is validated.
"""

MAX_STALE: Final = Verdict("max-stale", serves=True)
"""
It is stale, and the client takes it.
"""

STALE: Final = Verdict("stale", forward=b"stale")
"""
It is stale: it has to be validated first.
"""

NO_CACHE: Final = Verdict("no-cache", forward=b"stale")
"""
It may never be used without validation.
"""

REQUEST: Final = Verdict("request", forward=b"request")
"""
The client wants a newer one.
"""

MISS: Final = Verdict("miss", forward=b"uri-miss")
"""
There is none.
"""

VARY_MISS: Final = Verdict("vary-miss", forward=b"vary-miss")
"""
There are only some for other requests.
"""

ONLY_IF_CACHED: Final = Verdict("only-if-cached", status=504)
"""
It cannot be used, and the client wants nothing else.
"""


def judge(kept: Freshness, wishes: RequestDirectives, now: float) -> Verdict:
    """
    Decide for a stored response that was chosen for a request.
    """
    if now < kept.expires and wishes.any_fresh and not kept.no_cache:
        return FRESH
    verdict = _judge_closely(kept, wishes, now)
    return ONLY_IF_CACHED if wishes.only_if_cached and not verdict.serves else verdict


def judge_miss(wishes: RequestDirectives, others: bool = False) -> Verdict:
    """
    Decide where there is no stored response for a request.

    @param others: whether there are some for other requests to the same target.
    """
    if wishes.only_if_cached:
        return ONLY_IF_CACHED
    return VARY_MISS if others else MISS


def covers_failure(kept: Freshness, wishes: RequestDirectives, now: float) -> bool:
    """
    Tell whether a stored response may be used in the place of a failure of the server
    (C{FAILURES} of C{statuses}), or where it could not be reached.
    """
    if kept.no_cache:
        return False
    late = now - kept.expires
    if late < 0:
        return True
    return not kept.must_revalidate and late <= max(kept.stale_if_error, wishes.stale_if_error)


def _judge_closely(kept: Freshness, wishes: RequestDirectives, now: float) -> Verdict:
    if kept.no_cache:
        return NO_CACHE
    fresh = now < kept.expires
    if wishes.no_cache or (not (fresh and kept.immutable) and _is_too_old(kept, wishes, now)):
        return REQUEST if fresh else STALE
    if fresh:
        return FRESH if kept.expires - now >= wishes.min_fresh else REQUEST
    if kept.must_revalidate:
        return STALE
    late = now - kept.expires
    if wishes.max_stale is not None and late <= wishes.max_stale:
        return MAX_STALE
    if wishes.any_fresh and late < kept.stale_while_revalidate:
        return WHILE_REVALIDATING
    return STALE


def _is_too_old(kept: Freshness, wishes: RequestDirectives, now: float) -> bool:
    return wishes.max_age is not None and now - kept.born > wishes.max_age
