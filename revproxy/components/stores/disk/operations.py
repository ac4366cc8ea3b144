"""
What is to be changed in the index, one thing each.
"""

from __future__ import annotations

from typing import Protocol

from revproxy.components.stores.disk.change import Change
from revproxy.components.stores.disk.kept import DiskKept
from revproxy.components.stores.disk.record import Record


class Operation(Protocol):
    """
    One thing to be changed.

    @ivar lasting: whether it is tried again where it could not be done: what is not kept
        is no loss, what is not removed may be wrong.
    @ivar kept: what it is about.
    """

    lasting: bool
    kept: DiskKept

    def apply(self, change: Change) -> None:
        """
        Do it, as a part of a change.
        """


class Put:
    """
    A response is to be kept.
    """

    lasting = False

    def __init__(self, kept: DiskKept, record: Record) -> None:
        self.kept = kept
        self._record = record

    def apply(self, change: Change) -> None:
        """
        Implement L{Operation.apply}.
        """
        self.kept.entry = change.put(self._record)


class Update:
    """
    A response is to have the head that it was given.
    """

    lasting = True

    def __init__(self, kept: DiskKept, record: Record) -> None:
        self.kept = kept
        self.head = kept.head
        self._record = record

    def apply(self, change: Change) -> None:
        """
        Implement L{Operation.apply}.
        """
        if self.kept.entry:
            change.update(self.kept.entry, self._record)


class Remove:
    """
    A response is not to be kept any more.
    """

    lasting = True

    def __init__(self, kept: DiskKept) -> None:
        self.kept = kept

    def apply(self, change: Change) -> None:
        """
        Implement L{Operation.apply}.
        """
        if self.kept.entry:
            change.remove(self.kept.entry, self.kept.generation)
