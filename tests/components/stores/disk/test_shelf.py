"""
Tests of L{revproxy.components.stores.disk.shelf}.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.directory import (
    GATE,
    DirectoryBusy,
    DirectoryRefused,
    open_directory,
    open_lock,
)
from revproxy.components.stores.disk.record import record_of
from revproxy.components.stores.disk.shelf import Shelf, take_shelf
from revproxy.testing import stand_in_head

SIZE = 16 << 20


class ShelfTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()

    def take(self, boot: bytes = b"boot", path: Path | None = None) -> Shelf:
        return take_shelf(path or self.path, boot, SIZE, 16)

    def put(self, shelf: Shelf, key: bytes = b"key") -> None:
        change = shelf.index.change()
        assert change is not None
        change.put(record_of(key, os.urandom(8), stand_in_head(), 4, b"body"))
        change.commit()
        shelf.index.changed()

    def entries(self, boot: bytes = b"boot") -> int:
        shelf = self.take(boot)
        try:
            return shelf.index.totals()[0]
        finally:
            shelf.let_go()

    def open_files(self) -> int:
        return len(os.listdir("/proc/self/fd"))

    def test_shared(self) -> None:
        """
        Within a process all who use a directory have one shelf, whatever they call it,
        until the last lets go.
        """
        link = Path(self.mktemp())
        first = self.take()
        link.symlink_to(self.path.parent)
        second = self.take(path=link / self.path.name)
        self.assertIs(first, second)
        first.let_go()
        self.put(second)
        second.let_go()
        third = self.take()
        self.assertIsNot(third, first)
        third.let_go()

    def test_nothing_stays_open(self) -> None:
        """
        When it is closed, or could not be opened, no file stays open.
        """
        self.take().let_go()
        before = self.open_files()
        self.take().let_go()
        self.path.joinpath("marks").unlink()
        self.path.joinpath("marks").mkdir()
        self.assertRaises(OSError, self.take)
        self.assertEqual(self.open_files(), before)
        self.path.joinpath("marks").rmdir()
        self.take().let_go()

    def test_closed_well(self) -> None:
        """
        What was closed well is there after a restart of the machine.
        """
        shelf = self.take()
        self.put(shelf)
        shelf.let_go()
        self.assertEqual(self.entries(b"another boot"), 1)

    def test_broken(self) -> None:
        """
        What was found broken is shared with nobody, and not taken for closed well.
        """
        shelf = self.take()
        self.put(shelf)
        shelf.broken = True
        self.assertRaises(DirectoryRefused, self.take)
        shelf.let_go()
        self.assertEqual(self.entries(b"another boot"), 0)

    def test_unusable_index(self) -> None:
        """
        An index that cannot be used is thrown away where nobody else uses it.
        """
        shelf = self.take()
        self.put(shelf)
        shelf.let_go()
        self.path.joinpath("index").write_bytes(b"scribbled over" * 1000)
        self.assertEqual(self.entries(), 0)
        shelf = self.take()
        self.put(shelf)
        shelf.let_go()
        os.truncate(self.path / "index", 8192)
        self.assertEqual(self.entries(), 0)

    def test_one_at_a_time(self) -> None:
        """
        While another process opens or closes it nobody waits.
        """
        directory = open_directory(self.path)
        self.addCleanup(directory.close)
        gate = open_lock(directory, GATE)
        gate.take()
        self.assertRaises(DirectoryBusy, self.take)
        gate.close()
        self.take().let_go()

    def test_private(self) -> None:
        """
        Nothing in the directory can be used by others.
        """
        shelf = self.take()
        self.put(shelf)
        self.assertEqual({path.stat().st_mode & 0o077 for path in self.path.rglob("*")}, {0})
        shelf.let_go()
        self.assertEqual({path.stat().st_mode & 0o077 for path in self.path.rglob("*")}, {0})
