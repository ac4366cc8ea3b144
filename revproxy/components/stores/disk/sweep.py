"""
Files that nobody refers to are swept out.

A process that is killed leaves what it was just writing, and a body that was in its place
before the index had its entry.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Final

import lmdb
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.components.stores.disk.directory import ASIDE, SWEEPER, Lock, open_lock
from revproxy.components.stores.disk.files import FANS
from revproxy.components.stores.disk.record import DIGEST
from revproxy.components.stores.disk.shelf import Shelf

_STEP: Final = 100
_PAUSE: Final = 0.02
_YOUNG: Final = 60.0
"""
A file that came less than so many seconds ago may be about to have its entry.
"""

_IS_NAME: Final = re.compile("[0-9a-f]{48}").fullmatch


class Sweep:
    """
    Goes once over all files, a few at a time.  Of all processes one does so at once.
    """

    def __init__(self, clock: IReactorTime, shelf: Shelf, now: Callable[[], float] = time.time) -> None:
        """
        @param now: tells the time of day, as the files' times are.
        """
        self._clock = clock
        self._shelf = shelf
        self._now = now
        self._call: IDelayedCall | None = None
        self._lock: Lock | None = None
        self._steps: Iterator[None] = iter(())

    def start(self) -> None:
        """
        Begin, unless another process is at it.
        """
        try:
            self._sweep_aside()
            lock = open_lock(self._shelf.directory, SWEEPER)
        except OSError:
            return  # another time
        if not lock.take():
            lock.close()
            return
        self._lock = lock
        self._steps = self._sweep_bodies()
        self._call = self._clock.callLater(_PAUSE, self._step)

    def stop(self) -> None:
        """
        Go on no more.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _step(self) -> None:
        self._call = None
        try:
            next(self._steps)
        except (StopIteration, lmdb.Error, OSError):
            self.stop()
        else:
            self._call = self._clock.callLater(_PAUSE, self._step)

    def _sweep_aside(self) -> None:
        """
        Remove what processes were writing that are gone.
        """
        directory = self._shelf.directory
        for name in directory.list(ASIDE):
            path = f"{ASIDE}/{name}"
            lock = Lock(directory.directory(path))
            if lock.take():
                for left in directory.list(path):
                    directory.unlink(f"{path}/{left}")
                os.rmdir(path, dir_fd=directory.descriptor)
            lock.close()

    def _sweep_bodies(self) -> Iterator[None]:
        """
        Remove bodies without an entry, step by step.
        """
        directory = self._shelf.directory
        for fan in FANS:
            names = directory.list(fan)
            for start in range(0, len(names), _STEP):
                for name in names[start : start + _STEP]:
                    if self._is_stray(name) and self._is_old(f"{fan}/{name}"):
                        directory.unlink(f"{fan}/{name}")
                yield

    def _is_stray(self, name: str) -> bool:
        """
        Whether it is called like a body, and there is no entry for it.
        """
        if _IS_NAME(name) is None:
            return False
        octets = bytes.fromhex(name)
        return not self._shelf.index.has(octets[:DIGEST], octets[DIGEST:])

    def _is_old(self, path: str) -> bool:
        status = os.stat(path, dir_fd=self._shelf.directory.descriptor, follow_symlinks=False)
        return self._now() - status.st_ctime > _YOUNG
