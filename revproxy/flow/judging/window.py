"""
How much of what was tried in the last seconds has failed.
"""

from __future__ import annotations

from typing import Final

SLOTS: Final = 10
"""
A window moves on by so many parts of its length.
"""


class Window:
    """
    Counts what is tried and what fails, over a window of time that moves on.

    It takes the same memory whatever is counted.

    @ivar _totals: what was tried, in each part of the window.
    @ivar _now: which part of all time the newest is.
    """

    __slots__ = ("_failures", "_length", "_now", "_totals")

    def __init__(self, seconds: float) -> None:
        """
        @param seconds: the window's length.
        """
        self._length = seconds / SLOTS
        self._totals = [0] * SLOTS
        self._failures = [0] * SLOTS
        self._now = 0

    def count(self, now: float, failed: bool) -> None:
        """
        Something was tried.

        @param now: in seconds, never less than before.
        """
        slot = self._slot(now)
        self._totals[slot] += 1
        if failed:
            self._failures[slot] += 1

    def revoke(self, now: float) -> None:
        """
        Something that was counted as well has failed after all.
        """
        self._failures[self._slot(now)] += 1

    def tally(self, now: float) -> tuple[int, int]:
        """
        @return: how much was tried, and how much of it failed.
        """
        self._slot(now)
        return sum(self._totals), sum(self._failures)

    def clear(self) -> None:
        """
        Forget all.
        """
        self._totals = [0] * SLOTS
        self._failures = [0] * SLOTS

    def _slot(self, now: float) -> int:
        """
        @return: the place of the newest part; what has left the window is forgotten.
        """
        part = int(now / self._length)
        for passed in range(self._now + 1, min(part, self._now + SLOTS) + 1):
            self._totals[passed % SLOTS] = self._failures[passed % SLOTS] = 0
        self._now = max(part, self._now)
        return self._now % SLOTS
