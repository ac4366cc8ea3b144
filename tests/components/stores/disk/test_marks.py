"""
Tests of L{revproxy.components.stores.disk.marks}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.directory import MARKS, open_directory
from revproxy.components.stores.disk.marks import MOST, PLACES, Marks


class MarksTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.directory = open_directory(self.path)
        self.addCleanup(self.directory.close)

    def marks(self) -> Marks:
        marks = Marks(self.directory)
        self.addCleanup(marks.close)
        return marks

    def test_spent(self) -> None:
        """
        Each use lets an entry stay once more, up to a few times.
        """
        marks = self.marks()
        self.assertFalse(marks.spend(b"12345678"))
        for _ in range(10):
            marks.add(b"12345678")
        self.assertFalse(marks.spend(b"abcdefgh"))
        self.assertEqual([marks.spend(b"12345678") for _ in range(MOST + 1)], [True] * MOST + [False])

    def test_uses(self) -> None:
        """
        They are told, and stay as they are.
        """
        marks = self.marks()
        self.assertEqual(marks.uses(b"12345678"), 0)
        marks.add(b"12345678")
        self.assertEqual([marks.uses(b"12345678") for _ in range(2)], [1, 1])

    def test_new(self) -> None:
        """
        What is new was not used yet, whatever was there before.
        """
        marks = self.marks()
        marks.add(b"12345678")
        marks.clear(b"12345678")
        self.assertFalse(marks.spend(b"12345678"))

    def test_shared(self) -> None:
        """
        All who have the file open see the same, and so does who comes after them.
        """
        first, second = self.marks(), self.marks()
        first.add(b"12345678")
        first.close()
        self.assertTrue(second.spend(b"12345678"))
        second.add(b"12345678")
        second.close()
        self.assertTrue(self.marks().spend(b"12345678"))

    def test_closed(self) -> None:
        """
        Once it is closed, what is used leaves no mark, and that is no error.
        """
        marks = self.marks()
        marks.close()
        marks.add(b"12345678")

    def test_room(self) -> None:
        """
        All the room that it will ever need is taken at the start.
        """
        self.marks()
        status = self.path.joinpath(MARKS).stat()
        self.assertEqual(status.st_size, PLACES)
        self.assertGreaterEqual(status.st_blocks * 512, PLACES)
