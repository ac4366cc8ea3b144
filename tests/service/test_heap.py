"""
Tests of L{revproxy.service.heap}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.service.heap import KEPT, keep_freed_memory


class Library:
    """
    Stands in for the C library.
    """

    def __init__(self, taken: int) -> None:
        self.asked: dict[int, int] = {}
        self._taken = taken

    def mallopt(self, option: int, value: int) -> int:
        self.asked[option] = value
        return self._taken


class KeepFreedMemoryTests(SynchronousTestCase):
    def test_all_is_asked_for(self) -> None:
        """
        The library is told each of the options, and what it says is believed.
        """
        for taken in (1, 0):
            library = Library(taken)
            self.assertEqual(keep_freed_memory(library), bool(taken))
            self.assertEqual(library.asked, KEPT)

    def test_other_libraries(self) -> None:
        """
        One that knows of no such options is left alone.
        """
        self.assertFalse(keep_freed_memory(object()))
