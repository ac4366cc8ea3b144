"""
One cache, as the file names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.interfaces import ICacheStore, IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.vary import rank, secondary_key
from revproxy.wire.pairs import Pair

if TYPE_CHECKING:
    from revproxy.flow.caching.fill import Fill

log = Logger(__name__)

Found: TypeAlias = "Sequence[IKept] | Deferred[Sequence[IKept]]"
"""
What a store finds, now or later.
"""


class Cache:
    """
    A store, and what happens with it.

    @ivar counts: how often each thing happened, by its name.
    @ivar now: tells the time of day, in seconds of the epoch.
    @ivar fills: the responses that are under way, by the key of their requests: equal
        requests join them.
    @ivar joinable: octets that are held for those who may yet join.
    """

    __slots__ = ("counts", "fills", "joinable", "name", "now", "store")

    def __init__(self, name: str, store: ICacheStore, now: Callable[[], float]) -> None:
        self.name = name
        self.store = store
        self.now = now
        self.counts: Counter[str] = Counter()
        self.fills: dict[bytes, Fill] = {}
        self.joinable = 0

    def find(self, key: bytes) -> Found:
        """
        Look up what is kept under a key; a store that fails has nothing.
        """
        try:
            return self.store.find(key)
        except Exception:
            self.failed(Failure())
            return ()

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        """
        Begin to keep a response; see L{ICacheStore.begin}.
        """
        try:
            return self.store.begin(key, head, length)
        except Exception:
            self.failed(Failure())
            return None

    def failed(self, failure: Failure) -> None:
        """
        The store has raised what it should not have.
        """
        self.counts["store-failed"] += 1
        log.failure("cache {name}: its store failed", failure, name=self.name)


def choose(found: Sequence[IKept], fields: Sequence[Pair]) -> IKept | None:
    """
    Choose the response that fits a request (RFC 9111 section 4.1): of several the one
    that says more of what it is for, and then the newest.

    @param found: all that is kept under the request's primary key.
    @param fields: of the request as it goes to the server, names in lower case.
    """
    if len(found) == 1 and not found[0].head.vary:
        return found[0]
    fitting = [
        kept
        for kept in found
        if not kept.head.vary or secondary_key(kept.head.vary, fields) == kept.head.secondary
    ]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=_rank)


def _rank(kept: IKept) -> tuple[int, int]:
    head = kept.head
    return cast(tuple[int, int], rank(head.vary, head.validators.dated_at))
