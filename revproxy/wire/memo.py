"""
What was made of octets that come again and again.
"""

from __future__ import annotations

from typing import Any


class Memo:
    """
    Remembers what is seen a second time: most of what differs from message to message
    never is, and would only be kept for the next to take its place.

    What is remembered is bounded, and forgotten whole when it grows past that.

    @ivar known: what was made, by the octets.
    @ivar _seen: the hashes of what was seen once or more.
    """

    __slots__ = ("_most", "_seen", "known")

    def __init__(self, most: int) -> None:
        """
        @param most: how many to remember.
        """
        self.known: dict[bytes, Any] = {}
        self._seen: set[int] = set()
        self._most = most

    def add(self, octets: bytes, made: object) -> None:
        """
        Take what was made of octets that are not known.
        """
        mark = hash(octets)
        if mark not in self._seen:
            if len(self._seen) >= self._most:
                self._seen.clear()
            self._seen.add(mark)
            return
        if len(self.known) >= self._most:
            self.known.clear()
        self.known[octets] = made
