"""
All that is open of a cache on disk.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import lmdb

from revproxy.components.stores.disk.directory import (
    GATE,
    INDEX,
    Directory,
    DirectoryBusy,
    DirectoryRefused,
    open_directory,
    open_lock,
)
from revproxy.components.stores.disk.files import BodyFiles
from revproxy.components.stores.disk.index import Index
from revproxy.components.stores.disk.marks import Marks
from revproxy.components.stores.disk.tenancy import Tenancy

_shelves: Final[dict[tuple[int, int], Shelf]] = {}
"""
Those that are open in this process, by their directories: lmdb can have a file open once.
"""


class Shelf:
    """
    The parts of a cache on disk, open.  Those in a process who use it share it.

    @ivar index: its entries.
    @ivar files: its bodies.
    @ivar marks: what was used.
    @ivar broken: whether it has to be opened anew.
    @ivar holders: how many use it.
    """

    def __init__(self, directory: Directory, boot: bytes, map_size: int, most_open: int) -> None:
        """
        @param directory: is closed in the end, or where this fails.
        @raise OSError: a part cannot be opened.
        @raise lmdb.Error: the index cannot.
        @raise DirectoryBusy: another process is just opening or closing it.
        """
        self.directory = directory
        self.broken = False
        self.holders = 0
        with ExitStack() as parts:
            parts.callback(directory.close)
            self._gate = open_lock(directory, GATE)
            parts.callback(self._gate.close)
            if not self._gate.take():
                raise DirectoryBusy(f"{directory.path} is being opened or closed by another process")
            self._tenancy = Tenancy(directory, boot)
            parts.callback(self._tenancy.close)
            trusted = self._tenancy.enter()
            self.marks = Marks(directory)
            parts.callback(self.marks.close)
            self.files = BodyFiles(directory, most_open)
            parts.callback(self.files.close)
            self.index = self._open_index(map_size, trusted)
            parts.callback(self.index.close)
            self._gate.let_go()
            self._parts = parts.pop_all()

    def let_go(self) -> None:
        """
        One of its holders has no more use for it.
        """
        self.holders -= 1
        if not self.holders:
            del _shelves[self.directory.identity]
            self._close()

    def _open_index(self, map_size: int, trusted: bool) -> Index:
        """
        Open the index, or an empty one where that is no use and nobody else has it.
        """
        if not trusted:
            self._drop_index()
        try:
            return Index(self.directory, map_size, self.marks)
        except lmdb.Error:
            if not self._tenancy.alone:
                raise
            self._drop_index()
            return Index(self.directory, map_size, self.marks)

    def _drop_index(self) -> None:
        for name in (INDEX, f"{INDEX}-lock"):
            self.directory.unlink(name)

    def _close(self) -> None:
        with self._parts:
            if not self.broken and self._gate.take():
                try:
                    self._tenancy.leave(self.index.write_out)
                except (OSError, lmdb.Error):
                    pass  # another boot will begin with an empty index


def take_shelf(path: Path, boot: bytes, map_size: int, most_open: int) -> Shelf:
    """
    Open a cache on disk, or share it where this process has it open.  L{Shelf.let_go} is
    to be called in the end.

    @param path: its directory.
    @param boot: see L{boot_identity}.
    @param map_size: how large the index may become.
    @param most_open: how many files of bodies may be open at once.
    @raise RevproxyError: the directory is not for us.
    @raise OSError: something cannot be opened.
    @raise lmdb.Error: the index cannot.
    """
    directory = open_directory(path)
    shelf = _shelves.get(directory.identity)
    if shelf is None:
        shelf = _shelves[directory.identity] = Shelf(directory, boot, map_size, most_open)
    else:
        directory.close()
        if shelf.broken:
            raise DirectoryRefused(f"{path} is still in use, though it is broken")
    shelf.holders += 1
    return shelf
