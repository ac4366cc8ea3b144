"""
One cache, as the file names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.flow.caching.changes import Changes
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

_MOST_UNSHARED: Final = 4096
"""
So many keys are remembered whose answers are not for others.
"""


class Cache:
    """
    A store, and what happens with it.

    @ivar counts: how often each thing happened, by its name.
    @ivar now: tells the time of day, in seconds of the epoch.
    @ivar fills: the responses that are under way, by the key of their requests: equal
        requests join them.
    @ivar joinable: octets that are held for those who may yet join.
    @ivar changes: what was purged or invalidated of late.
    @ivar revalidating: the keys of what is validated while clients are answered with it.
    """

    __slots__ = (
        "_unshared", "changes", "counts", "fills", "joinable", "name", "now", "revalidating", "store",
    )  # fmt: skip

    def __init__(self, name: str, store: ICacheStore, now: Callable[[], float]) -> None:
        self.name = name
        self.store = store
        self.now = now
        self.counts: Counter[str] = Counter()
        self.fills: dict[bytes, Fill] = {}
        self.joinable = 0
        self.changes = Changes()
        self.revalidating: set[bytes] = set()
        self._unshared: dict[bytes, None] = {}

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

    def is_shared(self, key: bytes) -> bool:
        """
        Whether it is of use to wait for the answer to an equal request.
        """
        return key not in self._unshared

    def set_shared(self, key: bytes, shared: bool) -> None:
        """
        An answer has told whether that is so.
        """
        if shared:
            self._unshared.pop(key, None)
        else:
            if len(self._unshared) >= _MOST_UNSHARED:
                self._unshared.clear()
            self._unshared[key] = None

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
