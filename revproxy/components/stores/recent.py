"""
What came of late.
"""

from __future__ import annotations

from array import array
from typing import Final

_LEAST: Final = 1024
_OCTETS: Final = 4


class Recent:
    """
    Remembers hashes, about as many as it is told to: each has one place in a table, where
    the next that has the same place takes it.  So some are forgotten early and some late,
    and one takes four octets where in a queue it would take a hundred.

    @ivar _table: the hashes, with 0 for nothing.
    """

    __slots__ = ("_mask", "_table")

    def __init__(self) -> None:
        self._table = array("I", bytes(_LEAST * _OCTETS))
        self._mask = _LEAST - 1

    @property
    def octets(self) -> int:
        """
        How much memory it takes.
        """
        return (self._mask + 1) * _OCTETS

    def add(self, digest: int, most: int) -> None:
        """
        Remember one.

        @param most: how many to remember, where the table may have to grow: two copies
            of it are as good as one of twice the size, since the place is told by the
            lowest bits.
        """
        if most > self._mask:
            self._table.extend(self._table)
            self._mask = len(self._table) - 1
        mark = (digest & 0xFFFFFFFF) or 1
        self._table[mark & self._mask] = mark

    def take(self, digest: int) -> bool:
        """
        @return: whether it was remembered.  It is no more.
        """
        mark = (digest & 0xFFFFFFFF) or 1
        place = mark & self._mask
        if self._table[place] != mark:
            return False
        self._table[place] = 0
        return True
