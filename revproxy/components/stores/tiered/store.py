"""
C{type: tiered}: stores one below the other, the quickest on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from typing_extensions import override
from zope.interface import implementer

from revproxy.components.stores.tiered.keeping import TieredKeeping
from revproxy.components.stores.tiered.lower import LowerKept
from revproxy.components.stores.tiered.promotion import Promotions
from revproxy.components.stores.tiered.search import Placed, all_found, first_found, then
from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.packing import pack_head


@implementer(ICacheStore)
class TieredStore(MultiService):
    """
    Looks in one store after the other, and keeps in all that take a response.  What is used
    again in a lower store is copied to those above it.

    Each store lets go of what it will, so one may have what another has not.  What is found
    in an upper one is taken without a look below, where another process may have put
    something newer.
    """

    def __init__(self, clock: IReactorTime, stores: Sequence[ICacheStore]) -> None:
        """
        @param stores: the quickest first.  Those that are services are started and stopped
            with this one.
        """
        super().__init__()
        self._stores = list(stores)
        self._first = stores[0]
        self._promotions = Promotions(clock, stores)
        for store in stores:
            if IService.providedBy(store):
                IService(store).setServiceParent(self)

    @override
    def stopService(self) -> Any:
        """
        Stop the stores.
        """
        self._promotions.stop()
        return super().stopService()

    def find(self, key: bytes) -> Sequence[IKept] | Deferred[Sequence[IKept]]:
        """
        Implement L{ICacheStore.find}.
        """
        found = self._first.find(key)
        if found and not isinstance(found, Deferred):
            return found

        def look_below(found: Sequence[IKept]) -> Sequence[IKept] | Deferred[Sequence[IKept]]:
            return found or then(first_found(self._stores, key, 1), self._as_found)

        return then(found, look_below)

    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept] | Deferred[Sequence[IKept]]:
        """
        Implement L{ICacheStore.more}.
        """
        known = {pack_head(kept.head) for kept in found}

        def others(placed: list[Placed]) -> Sequence[IKept]:
            unknown: list[Placed] = []
            for place, kept in placed:
                packed = pack_head(kept.head)
                if packed not in known:
                    known.add(packed)
                    unknown.append((place, kept))
            return self._as_found(unknown)

        return then(all_found(self._stores, key), others)

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        """
        Implement L{ICacheStore.begin}.
        """
        keepings = [store.begin(key, head, length) for store in self._stores]
        if not any(keepings):
            return None
        return TieredKeeping(keepings, lambda kepts: self._committed(key, head, kepts))

    def update(self, kept: IKept, head: KeptHead) -> None:
        """
        Implement L{ICacheStore.update}: in each store, where it is the same there.
        """
        self._each(kept, lambda store, each: store.update(each, head))

    def remove(self, kept: IKept) -> None:
        """
        Implement L{ICacheStore.remove}: from each store, where it is the same there.
        """
        self._each(kept, lambda store, each: store.remove(each))

    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.keys}.
        """
        return chain.from_iterable(store.keys(prefix) for store in self._stores)

    def tagged(self, tag: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.tagged}.
        """
        return chain.from_iterable(store.tagged(tag) for store in self._stores)

    def figures(self) -> Figures:
        """
        Implement L{ICacheStore.figures}: those of all stores, added up.
        """
        return Figures(*map(sum, zip(*(store.figures() for store in self._stores), strict=True)))

    def _as_found(self, placed: Sequence[Placed]) -> Sequence[IKept]:
        used = self._promotions.used
        return [LowerKept(kept, place, used) if place else kept for place, kept in placed]

    def _each(self, kept: IKept, do: Callable[[ICacheStore, IKept], object]) -> None:
        """
        Do something with a response in each store that has it: where it has the same head
        it is the same one.
        """
        own = kept.kept if isinstance(kept, LowerKept) else kept
        packed = pack_head(kept.head)

        def go(placed: list[Placed]) -> None:
            for place, each in placed:
                if each == own:
                    do(self._stores[place], own)
                elif pack_head(each.head) == packed:
                    do(self._stores[place], each)

        then(all_found(self._stores, kept.key), go)

    def _committed(self, key: bytes, head: KeptHead, kepts: Sequence[IKept | None]) -> IKept | None:
        """
        @param kepts: what each store has kept.  One that did not lets go of what it has for
            the same requests: that is older now.
        """
        placed = [(place, kept) for place, kept in enumerate(kepts) if kept is not None]
        if not placed:
            return None
        for place, store in enumerate(self._stores):
            if kepts[place] is None:
                self._remove_same(store, key, head)
        return self._as_found(placed[:1])[0]

    def _remove_same(self, store: ICacheStore, key: bytes, head: KeptHead) -> None:
        def go(placed: list[Placed]) -> None:
            for _, kept in placed:
                if kept.head.fits_same(head):
                    store.remove(kept)

        then(all_found([store], key), go)
