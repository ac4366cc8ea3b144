"""
Tests of L{revproxy.components.stores.disk.record}.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.stores.disk.record import (
    ENTRY,
    Record,
    cost_of,
    digest_of,
    entry_of,
    file_name,
    record_of,
    unpack_record,
)
from revproxy.testing import stand_in_head
from revproxy.wire.caching.packing import pack_head


class RecordTests(SynchronousTestCase):
    @given(st.binary(max_size=600), st.none() | st.binary(max_size=100), st.integers(0, 1 << 40))
    def test_round_trip(self, key: bytes, body: bytes | None, length: int) -> None:
        """
        A record is read as it was written.
        """
        record = record_of(key, b"12345678", stand_in_head(tags=(b"a", b"b")), length, body)
        self.assertEqual(unpack_record(record.pack()), record)

    def test_of_a_head(self) -> None:
        """
        It holds the head, how many tags that has, and what it is for.
        """
        head = stand_in_head(vary=(b"accept",), secondary=b"1", tags=(b"a",))
        record = record_of(b"key", b"12345678", head, 5, None)
        self.assertEqual((record.head, record.tags), (pack_head(head), 1))

    def test_variants(self) -> None:
        """
        Two are for the same requests where the names and the secondary keys are the same.
        """
        heads = [
            stand_in_head(),
            stand_in_head(secondary=b"a,1:b"),
            stand_in_head(vary=(b"b",), secondary=b"a"),
            stand_in_head(vary=(b"b", b"c"), secondary=b"a"),
            stand_in_head(vary=(b"b,1:c",), secondary=b"a"),
        ]
        variants = [record_of(b"", bytes(8), head, 0, b"").variant for head in heads]
        self.assertEqual(len(set(variants)), len(heads))
        updated = record_of(b"", bytes(8), stand_in_head(404), 0, b"")
        self.assertEqual(updated.variant, variants[0])

    def test_newest_first(self) -> None:
        """
        Entries of one key stand together, the newest first.
        """
        digest = digest_of(b"key")
        entries = [entry_of(digest, order) for order in (0, 1, 2, 1000, 1 << 40)]
        self.assertEqual(sorted(entries), entries[::-1])
        self.assertEqual({len(entry) for entry in entries}, {ENTRY})

    def test_file_name(self) -> None:
        """
        The name of a body's file tells its key and which one it is.
        """
        name = file_name(digest_of(b"key"), b"12345678")
        self.assertEqual(bytes.fromhex(name), digest_of(b"key") + b"12345678")

    def test_cost(self) -> None:
        """
        What is said to be taken is at least what a record and a file have in them.
        """

        def cost(length: int, body: bytes | None, tags: int = 0) -> tuple[int, int]:
            return cost_of(Record(b"key", length, bytes(8), bytes(8), tags, b"head", body).pack())

        self.assertGreater(cost(1000, bytes(1000))[0], 1000)
        self.assertEqual(cost(1000, bytes(1000))[1], 0)
        self.assertEqual(cost(3000, bytes(3000))[0] % 4096, 0)
        self.assertGreater(cost(5000, None, tags=3)[0], cost(5000, None)[0])
        for length in (4096, 10_000, 1 << 20):
            self.assertGreaterEqual(cost(length, None)[1], length + 64)
            self.assertLess(cost(length, None)[1], length + 3 * 4096)
