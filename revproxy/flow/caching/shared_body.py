"""
A body as it comes, for several who read it at paces of their own.
"""

from __future__ import annotations

from typing import Final

from revproxy.flow.caching.cache import Cache

MOST_JOINABLE: Final = 1 << 20
"""
As long as no more octets have come, others can begin to read: they need it from its beginning.
"""

MOST_JOINABLE_TOGETHER: Final = 64 << 20
"""
So many octets of all bodies of a cache are held for those who may yet come.
"""


class SharedBody:
    """
    Holds what somebody has yet to read; at first all of it, for those who may yet come.

    @ivar joinable: whether it is there from its beginning.
    @ivar octets: how many are held.
    @ivar _dropped: how many pieces there were before those that are held.
    """

    __slots__ = ("_cache", "_dropped", "_pieces", "joinable", "octets")

    def __init__(self, cache: Cache, joinable: bool) -> None:
        self.joinable = joinable
        self.octets = 0
        self._cache = cache
        self._pieces: list[bytes] = []
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """
        More has come.
        """
        self._pieces.append(data)
        self.octets += len(data)
        if self.joinable:
            self._cache.joinable += len(data)
            if self.octets > MOST_JOINABLE or self._cache.joinable > MOST_JOINABLE_TOGETHER:
                self.close()

    def close(self) -> None:
        """
        Nobody may begin to read any more.
        """
        if self.joinable:
            self.joinable = False
            self._cache.joinable -= min(self.octets, self._cache.joinable)

    def piece(self, number: int) -> bytes | None:
        """
        @param number: counted from 0; not one that was let go of.
        @return: C{None} where it has not come yet.
        """
        place = number - self._dropped
        return self._pieces[place] if place < len(self._pieces) else None

    def all(self) -> bytes | None:
        """
        @return: all that has come; C{None} where it is not held any more.
        """
        return b"".join(self._pieces) if self.joinable else None

    def drop_before(self, number: int | None) -> None:
        """
        All who read have the pieces before that one; C{None} where nobody reads.
        """
        count = len(self._pieces) if number is None else number - self._dropped
        if not self.joinable and count > 0:
            self.octets -= sum(map(len, self._pieces[:count]))
            del self._pieces[:count]
            self._dropped += count
