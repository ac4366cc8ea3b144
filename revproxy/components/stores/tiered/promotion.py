"""
What is used in a slow store is copied to quicker ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.components.stores.recent import Recent
from revproxy.components.stores.tiered.lower import LowerKept
from revproxy.components.stores.tiered.search import all_found, at_once
from revproxy.errors import BodyLost
from revproxy.interfaces import ICacheStore, IKeeping, IOpenBody
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.packing import pack_head

_MOST_RECENT: Final = 1 << 16
_MOST_AT_ONCE: Final = 16

PIECE: Final = 256 << 10
"""
So many octets are copied before others have their turn.
"""


class Promotions:
    """
    Copies what is used again to the stores above it.

    @ivar _recent: what was used once.
    @ivar _running: what is being copied, by key and secondary key.
    """

    def __init__(self, clock: IReactorTime, stores: Sequence[ICacheStore]) -> None:
        """
        @param stores: the quickest first.
        """
        self._clock = clock
        self._stores = stores
        self._recent = Recent()
        self._running: dict[tuple[bytes, bytes], Promotion] = {}

    def used(self, kept: LowerKept) -> None:
        """
        A response is used that was found in a lower store.
        """
        head = kept.head
        digest = hash(kept.key) ^ hash(head.secondary)
        if not self._recent.take(digest):
            self._recent.add(digest, _MOST_RECENT)
            return
        name = (kept.key, head.secondary)
        if name in self._running or len(self._running) >= _MOST_AT_ONCE:
            return
        above = [store.begin(kept.key, head, kept.length) for store in self._stores[: kept.place]]
        keepings = [keeping for keeping in above if keeping is not None]
        if keepings:
            promotion = Promotion(
                self._clock, kept, keepings, self._is_there, partial(self._running.pop, name)
            )
            self._running[name] = promotion
            promotion.start()

    def stop(self) -> None:
        """
        Give up what is being copied.
        """
        for promotion in list(self._running.values()):
            promotion.stop()

    def _is_there(self, kept: LowerKept, head: KeptHead) -> bool:
        """
        Whether a response is kept in the end as it was in the beginning: what was purged or
        replaced meanwhile is not to come back.
        """
        found = all_found(self._stores[kept.place : kept.place + 1], kept.key)
        packed = pack_head(head)
        return any(each == kept.kept and pack_head(each.head) == packed for _, each in at_once(found))


class Promotion:
    """
    One response on its way up.
    """

    def __init__(
        self,
        clock: IReactorTime,
        kept: LowerKept,
        keepings: Sequence[IKeeping],
        is_there: Callable[[LowerKept, KeptHead], bool],
        ended: Callable[[], object],
    ) -> None:
        """
        @param keepings: what takes the body.
        @param is_there: whether the response is still kept with this head.
        @param ended: called in the end.
        """
        self._clock = clock
        self._kept = kept
        self._head = kept.head
        self._keepings = list(keepings)
        self._is_there = is_there
        self._ended = ended
        self._opened: IOpenBody | None = None
        self._position = 0
        self._call: IDelayedCall | None = None

    def start(self) -> None:
        """
        Begin; a small body is copied at once.
        """
        try:
            self._opened = self._kept.open()
        except BodyLost:
            self.stop()
            return
        self._step()

    def stop(self) -> None:
        """
        Give up what was copied.
        """
        for keeping in self._keepings:
            keeping.abort()
        self._end()

    def _step(self) -> None:
        self._call = None
        stop = min(self._position + PIECE, self._kept.length)
        piece = self._read(stop - self._position)
        if len(piece) != stop - self._position or not self._write(piece):
            self.stop()
            return
        self._position = stop
        if stop < self._kept.length:
            self._call = self._clock.callLater(0, self._step)
        elif self._is_there(self._kept, self._head):
            for keeping in self._keepings:
                keeping.commit()
            self._end()
        else:
            self.stop()

    def _read(self, length: int) -> bytes:
        """
        @return: the next piece; less where it cannot be read.
        """
        opened, position = self._opened, self._position
        if opened is None:
            whole = self._kept.whole or b""
            return whole[position : position + length]
        try:
            return os.pread(opened.descriptor, length, opened.offset + position)
        except OSError:
            return b""

    def _write(self, piece: bytes) -> bool:
        """
        @return: whether there is a use in going on.
        """
        for keeping in [keeping for keeping in self._keepings if not keeping.write(piece)]:
            keeping.abort()
            self._keepings.remove(keeping)
        return bool(self._keepings)

    def _end(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._call = None
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._keepings = []
        self._ended()
