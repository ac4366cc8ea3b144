"""
The tables of the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from revproxy.components.stores.disk.record import Record, unpack_record

if TYPE_CHECKING:
    from lmdb import Transaction


class Tables:
    """
    The tables of the index.

    @ivar entries: the records.
    @ivar tags: a digest of each tag with the key of an entry that has it, and no value.
    @ivar state: what is kept of the whole.
    """

    def __init__(self, entries: Any, tags: Any, state: Any) -> None:
        self.entries = entries
        self.tags = tags
        self.state = state


def under(
    transaction: Transaction[bytes], tables: Tables, digest: bytes, key: bytes
) -> list[tuple[bytes, Record]]:
    """
    @param digest: that of C{key}.
    @return: the entries under a primary key, newest first.
    """
    found: list[tuple[bytes, Record]] = []
    cursor = transaction.cursor(tables.entries)
    here = cursor.set_range(digest)
    while here:
        entry, value = cursor.item()
        if not entry.startswith(digest):
            break
        record = unpack_record(value)
        if record.key == key:
            found.append((entry, record))
        here = cursor.next()
    return found
