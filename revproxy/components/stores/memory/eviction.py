"""
Who stays in memory: S3-FIFO, by Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all
you need for cache eviction", SOSP 2023.

Most of what comes is asked for once.  It waits in a small queue, and goes from there, so
what is asked for often is not driven out by a crawler that asks for everything.  Who was
used meanwhile moves on to the main queue, where those in use get another turn.  Who comes
back soon after it was evicted starts there.
"""

from __future__ import annotations

from typing import Final

from revproxy.components.stores.memory.kept import MemoryKept
from revproxy.components.stores.memory.queue import Queue
from revproxy.components.stores.recent import Recent

_SMALL: Final = 1
_MAIN: Final = 2

_SMALL_SHARE: Final = 10

_MOST_STEPS: Final = 64
"""
After so many entries that are all in use the next one goes, used or not: looking for
another could take as long as there are entries.
"""


class Eviction:
    """
    The queues of all entries.  It knows who is to go; that there is room is up to who
    lets entries in.

    @ivar _small_size: how many octets of new entries may wait.
    """

    __slots__ = ("_ghosts", "_main", "_small", "_small_size")

    def __init__(self, size: int) -> None:
        """
        @param size: in octets.
        """
        self._small = Queue(_SMALL)
        self._main = Queue(_MAIN)
        self._ghosts = Recent()
        self._small_size = size // _SMALL_SHARE

    @property
    def entries(self) -> int:
        """
        How many there are.
        """
        return self._small.entries + self._main.entries

    @property
    def octets(self) -> int:
        """
        What they take.
        """
        return self._small.octets + self._main.octets + self._ghosts.octets

    def add(self, kept: MemoryKept) -> None:
        """
        Let an entry in.
        """
        queue = self._main if self._ghosts.take(_digest(kept)) else self._small
        queue.push(kept)

    def remove(self, kept: MemoryKept) -> None:
        """
        Let an entry out that is in.
        """
        self._queue_of(kept).leave(kept)

    def recount(self, kept: MemoryKept) -> None:
        """
        What an entry that is in takes has changed.
        """
        cost = kept.count()
        self._queue_of(kept).octets += cost - kept.cost
        kept.cost = cost

    def evict(self) -> MemoryKept | None:
        """
        @return: who has to go, and is out now; C{None} where there is nobody.
        """
        for step in range(_MOST_STEPS):
            from_small = self._small.octets > self._small_size or not self._main.entries
            kept = self._small.pop() if from_small else self._main.pop()
            if kept is None:
                return None
            if kept.uses == 0 or step == _MOST_STEPS - 1:
                if from_small:
                    self._ghosts.add(_digest(kept), self.entries)
                return kept
            kept.uses = 0 if from_small else kept.uses - 1
            self._main.push(kept)
        return None

    def _queue_of(self, kept: MemoryKept) -> Queue:
        return self._small if kept.place == _SMALL else self._main


def _digest(kept: MemoryKept) -> int:
    """
    Tell responses apart, one key's too.
    """
    return hash(kept.key) ^ hash(kept.head.secondary)
