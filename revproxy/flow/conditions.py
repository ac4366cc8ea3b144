"""
What can go wrong with a server, by the names that the file has for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from revproxy.errors import CONDITIONS, ExchangeError


class Conditions:
    """
    A choice of what can go wrong.
    """

    __slots__ = ("_names", "_statuses")

    def __init__(self, names: Iterable[str] = (), statuses: Iterable[int] = ()) -> None:
        """
        @param names: of L{revproxy.errors.CONDITIONS}.
        @param statuses: of responses that count as failures.
        """
        self._names = frozenset(names)
        self._statuses = frozenset(statuses)

    @property
    def has_statuses(self) -> bool:
        """
        Whether any response counts as a failure.
        """
        return bool(self._statuses)

    def has_error(self, error: ExchangeError) -> bool:
        """
        Whether the error is among them.
        """
        return error.condition in self._names

    def has_status(self, status: int) -> bool:
        """
        Whether a response of this status is among them.
        """
        return status in self._statuses


ANY_FAILURE: Final = Conditions(CONDITIONS, range(500, 600))
"""
All that is a server's doing.
"""
