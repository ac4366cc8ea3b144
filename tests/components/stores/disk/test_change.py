"""
Tests of L{revproxy.components.stores.disk.change}.
"""

from __future__ import annotations

from functools import partial
from random import Random

from revproxy.components.stores.disk.change import MOST_VARIANTS, Change
from revproxy.components.stores.disk.record import Record, cost_of, digest_of, file_name, record_of
from revproxy.components.stores.disk.totals import BASE, INDEX_SHARE
from revproxy.testing import stand_in_head
from tests.components.stores.disk.index_case import IndexTestCase


class ChangeTests(IndexTestCase):
    def test_released(self) -> None:
        """
        A change tells which files nobody needs any more.
        """
        records = [self.record(b"key", body=None, length=5000) for _ in range(3)]
        names = [file_name(digest_of(b"key"), record.generation) for record in records]
        self.assertEqual(self.put(records[0]).released, [])
        self.assertEqual(self.put(records[1]).released, names[:1])
        self.assertEqual(self.put(self.record(b"key")).released, names[1:2])
        self.put(records[2])
        entry = self.index.find(b"key")[0][0]
        change = self.change(lambda change: change.remove(entry, records[2].generation))
        self.assertEqual(change.released, names[2:])

    def test_update(self) -> None:
        """
        A record takes the place of another of its generation alone, and the file stays.
        """
        record = self.record(b"key", stand_in_head(tags=(b"old",)), None, 5000)
        self.put(record)
        entry = self.index.find(b"key")[0][0]
        newer = record_of(b"key", record.generation, stand_in_head(tags=(b"new", b"b")), 5000, None)
        self.assertEqual(self.change(lambda change: change.update(entry, newer)).released, [])
        self.assertEqual(self.index.find(b"key"), [(entry, newer)])
        self.assertEqual(list(self.index.tagged(b"old")), [[]])
        self.assertEqual(list(self.index.tagged(b"new")), [[b"key"]])
        stranger = newer._replace(generation=b"another!")
        self.change(lambda change: change.update(entry, stranger))
        self.assertEqual(self.index.find(b"key"), [(entry, newer)])
        self.assertTotalsRight()

    def test_variants_are_bounded(self) -> None:
        """
        Of one key a number is kept; where none is used, the newest.
        """
        for number in range(MOST_VARIANTS + 5):
            self.put(self.record(b"key", stand_in_head(secondary=b"%d" % number), b"%d" % number))
        expected = [b"%d" % number for number in range(MOST_VARIANTS + 4, 4, -1)]
        self.assertEqual(self.bodies(b"key"), expected)

    def test_variants_in_use_stay(self) -> None:
        """
        Those that were used stay, whatever comes.
        """
        for number in range(2 * MOST_VARIANTS):
            self.put(self.record(b"key", stand_in_head(secondary=b"%d" % number), b"%d" % number))
            if number in (0, 1):
                self.marks.add(self.index.find(b"key")[0][1].generation)
        expected = [b"%d" % number for number in range(2 * MOST_VARIANTS - 1, MOST_VARIANTS + 1, -1)]
        self.assertEqual(self.bodies(b"key"), [*expected, b"1", b"0"])
        self.assertTotalsRight()

    def evict(self, size: int) -> Change:
        return self.change(lambda change: change.evict(size))

    def test_evict(self) -> None:
        """
        To make room, what was not used goes first.
        """
        self.put(*(self.record(b"%02d" % number) for number in range(60)))
        cost = cost_of(self.index.find(b"00")[0][1].pack())[0]
        for number in range(30):
            self.marks.add(self.index.find(b"%02d" % number)[0][1].generation)
        change = self.evict(BASE + INDEX_SHARE * 35 * cost)
        self.assertEqual(change.evicted, 25)
        self.assertEqual({len(self.bodies(b"%02d" % number)) for number in range(30)}, {1})
        self.assertTotalsRight()

    def test_evict_all(self) -> None:
        """
        In the end all go, used or not, a few at a time.
        """
        self.put(*(self.record(b"%d" % number) for number in range(500)))
        for number in range(500):
            for _ in range(3):
                self.marks.add(self.index.find(b"%d" % number)[0][1].generation)
        changes = 0
        while self.index.totals()[0]:
            before = self.index.totals()[0]
            self.evict(0)
            changes += 1
            self.assertLess(before - self.index.totals()[0], 65)
        self.assertGreaterEqual(changes, 8)
        self.assertTotalsRight()

    def test_room_for_files(self) -> None:
        """
        Where there is no room for files, files go; where there are too many records, any.
        """
        small = [self.record(b"small %d" % number, body=bytes(3000)) for number in range(200)]
        large = [self.record(b"large %d" % number, body=None, length=100_000) for number in range(200)]
        for record in (*small, *large):
            self.put(record)
        room = BASE + self.index._size() + 50 * 110_000
        while self.evict(room).evicted:
            pass
        self.assertTotalsRight()
        self.assertEqual({len(self.bodies(record.key)) for record in small}, {1})
        self.assertLess(sum(len(self.bodies(record.key)) for record in large), 60)
        self.assertGreater(sum(len(self.bodies(record.key)) for record in large), 40)

    def test_nothing_to_evict(self) -> None:
        """
        Where there is nothing there is room.
        """
        results: list[bool] = []
        self.change(lambda change: results.append(change.evict(0)))
        self.assertEqual(results, [True])

    def _remove(self, entry: bytes, record: Record, change: Change) -> None:
        change.remove(entry, record.generation)

    def _update(self, entry: bytes, record: Record, change: Change) -> None:
        change.update(entry, record)

    def test_totals(self) -> None:
        """
        Whatever is done, it is known how much there is.
        """
        random = Random(1)
        for _ in range(300):
            key = b"%d" % random.randrange(20)
            found = self.index.find(key)
            what = random.randrange(4)
            if what < 2 or not found:
                head = stand_in_head(
                    secondary=b"%d" % random.randrange(3),
                    tags=[b"%d" % random.randrange(3)] * random.randrange(2),
                )
                self.put(self.record(key, head, random.choice((None, b"x" * random.randrange(3000))), 5000))
            elif what == 2:
                entry, record = random.choice(found)
                self.change(partial(self._remove, entry, record))
            else:
                entry, record = random.choice(found)
                newer = record_of(key, record.generation, stand_in_head(500), record.length, record.body)
                self.change(partial(self._update, entry, newer))
        self.assertTotalsRight()
        with self.index._begin() as transaction:
            tags = transaction.stat(self.index._tables.tags)["entries"]
        keys = {key for step in self.index.keys(b"") for key in step}
        self.assertEqual(tags, sum(record.tags for key in keys for _, record in self.index.find(key)))
