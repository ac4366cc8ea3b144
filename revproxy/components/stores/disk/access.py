"""
A cache on disk that may have to be opened anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import lmdb
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.components.stores.disk.directory import DirectoryBusy
from revproxy.components.stores.disk.shelf import Shelf, take_shelf
from revproxy.components.stores.disk.tenancy import boot_identity
from revproxy.components.stores.disk.trouble import Trouble
from revproxy.errors import RevproxyError

_AGAIN: Final = 10.0
"""
After so many seconds another attempt is made to open it.
"""

_SOON: Final = 0.05
_MOST_SOON: Final = 100
"""
So often it may be that another process is opening it just then, as processes are started
together.
"""


class Access:
    """
    Opens a cache, and opens it again where it could not be used.

    @ivar shelf: the cache; C{None} while it is not open.
    """

    shelf: Shelf | None = None

    def __init__(
        self,
        clock: IReactorTime,
        path: Path,
        size: int,
        most_open: int,
        trouble: Trouble,
        boot: Callable[[], bytes] = boot_identity,
    ) -> None:
        """
        @param size: how many octets all entries may take.
        @param most_open: how many files of bodies may be open at once.
        @param boot: see L{boot_identity}.
        """
        self._clock = clock
        self._path = path
        self._map_size = size + (64 << 20)
        self._most_open = most_open
        self._trouble = trouble
        self._boot = boot
        self._call: IDelayedCall | None = None
        self._busy = 0
        self._opened: Callable[[Shelf], object] = lambda shelf: None

    def open(self, opened: Callable[[Shelf], object]) -> None:
        """
        Begin to have it open, whenever that is possible.

        @param opened: called each time that it was opened.
        """
        self._opened = opened
        self._try()

    def broken(self, error: Exception) -> None:
        """
        It cannot be used as it is: close it, and open it anew after a while.
        """
        self._trouble.happened("cannot use its index", error)
        if self.shelf is not None:
            self.shelf.broken = True
            self.shelf.let_go()
            self.shelf = None
            self._again()

    def close(self) -> None:
        """
        Have it open no more.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None
        if self.shelf is not None:
            self.shelf.let_go()
            self.shelf = None

    def _try(self) -> None:
        self._call = None
        try:
            self.shelf = take_shelf(self._path, self._boot(), self._map_size, self._most_open)
        except (RevproxyError, OSError, lmdb.Error) as error:
            if isinstance(error, DirectoryBusy) and self._busy < _MOST_SOON:
                self._busy += 1
                self._again(_SOON)
            else:
                self._trouble.happened("cannot be opened", error)
                self._again()
        else:
            self._busy = 0
            self._opened(self.shelf)

    def _again(self, delay: float = _AGAIN) -> None:
        if self._call is None:
            self._call = self._clock.callLater(delay, self._try)
