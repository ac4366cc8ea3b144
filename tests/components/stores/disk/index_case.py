"""
An index to be tested.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.change import Change
from revproxy.components.stores.disk.directory import open_directory
from revproxy.components.stores.disk.index import Index
from revproxy.components.stores.disk.marks import Marks
from revproxy.components.stores.disk.record import Record, cost_of, record_of
from revproxy.components.stores.disk.totals import TOTALS, Totals
from revproxy.testing import stand_in_head
from revproxy.wire.caching.kept import KeptHead

MiB = 1 << 20
HEAD = stand_in_head()


class IndexTestCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.directory = open_directory(self.path)
        self.addCleanup(self.directory.close)
        self.marks = Marks(self.directory)
        self.addCleanup(self.marks.close)
        self.index = Index(self.directory, 64 * MiB, self.marks)
        self.addCleanup(self.close)
        self.made = 0

    def close(self) -> None:
        self.index.close()

    def record(
        self, key: bytes, head: KeptHead = HEAD, body: bytes | None = b"body", length: int = 4
    ) -> Record:
        self.made += 1
        generation = (self.made * 0x9E3779B97F4A7C15 % (1 << 64)).to_bytes(8, "little")
        return record_of(key, generation, head, length, body)

    def change(self, *steps: Callable[[Change], object]) -> Change:
        change = self.index.change()
        assert change is not None
        for step in steps:
            step(change)
        change.commit()
        self.index.changed()
        return change

    def put(self, *records: Record) -> Change:
        return self.change(*(partial(self._put, record) for record in records))

    def _put(self, record: Record, change: Change) -> None:
        change.put(record)

    def bodies(self, key: bytes) -> list[bytes | None]:
        return [record.body for _, record in self.index.find(key)]

    def assertTotalsRight(self) -> None:
        keys = {key for step in self.index.keys(b"") for key in step}
        found = [record for key in keys for _, record in self.index.find(key)]
        costs = [cost_of(record.pack()) for record in found]
        with self.index._begin() as transaction:
            totals = Totals(transaction.get(TOTALS, db=self.index._tables.state))
        self.assertEqual(totals.records, sum(cost[0] for cost in costs))
        self.assertEqual(totals.files, sum(cost[1] for cost in costs))
        self.assertEqual(self.index.totals()[0], len(found))
