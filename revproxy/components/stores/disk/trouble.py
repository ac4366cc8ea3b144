"""
What goes wrong with a cache on disk.
"""

from __future__ import annotations

from pathlib import Path

from twisted.logger import Logger


class Trouble:
    """
    Counts what goes wrong, and says it once: a full disk would fill the log, too.

    @ivar errors: how often something went wrong.
    """

    _log = Logger()

    def __init__(self, path: Path) -> None:
        """
        @param path: the cache's directory.
        """
        self._path = path
        self._told = False
        self.errors = 0

    def happened(self, what: str, error: Exception) -> None:
        """
        Something went wrong.
        """
        self.errors += 1
        if not self._told:
            self._told = True
            self._log.error(
                "the cache in {path} {what}: {error}; it goes on without, and says no more until it is well",
                path=self._path,
                what=what,
                error=error,
            )

    def over(self) -> None:
        """
        Something was kept.
        """
        if self._told:
            self._told = False
            self._log.info("the cache in {path} keeps responses again", path=self._path)
