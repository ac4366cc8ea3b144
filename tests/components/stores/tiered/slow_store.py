"""
A store that has to be waited for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twisted.internet.defer import Deferred
from zope.interface import implementer

from revproxy.components.stores.memory.store import MemoryStore
from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead


@implementer(ICacheStore)
class SlowStore:
    """
    Keeps in memory, and tells what it finds later.

    @ivar asked: the answers that are waited for.
    """

    def __init__(self) -> None:
        self.inner = MemoryStore(16 << 20, 1 << 20)
        self.asked: list[tuple[Deferred[Sequence[IKept]], Sequence[IKept]]] = []

    def answer(self) -> None:
        """
        Tell what was found, until nobody waits.
        """
        while self.asked:
            waiting, found = self.asked.pop(0)
            if not waiting.called:
                waiting.callback(found)

    def find(self, key: bytes) -> Deferred[Sequence[IKept]]:
        waiting: Deferred[Sequence[IKept]] = Deferred()
        self.asked.append((waiting, self.inner.find(key)))
        return waiting

    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept]:
        return ()

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        return self.inner.begin(key, head, length)

    def update(self, kept: IKept, head: KeptHead) -> None:
        self.inner.update(kept, head)

    def remove(self, kept: IKept) -> None:
        self.inner.remove(kept)

    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        return self.inner.keys(prefix)

    def tagged(self, tag: bytes) -> Iterator[Sequence[bytes]]:
        return self.inner.tagged(tag)

    def figures(self) -> Figures:
        return self.inner.figures()
