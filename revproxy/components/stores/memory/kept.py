"""
A response that is kept in memory.
"""

from __future__ import annotations

from typing import Final

from zope.interface import classImplements

from revproxy.compiled import WHY_SOURCES, mypyc_attr
from revproxy.interfaces import IKept
from revproxy.wire.caching.kept import KeptHead, octets_of

NOWHERE: Final = 0
"""
The place of what is kept no more.
"""

MOST_USES: Final = 3
"""
Uses are counted up to this: more would not tell whether it is in use now.
"""


@mypyc_attr(acyclic=True)
class MemoryKept:
    """
    A response in memory.  As it holds the body, it can be read as long as somebody has it.

    @ivar cost: how many octets of memory it takes, its places in dictionaries and queues
        included.
    @ivar uses: how often it was used of late, see L{MOST_USES}.
    @ivar place: the queue that it is in; L{NOWHERE} where it is kept no more.
    @ivar older: the next older one under the same key.
    """

    __slots__ = ("cost", "head", "key", "length", "older", "place", "uses", "whole")

    def __init__(self, key: bytes, head: KeptHead, body: bytes) -> None:
        self.key = key
        self.head = head
        self.whole = body
        self.length = len(body)
        self.uses = 0
        self.place = NOWHERE
        self.older: MemoryKept | None = None
        self.cost = self.count()

    def count(self) -> int:
        """
        @return: what C{cost} is now.
        """
        head = self.head
        return _FIXED + _TAG * len(head.tags) + head.size + octets_of(self.key) + octets_of(self.whole)

    def used(self) -> None:
        """
        Implement L{IKept.used}.
        """
        if self.uses < MOST_USES:
            self.uses += 1

    def body(self, start: int, stop: int) -> bytes:
        """
        Implement L{IKept.body}.
        """
        return self.whole if stop - start == self.length else self.whole[start:stop]

    def open(self) -> None:
        """
        Implement L{IKept.open}: there is no file.
        """


classImplements(MemoryKept, IKept)

_ENTRY: Final = 48 + 16 + 4
"""
What an entry takes in its dictionary, which is filled by half or more, in a queue, and of
the table of what was evicted.
"""

_TAG: Final = 64
"""
What a tag takes in the dictionary of tags.
"""

_OBJECT: Final = 96 if WHY_SOURCES is None else 160

_FIXED: Final = _ENTRY + _OBJECT
"""
What every entry takes beside its head, its key and its body.
"""
