"""
What is changed in the index at once: all of it, or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from revproxy.components.stores.disk.marks import Marks
from revproxy.components.stores.disk.record import (
    DIGEST,
    ENTRY,
    Record,
    digest_of,
    entry_of,
    file_name,
    unpack_record,
)
from revproxy.components.stores.disk.tables import Tables, under
from revproxy.components.stores.disk.totals import TOTALS, Totals
from revproxy.wire.caching.packing import MalformedHead, unpack_head

if TYPE_CHECKING:
    from lmdb import Transaction

MOST_VARIANTS: Final = 64
"""
So many responses of one key are kept: what a C{Vary} names may have any number of values,
and all of them are looked at for each request.
"""

_MOST_STEPS: Final = 64
"""
So many entries the hand goes over at once.
"""


class Change:
    """
    A transaction.  Who has to make room is told by a clock (Corbató, "A paging experiment
    with the Multics system", 1968): its hand goes round over all entries, in the order of
    their digests, and takes those that were not used since it last came by, or not since
    they came.  That order has nothing to do with when they came, and needs no table of its
    own.

    @ivar released: the files that no entry refers to any more, once this is committed.
    @ivar evicted: how many entries had to go to make room.
    """

    def __init__(
        self, transaction: Transaction[bytes], tables: Tables, marks: Marks, index_size: int
    ) -> None:
        """
        @param index_size: how large the file of the index is.
        """
        self._transaction = transaction
        self._index_size = index_size
        self._tables = tables
        self._marks = marks
        self.released: list[str] = []
        self.evicted = 0
        self._totals = Totals(transaction.get(TOTALS, db=tables.state))

    def put(self, record: Record) -> bytes:
        """
        Add an entry, in the place of those for the same requests.

        @return: the key of the entry.
        """
        digest = digest_of(record.key)
        self._drop_variants(digest, record)
        entry = entry_of(digest, self._totals.order)
        self._totals.order += 1
        self._store(entry, record)
        self._marks.clear(record.generation)
        return entry

    def update(self, entry: bytes, record: Record) -> None:
        """
        Put a record in the place of another of the same generation, if that is there.
        """
        before = self._get(entry)
        if before is not None and before.generation == record.generation:
            self._remove(entry, before)
            self._drop_variants(entry[:DIGEST], record)
            self._store(entry, record)

    def remove(self, entry: bytes, generation: bytes) -> None:
        """
        Take an entry out, if it is there.
        """
        record = self._get(entry)
        if record is not None and record.generation == generation:
            self._drop(entry, record)

    def evict(self, size: int) -> bool:
        """
        Make room, as far as that can be done at once.

        @param size: how many octets of the disk may be taken.
        @return: whether no more are taken any longer.
        """
        totals, index_size = self._totals, self._index_size
        cursor = self._transaction.cursor(self._tables.entries)
        for step in range(_MOST_STEPS):
            of_records, of_files = totals.too_many(size, index_size)
            if not (of_records or of_files):
                return True
            if not cursor.set_range(totals.hand) and not cursor.first():
                totals.records = totals.files = 0
                return True
            entry, value = cursor.item()
            totals.hand = _after(entry)
            record = unpack_record(value)
            if not of_records and record.body is not None:
                continue  # that would make no room for files
            if not self._marks.spend(record.generation) or step == _MOST_STEPS - 1:
                self._drop(entry, record)
                self.evicted += 1
        return not any(totals.too_many(size, index_size))

    def commit(self) -> None:
        """
        Make all of it true.
        """
        self._transaction.put(TOTALS, self._totals.pack(), db=self._tables.state)
        self._transaction.commit()

    def abort(self) -> None:
        """
        Make nothing of it true.
        """
        self._transaction.abort()

    def _get(self, entry: bytes) -> Record | None:
        value = self._transaction.get(entry, db=self._tables.entries)
        return None if value is None else unpack_record(value)

    def _store(self, entry: bytes, record: Record) -> None:
        value = record.pack()
        self._transaction.put(entry, value, db=self._tables.entries)
        self._totals.count(value, 1)
        for tag in _tags(record):
            self._transaction.put(digest_of(tag) + entry, b"", db=self._tables.tags)

    def _remove(self, entry: bytes, record: Record) -> None:
        """
        Take an entry out whose file is still needed.
        """
        self._transaction.delete(entry, db=self._tables.entries)
        self._totals.count(record.pack(), -1)
        for tag in _tags(record):
            self._transaction.delete(digest_of(tag) + entry, db=self._tables.tags)

    def _drop(self, entry: bytes, record: Record) -> None:
        """
        Take an entry out for good.
        """
        self._remove(entry, record)
        if record.body is None:
            self.released.append(file_name(entry[:DIGEST], record.generation))

    def _drop_variants(self, digest: bytes, record: Record) -> None:
        """
        Take out what another record takes the place of; where there are too many, also those
        that were used least of late, of these the oldest.
        """
        stay: list[tuple[bytes, Record]] = []
        for entry, other in under(self._transaction, self._tables, digest, record.key):
            if other.variant == record.variant:
                self._drop(entry, other)
            else:
                stay.append((entry, other))
        if len(stay) >= MOST_VARIANTS:
            stay.reverse()
            stay.sort(key=self._uses)
            for entry, other in stay[: len(stay) - MOST_VARIANTS + 1]:
                self._drop(entry, other)

    def _uses(self, found: tuple[bytes, Record]) -> int:
        return self._marks.uses(found[1].generation)


def _tags(record: Record) -> tuple[bytes, ...]:
    """
    The tags of a head, where it has any and can be read.
    """
    if not record.tags:
        return ()
    try:
        return unpack_head(record.head).tags
    except MalformedHead:
        return ()


def _after(entry: bytes) -> bytes:
    """
    @return: what stands right behind an entry.
    """
    number = (int.from_bytes(entry, "big") + 1) % (1 << 8 * ENTRY)
    return number.to_bytes(ENTRY, "big")
