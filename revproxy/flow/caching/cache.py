"""
One cache, as the file names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.errors import BodyLost
from revproxy.flow.caching.changes import Changes
from revproxy.interfaces import ICacheStore, IKeeping, IKept, IOpenBody
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
    A store, and what happens with it.  A store should not raise; where one does, there is
    nothing in it, and nothing is kept.

    @ivar counts: how often each thing happened, by its name.
    @ivar now: tells the time of day, in seconds of the epoch.
    @ivar fills: the responses that are under way, by the key of their requests: equal
        requests join them.
    @ivar joinable: octets that are held for those who may yet join.
    @ivar changes: what was purged or invalidated of late.
    @ivar revalidating: the keys of what is validated while clients are answered with it.
    @ivar _told: the kinds of errors of the store that the log has.
    """

    __slots__ = (
        "_told", "_unshared", "changes", "counts", "fills", "joinable", "name", "now", "revalidating",
        "store",
    )  # fmt: skip

    def __init__(self, name: str, store: ICacheStore, now: Callable[[], float]) -> None:
        self.name = name
        self.store = store
        self.now = now
        self.counts: dict[str, int] = {}
        self.fills: dict[bytes, Fill] = {}
        self.joinable = 0
        self.changes = Changes()
        self.revalidating: set[bytes] = set()
        self._unshared: dict[bytes, None] = {}
        self._told: set[str] = set()

    def count(self, what: str, more: int = 1) -> None:
        """
        Something has happened.
        """
        counts = self.counts
        counts[what] = counts.get(what, 0) + more

    def find(self, key: bytes) -> Found:
        """
        Look up what is kept under a key; a store that fails has nothing.
        """
        try:
            return self.store.find(key)
        except Exception:
            self.failed(Failure())
            return ()

    def more(self, key: bytes, found: Sequence[IKept]) -> Found:
        """
        Look up what else is kept under a key; see L{ICacheStore.more}.
        """
        try:
            return self.store.more(key, found)
        except Exception:
            self.failed(Failure())
            return ()

    def find_all(self, key: bytes) -> Found:
        """
        Look up all that is kept under a key, in whatever place.
        """
        found = self.find(key)
        if isinstance(found, Deferred):
            return found.addCallback(self._with_more, key)
        return self._with_more(found, key)

    def _with_more(self, found: Sequence[IKept], key: bytes) -> Found:
        more = self.more(key, found) if found else ()
        if isinstance(more, Deferred):
            return more.addCallback(_joined, found)
        return [*found, *more] if more else found

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

    def write(self, keeping: IKeeping, data: bytes) -> bool:
        """
        Keep the next piece of a body; see L{IKeeping.write}.
        """
        try:
            return keeping.write(data)
        except Exception:
            self.failed(Failure())
            return False

    def commit(self, keeping: IKeeping) -> IKept | None:
        """
        Keep what has come; see L{IKeeping.commit}.
        """
        try:
            return keeping.commit()
        except Exception:
            self.failed(Failure())
            return None

    def abort(self, keeping: IKeeping) -> None:
        """
        Keep nothing of what has come.
        """
        try:
            keeping.abort()
        except Exception:
            self.failed(Failure())

    def used(self, kept: IKept) -> None:
        """
        What is kept answers a request.
        """
        try:
            kept.used()
        except Exception:
            self.failed(Failure())

    def read(self, kept: IKept, start: int, stop: int) -> bytes:
        """
        Read a part of a body that is kept.

        @raise BodyLost: it cannot be read, for whatever reason.
        """
        try:
            return kept.body(start, stop)
        except BodyLost:
            raise
        except Exception as error:
            raise self._lost() from error

    def open(self, kept: IKept) -> IOpenBody | None:
        """
        Open the file of a body that is kept; see L{IKept.open}.

        @raise BodyLost: it cannot be read, for whatever reason.
        """
        try:
            return kept.open()
        except BodyLost:
            raise
        except Exception as error:
            raise self._lost() from error

    def _lost(self) -> BodyLost:
        self.failed(Failure())
        return BodyLost("the store failed")

    def update(self, kept: IKept, head: KeptHead) -> bool:
        """
        Give what is kept another head; see L{ICacheStore.update}.

        @return: whether the store did not fail.
        """
        try:
            self.store.update(kept, head)
        except Exception:
            self.failed(Failure())
            return False
        return True

    def remove(self, kept: IKept) -> bool:
        """
        Let go of what is kept; see L{ICacheStore.remove}.

        @return: whether the store did not fail.
        """
        try:
            self.store.remove(kept)
        except Exception:
            self.failed(Failure())
            return False
        return True

    def failed(self, failure: Failure) -> None:
        """
        The store has raised what it should not have.  It is said once for each kind of error.
        """
        self.count("store-failed")
        kind = str(failure.type)
        if kind not in self._told:
            self._told.add(kind)
            log.failure("cache {name}: its store failed, and is done without", failure, name=self.name)


def _joined(more: Sequence[IKept], found: Sequence[IKept]) -> Sequence[IKept]:
    return [*found, *more]


def choose(found: Sequence[IKept], fields: Sequence[Pair]) -> IKept | None:
    """
    Choose the response that fits a request (RFC 9111 section 4.1): of several the one
    that says more of what it is for, and then the newest.

    @param found: all that is kept under the request's primary key.
    @param fields: of the request as it goes to the server, names in lower case.
    """
    if len(found) == 1 and not found[0].head.vary:
        return found[0]
    fitting = [kept for kept in found if fits(kept.head, fields)]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=_rank)


def fits(head: KeptHead, fields: Sequence[Pair]) -> bool:
    """
    Whether a response is for a request, by its C{Vary}.

    @param fields: of the request as it goes to the server, names in lower case.
    """
    return not head.vary or secondary_key(head.vary, fields) == head.secondary


def _rank(kept: IKept) -> tuple[int, int]:
    head = kept.head
    return cast(tuple[int, int], rank(head.vary, head.validators.dated_at))
