"""
Changes of the index that wait for their turn.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Final

import lmdb
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.components.stores.disk.access import Access
from revproxy.components.stores.disk.change import Change
from revproxy.components.stores.disk.operations import Operation, Put, Remove, Update
from revproxy.components.stores.disk.shelf import Shelf
from revproxy.components.stores.disk.trouble import Trouble
from revproxy.wire.caching.kept import KeptHead

_AT_ONCE: Final = 32
_MOST: Final = 1024
_SOON: Final = 0.002
_LATER: Final = 1.0
_LAST_TRIES: Final = 100

_PASSING: Final = (lmdb.MapFullError, lmdb.DiskError, OSError)
"""
What may be over the next time.  Anything else means that the index is broken.
"""


class Waiting:
    """
    Makes changes in order, at once where that is possible.  Where another process is at it,
    or the disk is full, they wait, and who looks something up is told of them here.

    @ivar removed: the generations of what is about to be removed.
    @ivar heads: those that are about to be given, by generation.
    @ivar evictions: how many entries had to go.
    @ivar stores: how many were kept.
    """

    def __init__(self, clock: IReactorTime, access: Access, trouble: Trouble, size: int) -> None:
        """
        @param size: how many octets all entries may take.
        """
        self._clock = clock
        self._access = access
        self._trouble = trouble
        self._size = size
        self._operations: deque[Operation] = deque()
        self._call: IDelayedCall | None = None
        self._full = False
        self.removed: set[bytes] = set()
        self.heads: dict[bytes, KeptHead] = {}
        self.evictions = 0
        self.stores = 0

    @property
    def too_many(self) -> bool:
        """
        Whether nothing more should be kept for now.
        """
        return len(self._operations) >= _MOST

    def put(self, operation: Put) -> None:
        """
        Have a response kept.
        """
        self._add(operation)

    def update(self, operation: Update) -> None:
        """
        Have a response given the head that it has now.
        """
        self.heads[operation.kept.generation] = operation.kept.head
        self._add(operation)

    def remove(self, operation: Remove) -> None:
        """
        Have a response removed.
        """
        self.removed.add(operation.kept.generation)
        self._add(operation)

    def flush(self) -> None:
        """
        Make those changes that can be made now.
        """
        shelf = self._access.shelf
        while shelf is not None and (self._operations or self._full):
            try:
                change = shelf.index.change()
            except lmdb.Error as error:
                self._access.broken(error)
                return
            if change is None:
                self._again(_SOON)
                return
            if not self._make(shelf, change):
                return

    def finish(self) -> None:
        """
        Make what changes there are now or never.  Another process is at it for less than a
        millisecond, unless it does not run at all.
        """
        self._full = False
        for _ in range(_LAST_TRIES):
            self.flush()
            if not self._operations or self._access.shelf is None:
                break
            time.sleep(_SOON)
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _add(self, operation: Operation) -> None:
        self._operations.append(operation)
        if self._call is None:
            self.flush()

    def _again(self, delay: float) -> None:
        if self._call is None:
            self._call = self._clock.callLater(delay, self._called)

    def _called(self) -> None:
        self._call = None
        self.flush()

    def _make(self, shelf: Shelf, change: Change) -> bool:
        """
        Make some of the changes in one transaction.

        @return: whether to go on.
        """
        batch = [self._operations.popleft() for _ in range(min(_AT_ONCE, len(self._operations)))]
        error = self._try(change, batch)
        shelf.index.changed()
        if error is not None:
            self._failed(shelf, batch, error)
            return False
        self._made(shelf, batch, change)
        if self._full and not self._operations:
            self._again(0)
            return False
        return True

    def _try(self, change: Change, batch: list[Operation]) -> Exception | None:
        """
        @return: what went wrong, and then nothing was changed.
        """
        try:
            for operation in batch:
                operation.apply(change)
            self._full = not change.evict(self._size)
            change.commit()
        except (lmdb.Error, OSError) as error:
            change.abort()
            return error
        return None

    def _made(self, shelf: Shelf, batch: list[Operation], change: Change) -> None:
        self.evictions += change.evicted
        for operation in batch:
            generation = operation.kept.generation
            if isinstance(operation, Put):
                self.stores += 1
                self._trouble.over()
            elif isinstance(operation, Remove):
                self.removed.discard(generation)
            elif isinstance(operation, Update) and self.heads.get(generation) is operation.head:
                del self.heads[generation]
        for name in change.released:
            self._remove_file(shelf, name)

    def _failed(self, shelf: Shelf, batch: list[Operation], error: Exception) -> None:
        """
        None of these changes were made.
        """
        for operation in batch:
            if isinstance(operation, Put):
                operation.kept.entry = b""
                if operation.kept.whole is None:
                    self._remove_file(shelf, operation.kept.name)
        self._operations.extendleft(reversed([each for each in batch if each.lasting]))
        if isinstance(error, _PASSING):
            self._trouble.happened("cannot change its index", error)
            self._again(_LATER)
        else:
            self._access.broken(error)

    def _remove_file(self, shelf: Shelf, name: str) -> None:
        try:
            shelf.files.remove(name)
        except OSError as error:
            self._trouble.happened("cannot remove a file", error)
