"""
Tests of L{revproxy.components.stores.disk.index}.
"""

from __future__ import annotations

import os

import lmdb

from revproxy.components.stores.disk.directory import WRITER, open_lock
from revproxy.components.stores.disk.index import Index
from revproxy.components.stores.disk.record import DIGEST, digest_of
from revproxy.testing import stand_in_head
from tests.components.stores.disk.index_case import IndexTestCase, MiB


class IndexTests(IndexTestCase):
    def test_same_digest(self) -> None:
        """
        Entries are found by the whole key, as two may have one digest.
        """
        self.put(self.record(b"one"), self.record(b"two"))
        (entry, record) = self.index.find(b"two")[0]
        strange = digest_of(b"one") + entry[DIGEST:]
        with self.index._environment.begin(write=True) as transaction:
            transaction.put(strange, record.pack(), db=self.index._tables.entries)
        self.assertEqual(len(self.bodies(b"one")), 1)

    def test_has(self) -> None:
        """
        It knows which files have an entry.
        """
        record = self.record(b"key", body=None)
        self.put(self.record(b"key"), record)
        digest = digest_of(b"key")
        self.assertTrue(self.index.has(digest, record.generation))
        self.assertFalse(self.index.has(digest, b"another!"))
        self.assertFalse(self.index.has(digest_of(b"other"), record.generation))
        self.assertFalse(self.index.has(b"\xff" * DIGEST, record.generation))

    def test_steps(self) -> None:
        """
        A step over the keys, or over those with a tag, gives a few at most.
        """
        tagged = stand_in_head(tags=(b"tag",))
        self.put(*(self.record(b"%d" % number, tagged) for number in range(1000)))
        for steps in (list(self.index.keys(b"")), list(self.index.tagged(b"tag"))):
            self.assertEqual(sum(map(len, steps)), 1000)
            self.assertLess(max(map(len, steps)), 300)
        self.assertGreater(len(list(self.index.keys(b"nothing"))), 3)

    def test_one_writer(self) -> None:
        """
        Where another process changes something nobody waits for it.
        """
        other = open_lock(self.directory, WRITER)
        self.addCleanup(other.close)
        other.take()
        self.assertIsNone(self.index.change())
        other.let_go()
        self.put(self.record(b"key"))
        self.assertTrue(other.take())

    def test_aborted(self) -> None:
        """
        Nothing is left of a change that was not made.
        """
        self.put(self.record(b"key"))
        change = self.index.change()
        assert change is not None
        change.put(self.record(b"another"))
        change.remove(*self._of(b"key"))
        change.abort()
        self.index.changed()
        self.assertEqual((self.bodies(b"key"), self.bodies(b"another")), ([b"body"], []))
        self.assertTotalsRight()

    def test_opened_again(self) -> None:
        """
        All is there when it is opened again, without having been written out.
        """
        self.put(*(self.record(b"%d" % number) for number in range(100)))
        self.index.close()
        self.index = Index(self.directory, 64 * MiB, self.marks)
        self.assertEqual(len({key for step in self.index.keys(b"") for key in step}), 100)
        self.assertTotalsRight()
        self.index.write_out()

    def test_truncated(self) -> None:
        """
        A file that is too short is refused: reading behind its end would kill the
        process.
        """
        self.put(*(self.record(b"%d" % number) for number in range(100)))
        self.index.close()
        file = self.path / "index"
        os.truncate(file, file.stat().st_size // 2 // 4096 * 4096)
        self.assertRaises(lmdb.CorruptedError, Index, self.directory, 64 * MiB, self.marks)
        file.write_bytes(b"no index at all" * 1000)
        self.assertRaises(lmdb.Error, Index, self.directory, 64 * MiB, self.marks)
        file.unlink()
        self.index = Index(self.directory, 64 * MiB, self.marks)

    def test_full(self) -> None:
        """
        Where there is no room for more that is an error, and what is there can be read.
        """
        self.index.close()
        self.path.joinpath("index").unlink()
        self.index = Index(self.directory, MiB, self.marks)
        body = bytes(3000)
        with self.assertRaises(lmdb.MapFullError):
            for number in range(1000):
                change = self.index.change()
                assert change is not None
                try:
                    change.put(self.record(b"%d" % number, body=body))
                    change.commit()
                except lmdb.Error:
                    change.abort()
                    raise
                finally:
                    self.index.changed()
        self.assertEqual(self.bodies(b"1"), [body])
        self.assertTotalsRight()

    def _of(self, key: bytes) -> tuple[bytes, bytes]:
        ((entry, record),) = self.index.find(key)
        return entry, record.generation
