"""
A response that was found in a store that is not the quickest.
"""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import implementer

from revproxy.interfaces import IKept, IOpenBody
from revproxy.wire.caching.kept import KeptHead


@implementer(IKept)
class LowerKept:
    """
    A response in a lower store.  That it is used is told to who may promote it.

    @ivar kept: the response as the store gave it.
    @ivar place: the place of the store among all.
    """

    def __init__(self, kept: IKept, place: int, used: Callable[[LowerKept], object]) -> None:
        """
        @param used: called with this each time that it is used.
        """
        self.kept = kept
        self.place = place
        self._used = used
        self.key = kept.key
        self.length = kept.length
        self.whole = kept.whole

    def __eq__(self, other: object) -> bool:
        """
        Whether they are the same response.
        """
        return isinstance(other, LowerKept) and self.place == other.place and self.kept == other.kept

    def __hash__(self) -> int:
        """
        The same for the same response.
        """
        return hash(self.kept)

    @property
    def head(self) -> KeptHead:
        """
        The head, as it is now.
        """
        return self.kept.head

    def used(self) -> None:
        """
        Implement L{IKept.used}.
        """
        self.kept.used()
        self._used(self)

    def body(self, start: int, stop: int) -> bytes:
        """
        Implement L{IKept.body}.
        """
        return self.kept.body(start, stop)

    def open(self) -> IOpenBody | None:
        """
        Implement L{IKept.open}.
        """
        return self.kept.open()
