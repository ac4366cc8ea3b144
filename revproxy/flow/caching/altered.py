"""
A kept response under another head than it is kept with.
"""

from __future__ import annotations

from zope.interface import implementer

from revproxy.interfaces import IKept, IOpenBody
from revproxy.wire.caching.kept import KeptHead


@implementer(IKept)
class Altered:
    """
    What one client gets: a server has said something of a kept response that is for this
    client alone.
    """

    def __init__(self, kept: IKept, head: KeptHead) -> None:
        self.key = kept.key
        self.head = head
        self.length = kept.length
        self._kept = kept

    @property
    def whole(self) -> bytes | None:
        """
        Implement L{IKept}.
        """
        return self._kept.whole

    def used(self) -> None:
        """
        Implement L{IKept.used}.
        """
        self._kept.used()

    def body(self, start: int, stop: int) -> bytes:
        """
        Implement L{IKept.body}.
        """
        return self._kept.body(start, stop)

    def open(self) -> IOpenBody | None:
        """
        Implement L{IKept.open}.
        """
        return self._kept.open()
