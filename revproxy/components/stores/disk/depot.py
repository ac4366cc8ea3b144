"""
What a store on disk and the responses in it work with.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import lmdb
from twisted.internet.interfaces import IReactorTime

from revproxy.components.stores.disk.access import Access
from revproxy.components.stores.disk.files import BodyWriter
from revproxy.components.stores.disk.kept import DiskKept, OpenBody
from revproxy.components.stores.disk.operations import Put, Remove, Update
from revproxy.components.stores.disk.record import Record, record_of
from revproxy.components.stores.disk.tenancy import boot_identity
from revproxy.components.stores.disk.trouble import Trouble
from revproxy.components.stores.disk.waiting import Waiting
from revproxy.errors import BodyLost
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.packing import MalformedHead, unpack_head
from revproxy.wire.memo import Memo

_PAUSE: Final = 10.0
"""
For so many seconds nothing is kept after something could not be written.
"""

_MOST_HEADS: Final = 4096


class Depot:
    """
    Goes on whatever happens: what cannot be read is not there, what cannot be written is
    not kept.

    @ivar access: the directory, as far as it is open.
    @ivar waiting: makes changes of the index.
    @ivar trouble: is told of all that goes wrong.
    @ivar _heads: heads that were read, by their packed form.
    @ivar _paused: until when nothing is kept.
    """

    def __init__(
        self,
        clock: IReactorTime,
        path: Path,
        size: int,
        most_open: int,
        boot: Callable[[], bytes] = boot_identity,
    ) -> None:
        """
        @param size: how many octets of the disk may be taken.
        @param most_open: how many files of bodies may be open at once.
        @param boot: see L{boot_identity}.
        """
        self._clock = clock
        self.trouble = Trouble(path)
        self.access = Access(clock, path, size, most_open, self.trouble, boot)
        self.waiting = Waiting(clock, self.access, self.trouble, size)
        self._heads = Memo(_MOST_HEADS)
        self._paused = 0.0

    @property
    def takes(self) -> bool:
        """
        Whether something can be kept.
        """
        if self.access.shelf is None or self.waiting.too_many:
            return False
        return self._clock.seconds() >= self._paused

    def found(self, key: bytes) -> list[DiskKept]:
        """
        Look up what is kept under a key, newest first.
        """
        shelf = self.access.shelf
        if shelf is None:
            return []
        try:
            found = shelf.index.find(key)
        except lmdb.Error as error:
            self.access.broken(error)
            return []
        kepts = [self._kept(entry, record) for entry, record in found]
        return [kept for kept in kepts if kept is not None]

    def keep(self, record: Record, head: KeptHead) -> DiskKept | None:
        """
        Have a response kept whose body is in its place.

        @return: C{None} where the cache was closed meanwhile.
        """
        if self.access.shelf is None:
            return None
        kept = DiskKept(self, b"", record, head)
        self.waiting.put(Put(kept, record))
        return kept

    def update(self, kept: DiskKept, head: KeptHead) -> None:
        """
        Have a response given another head.
        """
        kept.head = head
        self.waiting.update(Update(kept, record_of(kept.key, kept.generation, head, kept.length, kept.whole)))

    def mark(self, generation: bytes) -> None:
        """
        A response answers a request.
        """
        shelf = self.access.shelf
        if shelf is not None:
            shelf.marks.add(generation)

    def create_body(self) -> BodyWriter | None:
        """
        Begin to write a body to a file.

        @return: C{None} where that is not possible now.
        @raise OSError: it cannot be written.
        """
        shelf = self.access.shelf
        return None if shelf is None else shelf.files.create()

    def failed_to_keep(self, error: OSError) -> None:
        """
        A body cannot be written: nothing is kept for a while.  Where the directory is gone
        it is made anew then.
        """
        self._paused = self._clock.seconds() + _PAUSE
        if isinstance(error, FileNotFoundError):
            self.access.broken(error)
        else:
            self.trouble.happened("cannot keep a response", error)

    def open_body(self, kept: DiskKept) -> OpenBody:
        """
        Open the file of a body.  A response whose body cannot be read is not kept any
        more.

        @raise BodyLost: it cannot be read.
        """
        shelf = self.access.shelf
        if shelf is None:
            raise BodyLost("the cache is closed")
        try:
            descriptor = shelf.files.open(kept.name, kept.length)
        except (OSError, BodyLost) as error:
            if kept in self.found(kept.key):
                self.trouble.happened("cannot read a body", error)
                self.waiting.remove(Remove(kept))
            raise BodyLost(f"{kept.name} cannot be read: {error}") from error
        if descriptor is None:
            raise BodyLost("too many files are open")
        return OpenBody(shelf.files, descriptor)

    def _kept(self, entry: bytes, record: Record) -> DiskKept | None:
        """
        @return: C{None} where it is about to be removed, or its head cannot be read.
        """
        generation = record.generation
        if generation in self.waiting.removed:
            return None
        head = self.waiting.heads.get(generation) or self._heads.known.get(record.head)
        if head is not None:
            return DiskKept(self, entry, record, head)
        try:
            head = unpack_head(record.head)
        except MalformedHead as error:
            self.trouble.happened("cannot read a head", error)
            return None
        self._heads.add(record.head, head)
        return DiskKept(self, entry, record, head)
