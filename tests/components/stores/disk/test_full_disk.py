"""
A store on a full disk.
"""

from __future__ import annotations

import os
from typing import cast

import lmdb
from typing_extensions import override

from revproxy.components.stores.disk.files import BodyFiles, BodyWriter
from revproxy.components.stores.disk.index import Index
from revproxy.testing import stand_in_head
from tests.components.stores.disk.disk_case import LARGE, DiskTestCase, FullIndex


class FullFiles:
    """
    Files on a full disk.
    """

    def __init__(self, files: BodyFiles) -> None:
        self._files = files

    def create(self) -> BodyWriter:
        writer = self._files.create()
        assert writer is not None
        writer._descriptor, descriptor = os.open("/dev/full", os.O_WRONLY), writer._descriptor
        os.close(descriptor)
        return writer

    def remove(self, name: str) -> None:
        self._files.remove(name)


class FullDiskTests(DiskTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.keep(LARGE, b"before")

    def test_bodies(self) -> None:
        """
        Where a body cannot be written it is given up, and nothing is kept for a while;
        what was kept before is found.
        """
        full = FullFiles(self.shelf().files)
        self.shelf().files, files = cast(BodyFiles, full), self.shelf().files
        self.assertIsNone(self.keep(LARGE))
        self.shelf().files = files
        self.assertIsNone(self.keep(LARGE))
        self.assertIsNone(self.store.begin(b"key", stand_in_head(), None))
        self.assertEqual(self.body(b"before"), LARGE)
        self.assertEqual(self.files("aside"), [])
        self.assertTold(1, errors=1)
        self.clock.advance(11)
        self.keep(LARGE)
        self.assertEqual(self.body(), LARGE)
        self.assertTold(2, errors=1)

    def test_told_once(self) -> None:
        """
        However often that happens, the log says it once until it is well again.
        """
        files = self.shelf().files
        for turn in range(5):
            self.shelf().files = cast(BodyFiles, FullFiles(files))
            self.assertIsNone(self.keep(LARGE))
            self.clock.advance(11)
            self.assertTold(1, errors=turn + 1)
        self.shelf().files = files
        self.keep(LARGE)
        self.assertTold(2, errors=5)

    def test_index(self) -> None:
        """
        Where the index cannot be written what was to be kept is given up, with its file,
        and what was to be removed is not found, and is removed as soon as that works.
        """
        index = self.shelf().index
        full = FullIndex(index, lmdb.DiskError("No space left on device"))
        self.shelf().index = cast(Index, full)
        before = self.find(b"before")
        assert before is not None
        self.keep(LARGE, b"lost")
        self.store.remove(before)
        self.assertEqual((self.find(b"lost"), self.find(b"before")), (None, None))
        self.assertEqual(len(self.files()), 1)
        self.clock.advance(5)
        self.assertEqual((self.find(b"lost"), self.find(b"before")), (None, None))
        full.error = None
        self.clock.advance(5)
        self.assertEqual(self.files(), [])
        self.assertEqual(index.totals()[0], 0)
        self.keep(LARGE)
        self.assertEqual(self.body(), LARGE)

    def test_index_updates(self) -> None:
        """
        So it is with other heads: they count at once.
        """
        full = FullIndex(self.shelf().index, lmdb.MapFullError("MDB_MAP_FULL"))
        self.shelf().index = cast(Index, full)
        before = self.find(b"before")
        assert before is not None
        for status in (404, 410):
            self.store.update(before, stand_in_head(status))
        found = self.find(b"before")
        assert found is not None
        self.assertEqual(found.head.status, 410)
        full.error = None
        self.clock.advance(5)
        self.assertEqual(self.store._depot.waiting.heads, {})
        found = self.find(b"before")
        assert found is not None
        self.assertEqual((found.head.status, self.body(b"before")), (410, LARGE))
