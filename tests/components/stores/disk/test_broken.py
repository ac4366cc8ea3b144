"""
A store whose files are spoilt.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import cast

import lmdb
from twisted.logger import formatEvent

from revproxy.components.stores.disk.directory import GATE, open_directory, open_lock
from revproxy.components.stores.disk.index import Index
from revproxy.errors import BodyLost
from tests.components.stores.disk.disk_case import LARGE, DiskTestCase, FullIndex


class BrokenTests(DiskTestCase):
    def place(self) -> Path:
        (file,) = self.files()
        return file

    def assertLost(self) -> None:
        kept = self.find()
        assert kept is not None
        self.assertRaises(BodyLost, kept.open)
        self.assertRaises(BodyLost, kept.body, 0, 10)
        self.assertIsNone(self.find())

    def test_unreadable_files(self) -> None:
        """
        A body whose file is gone, cut or no file is not read, and not found a second time.
        """
        for number, spoil in enumerate((self._unlink, self._cut, self._scribble, self._make_directory)):
            self.keep(LARGE)
            spoil(self.place())
            self.assertLost()
            self.assertGreater(self.store.figures().errors, number)
            if self.path.joinpath("bodies").exists():
                for left in self.path.joinpath("bodies").glob("*/*"):
                    left.rmdir() if left.is_dir() else left.unlink()

    def _unlink(self, file: Path) -> None:
        file.unlink()

    def _cut(self, file: Path) -> None:
        os.truncate(file, 1000)

    def _scribble(self, file: Path) -> None:
        file.write_bytes(bytes(len(file.read_bytes())))

    def _make_directory(self, file: Path) -> None:
        file.unlink()
        file.mkdir()

    def test_cut_while_it_is_read(self) -> None:
        """
        Where a file is cut while it is read, who reads is told.
        """
        self.keep(LARGE)
        kept = self.find()
        assert kept is not None
        self.assertEqual(kept.body(0, 500), LARGE[:500])
        os.truncate(self.place(), 1000)
        self.assertRaises(BodyLost, kept.body, 500, 2000)

    def test_evicted_meanwhile(self) -> None:
        """
        Where another process has removed it after it was found, that is no trouble.
        """
        self.keep(LARGE)
        kept = self.find()
        assert kept is not None
        other = self.find()
        assert other is not None
        self.store.remove(other)
        self.assertRaises(BodyLost, kept.open)
        self.assertTold(0, errors=0)

    def test_malformed_head(self) -> None:
        """
        A head that cannot be read is not found.
        """
        self.keep(b"body")
        shelf = self.shelf()
        ((entry, record),) = shelf.index.find(b"key")
        change = shelf.index.change()
        assert change is not None
        change.update(entry, record._replace(head=b"no head"))
        change.commit()
        shelf.index.changed()
        self.assertIsNone(self.find())
        self.assertTold(1, errors=1)

    def test_directory_removed(self) -> None:
        """
        Where somebody removes the directory it goes on without, and makes it anew.
        """
        self.keep(LARGE)
        shutil.rmtree(self.path)
        self.assertIsNone(self.keep(LARGE, b"another"))
        self.assertEqual((self.find(), self.keep(LARGE)), (None, None))
        self.assertTold(1, errors=1)
        self.clock.advance(11)
        self.assertIsNotNone(self.keep(LARGE))
        self.assertEqual(self.body(), LARGE)
        self.assertTold(2, errors=1)

    def test_broken_index(self) -> None:
        """
        Where the index cannot be used it is opened anew after a while.
        """
        self.keep(LARGE)
        self.shelf().index._environment.close()
        self.assertIsNone(self.find())
        self.assertIsNone(self.keep(LARGE))
        self.clock.advance(11)
        self.assertEqual(self.body(), LARGE)
        self.assertTold(1, errors=1)

    def test_purges_outlive_a_broken_index(self) -> None:
        """
        What was to be removed when the index broke is removed when it is opened anew.
        """
        self.keep(LARGE)
        kept = self.find()
        assert kept is not None
        error = lmdb.CorruptedError("MDB_CORRUPTED")
        self.shelf().index = cast(Index, FullIndex(self.shelf().index, error))
        self.store.remove(kept)
        self.assertIsNone(self.find())
        self.clock.advance(11)
        self.assertIsNone(self.find())
        self.assertEqual(self.shelf().index.totals()[0], 0)

    def test_going_through_a_broken_index(self) -> None:
        """
        Who goes through the keys while the index breaks gets no more of them.
        """
        self.keep(LARGE)
        steps = self.store.keys(b"")
        self.shelf().index._environment.close()
        self.assertEqual(list(steps), [])
        self.assertEqual(list(self.store.tagged(b"")), [])


class StartTests(DiskTestCase):
    def test_refused(self) -> None:
        """
        A directory that is not for us is left alone, and tried again.
        """
        strange = Path(self.mktemp())
        strange.mkdir(mode=0o755)
        self.store = self.start(strange)
        self.assertIsNone(self.keep())
        self.assertEqual(list(strange.iterdir()), [])
        self.assertTold(1, errors=1)
        self.assertIn("chmod 700", formatEvent(self.logged[0]))
        strange.chmod(0o700)
        self.clock.advance(11)
        self.assertIsNotNone(self.keep())

    def test_no_parent(self) -> None:
        """
        So it is where there is nothing for the directory to be in.
        """
        self.stop()
        self.store = self.start(self.path / "deep" / "deeper")
        self.assertIsNone(self.keep())
        self.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_started_together(self) -> None:
        """
        While another process is opening it that is no trouble, unless it takes too long.
        """
        directory = open_directory(self.path)
        self.addCleanup(directory.close)
        gate = open_lock(directory, GATE)
        self.addCleanup(gate.close)
        self.stop()
        gate.take()
        self.store = self.start()
        self.clock.advance(0.05)
        self.assertIsNone(self.keep())
        gate.let_go()
        self.clock.advance(0.05)
        self.assertIsNotNone(self.keep())
        self.assertTold(0, errors=0)
        self.stop()
        gate.take()
        self.store = self.start()
        self.clock.pump([0.05] * 101)
        self.assertTold(1, errors=1)
