"""
Entries in the order in which they came.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from revproxy.components.stores.memory.kept import NOWHERE, MemoryKept
from revproxy.components.stores.memory.unwatched import unwatch

_FEW: Final = 64
_STEPS: Final = 8


class Queue:
    """
    First in, first out, where any entry may leave in between.

    Who leaves so stays behind as a shell until its turn comes.  Where there are many
    shells they are swept out a few at a time, each time that another leaves: nothing ever
    goes over the whole queue.

    @ivar octets: what the entries take.
    @ivar entries: how many there are.
    @ivar _place: what entries are told that are in here.
    @ivar _newer: the later part, newest to the left.
    @ivar _older: the earlier part, which was swept already.
    @ivar _shells: how many of those in both are in here no more.
    """

    __slots__ = ("_newer", "_older", "_place", "_shells", "entries", "octets")

    def __init__(self, place: int) -> None:
        """
        @param place: another number for each queue.
        """
        self._place = place
        self._newer: deque[MemoryKept] = deque()
        self._older: deque[MemoryKept] = deque()
        unwatch(self._newer)
        unwatch(self._older)
        self._shells = 0
        self.entries = 0
        self.octets = 0

    def push(self, kept: MemoryKept) -> None:
        """
        Let one in, behind all others.
        """
        kept.place = self._place
        self._newer.appendleft(kept)
        self.entries += 1
        self.octets += kept.cost

    def pop(self) -> MemoryKept | None:
        """
        @return: the one that has been here longest, which is out now; C{None} where there
            is none.
        """
        while self._older or self._newer:
            kept = self._older.pop() if self._older else self._newer.pop()
            if kept.place == self._place:
                self._let_go(kept)
                return kept
            self._shells -= 1
        return None

    def leave(self, kept: MemoryKept) -> None:
        """
        Let one out that is in here.
        """
        self._let_go(kept)
        self._shells += 1
        if self._shells > _FEW + self.entries // 4:
            self._sweep()

    def _let_go(self, kept: MemoryKept) -> None:
        kept.place = NOWHERE
        self.entries -= 1
        self.octets -= kept.cost

    def _sweep(self) -> None:
        """
        Go on sweeping, from the oldest of those that were not swept yet.
        """
        for _ in range(_STEPS):
            if not self._newer:
                self._newer, self._older = self._older, self._newer
                return
            kept = self._newer.pop()
            if kept.place == self._place:
                self._older.appendleft(kept)
            else:
                self._shells -= 1
