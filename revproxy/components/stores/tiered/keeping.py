"""
A response whose body is coming into several stores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from zope.interface import implementer

from revproxy.interfaces import IKeeping, IKept

Ended: TypeAlias = Callable[[Sequence[IKept | None]], IKept | None]


@implementer(IKeeping)
class TieredKeeping:
    """
    Gives a body to all stores that take it.
    """

    def __init__(self, keepings: Sequence[IKeeping | None], committed: Ended) -> None:
        """
        @param keepings: what each store gave.
        @param committed: is called with what each has kept of it, and gives the answer to
            who commits.
        """
        self._keepings = list(keepings)
        self._committed = committed

    def write(self, data: bytes) -> bool:
        """
        Implement L{IKeeping.write}: there is a use as long as there is one for any store.
        """
        for place, keeping in enumerate(self._keepings):
            if keeping is not None and not keeping.write(data):
                keeping.abort()
                self._keepings[place] = None
        return any(keeping is not None for keeping in self._keepings)

    def commit(self) -> IKept | None:
        """
        Implement L{IKeeping.commit}.
        """
        kepts = [None if keeping is None else keeping.commit() for keeping in self._keepings]
        self._keepings = []
        return self._committed(kepts)

    def abort(self) -> None:
        """
        Implement L{IKeeping.abort}.
        """
        for keeping in self._keepings:
            if keeping is not None:
                keeping.abort()
        self._keepings = []
