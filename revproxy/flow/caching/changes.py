"""
What was purged or invalidated of late.

A response that a server was asked for before such a change may be the old one: it is not
kept when it comes, nor is it for those who ask after the change.
"""

from __future__ import annotations

from typing import Final

_MOST_URLS: Final = 1024


class Changes:
    """
    @ivar any: whether there were any.
    @ivar _urls: when each URL changed last.
    @ivar _all: when everything may have changed last.
    """

    __slots__ = ("_all", "_urls", "any")

    def __init__(self) -> None:
        self.any = False
        self._urls: dict[bytes, float] = {}
        self._all = float("-inf")

    def at(self, url: bytes, now: float) -> None:
        """
        Something has changed at a URL.
        """
        self.any = True
        if len(self._urls) >= _MOST_URLS:
            self.everywhere(now)
        self._urls[url] = now

    def everywhere(self, now: float) -> None:
        """
        Any number of URLs have changed.
        """
        self.any = True
        self._all = now
        self._urls.clear()

    def since(self, key: bytes, asked: float) -> bool:
        """
        @param key: of a request; what it begins with is the URL.
        @param asked: when a server was asked.
        @return: whether there was a change later.
        """
        if not self.any:
            return False
        return asked < self._all or asked < self._urls.get(key.partition(b" ")[0], float("-inf"))
