"""
Tests of L{revproxy.components.stores.memory.store}.
"""

from __future__ import annotations

import sys
import tracemalloc

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.memory.store import MOST_VARIANTS, MemoryStore
from revproxy.interfaces import IKeeping
from revproxy.testing import CacheStoreContract, stand_in_head
from revproxy.wire.caching.kept import KeptHead
from tests.wire.caching.test_kept import numbered_head

MiB = 1 << 20


class MemoryStoreContractTests(CacheStoreContract, SynchronousTestCase):
    @override
    def make_store(self) -> MemoryStore:
        return MemoryStore(16 * MiB, MiB)


class MemoryStoreTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.size = 4 * MiB
        self.store = MemoryStore(self.size, MiB)

    def begin(self, key: bytes = b"key", length: int | None = None, head: KeptHead | None = None) -> IKeeping:
        keeping = self.store.begin(key, head or stand_in_head(), length)
        assert keeping is not None
        return keeping

    def keys(self) -> set[bytes]:
        return {key for step in self.store.keys(b"") for key in step}

    def test_too_large(self) -> None:
        """
        What is larger than it takes is not begun, or given up when that shows.
        """
        self.assertIsNone(self.store.begin(b"key", stand_in_head(), MiB + 1))
        keeping = self.begin()
        self.assertTrue(keeping.write(bytes(MiB)))
        self.assertFalse(keeping.write(b"!"))
        self.assertIsNone(keeping.commit())
        self.assertEqual(self.keys(), set())

    def test_bounded(self) -> None:
        """
        Whatever is kept, it never takes more than it may, bodies that are yet to come
        included.
        """
        coming = [self.begin(b"coming %d" % number) for number in range(3)]
        for number in range(100):
            for keeping in coming:
                keeping.write(bytes(1000))
            self.store.keep(b"%d" % number, stand_in_head(), bytes(100 * number))
            for size in (0, 100_000):
                self.store.keep(b"%d %d" % (number, size), stand_in_head(), bytes(size))
            self.assertLessEqual(self.store.figures().octets, self.size)
        self.assertGreater(self.store.figures().octets, self.size * 0.9)
        self.assertGreater(self.store.figures().evictions, 10)

    def test_what_is_coming(self) -> None:
        """
        Bodies that may never be whole take a quarter at most: what is kept is not given
        up for them.
        """
        for number in range(40):
            self.store.keep(b"%d" % number, stand_in_head(), bytes(70_000))
        coming = [self.begin(b"coming %d" % number) for number in range(20)]
        taken = [keeping.write(bytes(100_000)) for keeping in coming]
        self.assertEqual(sum(taken), 10)
        self.assertGreater(len(self.keys()), 30)
        for keeping in coming:
            keeping.abort()
        self.assertTrue(self.begin().write(bytes(500_000)))

    def test_nothing_left_behind(self) -> None:
        """
        When all is gone it takes what it took when it was empty.
        """
        before = self.store.figures().octets
        for number in range(50):
            keeping = self.begin(b"%d" % number, head=stand_in_head(tags=(b"tag",)))
            keeping.write(b"x")
            keeping.write(bytes(5000))
            keeping.abort() if number % 2 else keeping.commit()
        for key in self.keys():
            for kept in self.store.find(key):
                self.store.update(kept, stand_in_head(fields=((b"x-long", bytes(b"x" * 1000)),)))
                self.store.remove(kept)
        self.assertEqual(self.store.figures().octets, before)

    def test_one_piece(self) -> None:
        """
        A body that comes in one piece is not copied; many small pieces are not held one
        by one.
        """
        body = b"one piece" * 1000
        keeping = self.begin()
        keeping.write(body)
        kept = keeping.commit()
        assert kept is not None
        self.assertIs(kept.whole, body)
        keeping = self.begin()
        tracemalloc.start()
        for _ in range(100_000):
            keeping.write(b"x")
        taken = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        self.assertLess(taken, 200_000)
        kept = keeping.commit()
        assert kept is not None
        self.assertEqual(kept.whole, b"x" * 100_000)

    def test_variants_are_bounded(self) -> None:
        """
        Of one key a number is kept; where none is used, the newest.
        """
        for number in range(MOST_VARIANTS + 10):
            self.store.keep(b"key", stand_in_head(secondary=b"%d" % number), b"")
        found = [int(kept.head.secondary) for kept in self.store.find(b"key")]
        self.assertEqual(found, list(range(MOST_VARIANTS + 9, 9, -1)))

    def test_variants_in_use_stay(self) -> None:
        """
        Those that were used stay, whatever comes; the one that is new stays until the next.
        """
        for number in range(3 * MOST_VARIANTS):
            kept = self.store.keep(b"key", stand_in_head(secondary=b"%d" % number), b"")
            assert kept is not None
            if number % 2 == 0 and number < 2 * MOST_VARIANTS - 2:
                kept.used()
        found = [int(kept.head.secondary) for kept in self.store.find(b"key")]
        used = list(range(2 * MOST_VARIANTS - 4, -1, -2))
        self.assertEqual(found, [3 * MOST_VARIANTS - 1, *used])

    def test_growing_heads(self) -> None:
        """
        A head that grows is counted, and others have to go for it.
        """
        for number in range(40):
            self.store.keep(b"%d" % number, stand_in_head(), bytes(90_000))
        for key in self.keys():
            for kept in self.store.find(key):
                self.store.update(kept, stand_in_head(fields=((b"x-long", b"x" * 50_000),)))
                self.assertLessEqual(self.store.figures().octets, self.size)
        self.assertLess(len(self.keys()), 35)

    def test_readers_keep_what_is_evicted(self) -> None:
        """
        What is evicted can be read by whoever has it.
        """
        kept = self.store.keep(b"first", stand_in_head(), b"body")
        assert kept is not None
        for number in range(200):
            self.store.keep(b"%d" % number, stand_in_head(), bytes(100_000))
        self.assertEqual(self.store.find(b"first"), ())
        self.assertEqual(kept.body(1, 3), b"od")
        self.store.update(kept, stand_in_head(404))
        self.assertEqual(kept.head.status, 200)

    def test_larger_than_the_store(self) -> None:
        """
        Where a response has no room even alone it is not kept, and all others are gone.
        """
        store = MemoryStore(200_000, 200_000)
        self.assertIsNotNone(store.keep(b"small", stand_in_head(), b""))
        self.assertIsNone(store.keep(b"large", stand_in_head(), bytes(190_000)))
        self.assertEqual(store.figures().entries, 0)


class CostTests(SynchronousTestCase):
    """
    What is said to be taken, against what Python asks the C library for, which gives some
    octets more each time: L{tests.live.test_memory_store} looks at the process.
    """

    def assertCounted(self, count: int, body: int, lines: int, tags: int = 0) -> None:
        store = MemoryStore(1 << 30, MiB)
        before = store.figures().octets
        tracemalloc.start()
        for number in range(count):
            head = numbered_head(number, lines, 0, tags)
            store.keep(b"https://example.com/%d" % number, head, bytes(body + number % 16))
        taken = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        said = store.figures().octets - before
        self.assertGreater(said, 0.97 * taken)
        self.assertLess(said, 1.3 * taken)

    def test_small(self) -> None:
        """
        Of entries without a body all that they take is counted, and little more.
        """
        self.assertCounted(20_000, body=0, lines=5)

    def test_usual(self) -> None:
        """
        So it is of those with some.
        """
        self.assertCounted(5000, body=2000, lines=12)

    def test_tags(self) -> None:
        """
        So it is of those with tags of their own.
        """
        self.assertCounted(5000, body=100, lines=5, tags=5)

    def test_empty(self) -> None:
        """
        An empty store takes what it says.
        """
        tracemalloc.start()
        store = MemoryStore(MiB, MiB)
        taken = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        self.assertLess(abs(store.figures().octets / taken - 1), 0.25, (store.figures(), taken))
        self.assertGreater(taken, sys.getsizeof(store))
