"""
How many retries an upstream bears.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

SAVED: Final = 10.0
"""
What was not used stays good for so many seconds.
"""


class RetryBudget:
    """
    Allows a share of the requests to be sent again, and a few a second whatever the
    load: where everything fails, retries must not multiply what a sick upstream has to bear.

    Each request pays in its share, each retry takes out one; what is saved is bounded
    (as in Finagle).

    @ivar _saved: retries that requests have paid for.
    @ivar _reserve: retries that time has paid for.
    """

    __slots__ = ("_at", "_least", "_most_saved", "_reserve", "_saved", "_seconds", "_share")

    def __init__(self, seconds: Callable[[], float], share: float, least: float) -> None:
        """
        @param seconds: tells the time.
        @param share: retries for each request, such as 0.2.
        @param least: retries a second that there may be in any case.
        """
        self._seconds = seconds
        self._share = share
        self._least = least
        self._saved = 0.0
        self._reserve = least * SAVED
        self._most_saved = 1000.0 * share
        self._at = seconds()

    def deposit(self) -> None:
        """
        A request comes.
        """
        self._saved = min(self._saved + self._share, self._most_saved)

    def withdraw(self) -> bool:
        """
        A request is to be sent again.

        @return: whether it may be.
        """
        if self._saved >= 1.0:
            self._saved -= 1.0
            return True
        now = self._seconds()
        self._reserve = min(self._reserve + (now - self._at) * self._least, self._least * SAVED)
        self._at = now
        if self._reserve < 1.0:
            return False
        self._reserve -= 1.0
        return True
