"""
C{type: memory}: responses in the process's own memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from zope.interface import classImplements

from revproxy.components.stores.memory.eviction import Eviction
from revproxy.components.stores.memory.index import SHARDS, Index
from revproxy.components.stores.memory.kept import NOWHERE, MemoryKept
from revproxy.components.stores.memory.unwatched import WATCHED, unwatch
from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead

MOST_VARIANTS: Final = 64
"""
So many responses of one key are kept: what a C{Vary} names may have any number of values,
and all of them are looked at for each request.
"""

_COMING_SHARE: Final = 4

_EMPTY: Final = SHARDS * 240
"""
What an empty store takes.
"""


class MemoryStore:
    """
    Keeps responses in memory, up to so many octets, with everything counted: bodies,
    heads, what the store itself needs for them, and what is yet to be whole.

    @ivar _coming: how many octets have come of bodies that are not whole yet.
    @ivar _most_coming: how many these may be: answers that may never be whole must not
        drive out all that is of use.
    """

    __slots__ = (
        "_coming", "_eviction", "_evictions", "_index", "_max_object", "_most_coming", "_size", "_stores",
    )  # fmt: skip

    def __init__(self, size: int, max_object: int) -> None:
        """
        @param size: in octets.
        @param max_object: how many octets a body may have.
        """
        self._size = size
        self._max_object = min(max_object, size)
        self._most_coming = max(size // _COMING_SHARE, self._max_object)
        self._coming = 0
        self._index = Index()
        self._eviction = Eviction(size)
        self._stores = 0
        self._evictions = 0

    def find(self, key: bytes) -> Sequence[IKept]:
        """
        Implement L{ICacheStore.find}.
        """
        return self._index.find(key)

    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept]:
        """
        Implement L{ICacheStore.more}: there is no more.
        """
        return ()

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        """
        Implement L{ICacheStore.begin}.
        """
        if length is not None and length > self._max_object:
            return None
        return MemoryKeeping(self, key, head, length, self._max_object)

    def update(self, kept: IKept, head: KeptHead) -> None:
        """
        Implement L{ICacheStore.update}.
        """
        if not isinstance(kept, MemoryKept) or kept.place == NOWHERE:
            return
        if head.tags or kept.head.tags:
            self._index.retag(kept, head.tags)
        if WATCHED:
            unwatch(head)
        kept.head = head
        self._eviction.recount(kept)
        for other in self._index.find(kept.key):
            if other is not kept and other.head.fits_same(head):
                self.remove(other)
        self._make_room(0)

    def remove(self, kept: IKept) -> None:
        """
        Implement L{ICacheStore.remove}.
        """
        if isinstance(kept, MemoryKept) and kept.place != NOWHERE:
            self._eviction.remove(kept)
            self._index.remove(kept)

    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.keys}.
        """
        return self._index.keys(prefix)

    def tagged(self, tag: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.tagged}.
        """
        return self._index.tagged(tag)

    def figures(self) -> Figures:
        """
        Implement L{ICacheStore.figures}.
        """
        octets = _EMPTY + self._eviction.octets + self._coming
        return Figures(self._eviction.entries, octets, self._stores, self._evictions)

    def keep(self, key: bytes, head: KeptHead, body: bytes) -> MemoryKept | None:
        """
        Keep a whole response.

        @return: C{None} where it is larger than the store.
        """
        kept = MemoryKept(key, head, body)
        others = self._index.find(key)
        for other in others:
            if other.head.fits_same(head):
                self.remove(other)
        if len(others) >= MOST_VARIANTS:
            self._drop_variant(key)
        if not self._make_room(kept.cost):
            return None
        if WATCHED:
            unwatch(kept)
            unwatch(head)
        self._index.put(kept)
        self._eviction.add(kept)
        self._stores += 1
        return kept

    def coming(self, octets: int) -> bool:
        """
        Make room for a piece of a body that is not whole yet.

        @param octets: less than 0 where they are not needed any more.
        @return: whether there is room.
        """
        if octets > 0 and (self._coming + octets > self._most_coming or not self._make_room(octets)):
            return False
        self._coming += octets
        return True

    def _drop_variant(self, key: bytes) -> None:
        """
        Where a key has as many variants as it may, take out the one that was used least of
        late, of several the oldest: values that nobody sends twice do not drive out those in
        use.
        """
        variants = self._index.find(key)
        if len(variants) < MOST_VARIANTS:
            return
        least = variants[0]
        for kept in variants:
            if kept.uses <= least.uses:
                least = kept
        self.remove(least)

    def _make_room(self, octets: int) -> bool:
        """
        Evict until so many octets more fit in.

        @return: whether they do.
        """
        most = self._size - self._coming - octets - _EMPTY
        while self._eviction.octets > most:
            kept = self._eviction.evict()
            if kept is None:
                return False
            self._index.remove(kept)
            self._evictions += 1
        return True


class MemoryKeeping:
    """
    A response whose body is coming into memory.

    @ivar _first: the first piece, which is the whole body of most.
    @ivar _rest: all that came after it.
    @ivar _octets: how many have come; less than 0 once it has ended.
    """

    __slots__ = ("_first", "_head", "_key", "_length", "_most", "_octets", "_rest", "_store")

    def __init__(
        self, store: MemoryStore, key: bytes, head: KeptHead, length: int | None, max_object: int
    ) -> None:
        self._store = store
        self._key = key
        self._head = head
        self._length = length
        self._most = max_object if length is None else length
        self._first = b""
        self._rest: bytearray | None = None
        self._octets = 0

    def write(self, data: bytes) -> bool:
        """
        Implement L{IKeeping.write}.
        """
        if self._octets < 0:
            return False
        if self._octets + len(data) > self._most or not self._store.coming(len(data)):
            self.abort()
            return False
        if not self._octets:
            self._first = data
        elif self._rest is None:
            self._rest = bytearray(data)
        else:
            self._rest += data
        self._octets += len(data)
        return True

    def commit(self) -> IKept | None:
        """
        Implement L{IKeeping.commit}.
        """
        if self._octets < 0:
            return None
        whole = self._length is None or self._octets == self._length
        body = self._first if self._rest is None else self._first + self._rest
        self.abort()
        return self._store.keep(self._key, self._head, body) if whole else None

    def abort(self) -> None:
        """
        Implement L{IKeeping.abort}.
        """
        if self._octets > 0:
            self._store.coming(-self._octets)
        self._octets = -1
        self._first = b""
        self._rest = None


classImplements(MemoryStore, ICacheStore)
classImplements(MemoryKeeping, IKeeping)
