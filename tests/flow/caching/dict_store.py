"""
A store as simple as can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zope.interface import implementer

from revproxy.errors import BodyLost
from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept, IOpenBody
from revproxy.wire.caching.kept import KeptHead


@implementer(IKept)
class DictKept:
    """
    @ivar lost: whether the body cannot be read any more.
    @ivar uses: how many requests it has answered.
    """

    def __init__(self, key: bytes, head: KeptHead, whole: bytes) -> None:
        self.key = key
        self.head = head
        self.length = len(whole)
        self.whole: bytes | None = whole
        self.lost = False
        self.uses = 0

    def used(self) -> None:
        self.uses += 1

    def body(self, start: int, stop: int) -> bytes:
        assert self.whole is not None
        if self.lost:
            raise BodyLost("for a test")
        return self.whole[start:stop]

    def open(self) -> IOpenBody | None:
        return None


@implementer(IKeeping)
class DictKeeping:
    def __init__(self, store: DictStore, key: bytes, head: KeptHead, length: int | None) -> None:
        self._store = store
        self._key = key
        self._head = head
        self._length = length
        self._data = b""
        self.over = False

    def write(self, data: bytes) -> bool:
        self._data += data
        return len(self._data) <= self._store.most

    def commit(self) -> IKept | None:
        assert not self.over
        self.over = True
        if self._length not in (None, len(self._data)) or len(self._data) > self._store.most:
            return None
        kept = DictKept(self._key, self._head, self._data)
        self._store.keep(kept)
        return kept

    def abort(self) -> None:
        assert not self.over
        self.over = True


@implementer(ICacheStore)
class DictStore:
    """
    @ivar kept: what is kept, the newest first.
    @ivar keeping: what was begun.
    @ivar most: the most octets of a body.
    """

    def __init__(self, most: int = 1 << 30) -> None:
        self.most = most
        self.kept: dict[bytes, list[DictKept]] = {}
        self.keeping: list[DictKeeping] = []

    def keep(self, kept: DictKept) -> None:
        others = [other for other in self.kept.get(kept.key, []) if not other.head.fits_same(kept.head)]
        self.kept[kept.key] = [kept, *others]

    def find(self, key: bytes) -> Sequence[IKept]:
        return tuple(self.kept.get(key, ()))

    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept]:
        return ()

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        if length is not None and length > self.most:
            return None
        self.keeping.append(DictKeeping(self, key, head, length))
        return self.keeping[-1]

    def update(self, kept: IKept, head: KeptHead) -> None:
        if kept in self.kept.get(kept.key, []):
            kept.head = head

    def remove(self, kept: IKept) -> None:
        self.kept[kept.key] = [other for other in self.kept.get(kept.key, []) if other is not kept]

    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        yield [key for key in self.kept if key.startswith(prefix)]

    def tagged(self, tag: bytes) -> Iterator[Sequence[bytes]]:
        yield [key for key, found in self.kept.items() if any(tag in kept.head.tags for kept in found)]

    def figures(self) -> Figures:
        return Figures(entries=sum(map(len, self.kept.values())))
