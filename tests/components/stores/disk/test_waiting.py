"""
Tests of L{revproxy.components.stores.disk.waiting}: another process changes the index.
"""

from __future__ import annotations

from typing_extensions import override

from revproxy.components.stores.disk.directory import WRITER, open_directory, open_lock
from revproxy.testing import stand_in_head
from tests.components.stores.disk.disk_case import LARGE, DiskTestCase


class BusyTests(DiskTestCase):
    """
    Another process changes the index.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.keep(LARGE, b"before")
        directory = open_directory(self.path)
        self.addCleanup(directory.close)
        self.writer = open_lock(directory, WRITER)
        self.addCleanup(self.writer.close)
        self.writer.take()

    def test_waits(self) -> None:
        """
        What is to be changed is changed when the other one is ready, in order; nobody
        waits for it.
        """
        kept = self.keep(LARGE)
        assert kept is not None
        self.assertEqual(kept.body(0, 10), LARGE[:10])
        self.assertIsNone(self.find())
        self.store.update(kept, stand_in_head(404))
        before = self.find(b"before")
        assert before is not None
        self.store.remove(before)
        self.assertIsNone(self.find(b"before"))
        self.clock.advance(1)
        self.assertIsNone(self.find())
        self.writer.let_go()
        self.clock.advance(1)
        found = self.find()
        assert found is not None
        self.assertEqual((found, found.head.status), (kept, 404))
        self.assertIsNone(self.find(b"before"))
        self.assertEqual(len(self.files()), 1)
        self.assertTold(0, errors=0)

    def test_replaced_while_waiting(self) -> None:
        """
        What is replaced or removed before it is in the index is not there in the end.
        """
        first = self.keep(LARGE)
        second = self.keep(LARGE)
        other = self.keep(LARGE, b"other")
        assert first is not None and second is not None and other is not None
        self.store.remove(other)
        self.writer.let_go()
        self.clock.advance(1)
        self.assertEqual(self.find(), second)
        self.assertIsNone(self.find(b"other"))
        self.assertEqual(len(self.files()), 2)

    def test_not_without_bound(self) -> None:
        """
        Where the other one is never ready, nothing more is kept in the end.
        """
        for number in range(2000):
            self.keep(b"body", b"%d" % number)
        self.assertIsNone(self.store.begin(b"key", stand_in_head(), None))
        self.writer.let_go()
        self.clock.advance(1)
        self.assertGreater(self.store.figures().entries, 500)
        self.assertIsNotNone(self.store.begin(b"key", stand_in_head(), None))

    def test_stopped_while_waiting(self) -> None:
        """
        What is still to be removed when it is stopped is removed if that is possible.
        """
        before = self.find(b"before")
        assert before is not None
        self.store.remove(before)
        self.writer.let_go()
        self.stop()
        self.store = self.start()
        self.assertIsNone(self.find(b"before"))
