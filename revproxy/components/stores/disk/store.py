"""
C{type: disk}: responses in a directory that processes share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import lmdb
from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from typing_extensions import override
from zope.interface import implementer

from revproxy.components.stores.disk.depot import Depot
from revproxy.components.stores.disk.keeping import DiskKeeping
from revproxy.components.stores.disk.kept import DiskKept
from revproxy.components.stores.disk.operations import Remove
from revproxy.components.stores.disk.shelf import Shelf
from revproxy.components.stores.disk.sweep import Sweep
from revproxy.components.stores.disk.tenancy import boot_identity
from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead


@implementer(ICacheStore)
class DiskStore(Service):
    """
    Keeps responses on disk, up to so many octets.
    """

    def __init__(
        self,
        clock: IReactorTime,
        path: Path,
        size: int,
        max_object: int,
        most_open: int,
        boot: Callable[[], bytes] = boot_identity,
    ) -> None:
        """
        @param size: in octets.
        @param max_object: how many octets a body may have.
        @param most_open: how many files of bodies may be open at once.
        @param boot: see L{boot_identity}.
        """
        self._clock = clock
        self._max_object = max_object
        self._depot = Depot(clock, path, size, most_open, boot)
        self._sweep: Sweep | None = None

    @override
    def startService(self) -> None:
        """
        Begin to use the directory, now or whenever that becomes possible.
        """
        super().startService()
        self._depot.access.open(self._opened)

    @override
    def stopService(self) -> None:
        """
        Let go of the directory.
        """
        super().stopService()
        if self._sweep is not None:
            self._sweep.stop()
            self._sweep = None
        self._depot.waiting.finish()
        self._depot.access.close()

    def find(self, key: bytes) -> Sequence[IKept]:
        """
        Implement L{ICacheStore.find}.
        """
        return self._depot.found(key)

    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept]:
        """
        Implement L{ICacheStore.more}: there is no more.
        """
        return ()

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        """
        Implement L{ICacheStore.begin}.
        """
        if not self._depot.takes or (length is not None and length > self._max_object):
            return None
        return DiskKeeping(self._depot, key, head, length, self._max_object)

    def update(self, kept: IKept, head: KeptHead) -> None:
        """
        Implement L{ICacheStore.update}.
        """
        if isinstance(kept, DiskKept):
            self._depot.update(kept, head)

    def remove(self, kept: IKept) -> None:
        """
        Implement L{ICacheStore.remove}.
        """
        if isinstance(kept, DiskKept):
            self._depot.waiting.remove(Remove(kept))

    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.keys}.
        """
        return self._steps(lambda shelf: shelf.index.keys(prefix))

    def tagged(self, tag: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.tagged}.
        """
        return self._steps(lambda shelf: shelf.index.tagged(tag))

    def figures(self) -> Figures:
        """
        Implement L{ICacheStore.figures}: entries and octets are those of all processes.
        """
        entries = octets = 0
        access, waiting = self._depot.access, self._depot.waiting
        if access.shelf is not None:
            try:
                entries, octets = access.shelf.index.totals()
            except lmdb.Error as error:
                access.broken(error)
        return Figures(entries, octets, waiting.stores, waiting.evictions, self._depot.trouble.errors)

    def _opened(self, shelf: Shelf) -> None:
        self._depot.waiting.flush()
        if self._sweep is not None:
            self._sweep.stop()
        self._sweep = Sweep(self._clock, shelf)
        self._sweep.start()

    def _steps(self, begin: Callable[[Shelf], Iterator[list[bytes]]]) -> Iterator[Sequence[bytes]]:
        """
        Go through the index as long as that is possible.
        """
        access = self._depot.access
        shelf = access.shelf
        if shelf is None:
            return
        try:
            for found in begin(shelf):
                yield found
                if access.shelf is not shelf:
                    return
        except lmdb.Error as error:
            access.broken(error)
