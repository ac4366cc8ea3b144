"""
What was used of late.

A hit leaves a mark in a file that all processes have in their memory: that takes no call
of the system and no lock, and two at once cost at most one mark.
"""

from __future__ import annotations

import os
from mmap import MAP_SHARED, mmap
from typing import Final

from revproxy.components.stores.disk.directory import MARKS, Directory

PLACES: Final = 1 << 21
"""
An octet for each; of more entries than that some share one.
"""

MOST: Final = 3
"""
Uses are counted up to this: more would not tell whether it is in use now.
"""


class Marks:
    """
    The uses of each entry since the hand of the clock came by.
    """

    def __init__(self, directory: Directory) -> None:
        """
        @raise OSError: there is no room for it.  It is taken from the disk at once: a
            process that wrote to a place that the disk has no room for would be killed.
        """
        descriptor = directory.file(MARKS, os.O_RDWR | os.O_CREAT)
        try:
            os.posix_fallocate(descriptor, 0, PLACES)
            self._places = mmap(descriptor, PLACES, MAP_SHARED)
        finally:
            os.close(descriptor)

    def add(self, generation: bytes) -> None:
        """
        An entry was used.
        """
        place = int.from_bytes(generation[:4], "little") % PLACES
        if not self._places.closed:
            uses = self._places[place]
            if uses < MOST:
                self._places[place] = uses + 1

    def uses(self, generation: bytes) -> int:
        """
        @return: how often an entry was used of late.
        """
        return self._places[int.from_bytes(generation[:4], "little") % PLACES]

    def spend(self, generation: bytes) -> bool:
        """
        @return: whether an entry was used, and so stays this time: the next time it needs
            another use.
        """
        place = int.from_bytes(generation[:4], "little") % PLACES
        uses = self._places[place]
        if uses:
            self._places[place] = uses - 1
        return uses > 0

    def clear(self, generation: bytes) -> None:
        """
        An entry is new, and was not used yet.
        """
        self._places[int.from_bytes(generation[:4], "little") % PLACES] = 0

    def close(self) -> None:
        """
        Let go of the file.
        """
        self._places.close()
