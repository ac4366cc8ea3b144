"""
What is kept of a whole cache on disk.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from revproxy.components.stores.disk.record import ENTRY, cost_of

TOTALS: Final = b"totals"
"""
The key of it in the index.
"""

BASE: Final = 4 << 20
"""
About how many octets an empty cache takes: the marks, the directories, the first pages of
the index.
"""

INDEX_SHARE: Final = 2
"""
The index is this part of the whole at most.  It never becomes smaller, only empty: so it
must not become so large that there is no room for bodies ever after.
"""

_FORMAT: Final = Struct(f"<QQQ{ENTRY}s")


class Totals:
    """
    How much there is.

    @ivar records: how many octets all records take.
    @ivar files: how many those files take that bodies are in.
    @ivar order: how many entries were ever kept.
    @ivar hand: where the hand of the clock stands, see L{Change.evict}.
    """

    def __init__(self, packed: bytes | None) -> None:
        """
        @param packed: as it is in the index; C{None} where there is nothing yet.
        """
        self.records: int
        self.files: int
        self.order: int
        self.hand: bytes
        self.records, self.files, self.order, self.hand = _FORMAT.unpack(packed or bytes(_FORMAT.size))

    def pack(self) -> bytes:
        """
        @return: what it is in the index.
        """
        return _FORMAT.pack(self.records, self.files, self.order, self.hand)

    def count(self, value: bytes, more: int) -> None:
        """
        Count a record that comes or goes.

        @param value: the packed record.
        @param more: 1 or -1.
        """
        of_record, of_file = cost_of(value)
        self.records = max(0, self.records + more * of_record)
        self.files = max(0, self.files + more * of_file)

    def octets(self, index_size: int) -> int:
        """
        How many octets of the disk are taken.

        @param index_size: how large the file of the index is.
        """
        return BASE + max(self.records, index_size) + self.files

    def too_many(self, size: int, index_size: int) -> tuple[bool, bool]:
        """
        Whether there are too many records, and too many octets in files.

        @param size: how many octets of the disk may be taken.
        """
        return self.records > (size - BASE) // INDEX_SHARE, self.octets(index_size) > size
