"""
Tests of L{revproxy.components.stores.memory.eviction}.
"""

from __future__ import annotations

from bisect import bisect
from collections import OrderedDict
from collections.abc import Callable
from itertools import accumulate
from random import Random

from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.stores.memory.eviction import Eviction
from revproxy.components.stores.memory.kept import MOST_USES, MemoryKept
from revproxy.components.stores.memory.store import MemoryStore
from revproxy.testing import stand_in_head

HEAD = stand_in_head()

ROOM = 250_000
"""
What the stores of the traces have beside what an empty one takes: 400 entries or so.
"""


def zipf(alpha: float, count: int, different: int = 5000) -> list[int]:
    """
    Requests as measured on the web: the n-th most wanted thing is asked for in proportion
    to one by n to the power of alpha (Breslau et al., INFOCOM 1999: 0.6 to 0.9).
    """
    random = Random(1)
    names = random.sample(range(different), different)
    shares = list(accumulate(1 / (place + 1) ** alpha for place in range(different)))
    return [names[bisect(shares, random.random() * shares[-1])] for _ in range(count)]


def with_scans(requests: list[int]) -> list[int]:
    """
    The same with somebody now and then who asks for everything once.
    """
    scanned = iter(range(1_000_000, 2_000_000))
    mixed: list[int] = []
    for place, name in enumerate(requests):
        mixed.append(name)
        if place % 5000 == 2500:
            mixed.extend(next(scanned) for _ in range(1500))
    return mixed


def with_strangers(requests: list[int]) -> list[int]:
    """
    The same where every other request is for what nobody asks for again.
    """
    return [each for place, name in enumerate(requests) for each in (name, 1_000_000 + place)]


def even(name: int) -> int:
    return 0


def uneven(name: int) -> int:
    """
    Sizes from nothing to a few kilobytes.
    """
    return (hash((name, "size")) % 64) ** 2


def hits_of_ours(requests: list[int], size_of: Callable[[int], int]) -> float:
    empty = MemoryStore(1 << 20, 1 << 20).figures().octets
    store = MemoryStore(empty + ROOM, ROOM // 10)
    hits = 0
    for name in requests:
        key = b"%d" % name
        found = store.find(key)
        if found:
            found[0].used()
            hits += 1
        else:
            store.keep(key, HEAD, bytes(size_of(name)))
    return hits / len(requests)


def hits_of_lru(requests: list[int], size_of: Callable[[int], int]) -> float:
    kept: OrderedDict[int, int] = OrderedDict()
    taken = hits = 0
    for name in requests:
        if name in kept:
            kept.move_to_end(name)
            hits += 1
            continue
        cost = MemoryKept(b"%d" % name, HEAD, bytes(size_of(name))).cost
        kept[name] = cost
        taken += cost
        while taken > ROOM:
            taken -= kept.popitem(last=False)[1]
    return hits / len(requests)


class HitRateTests(SynchronousTestCase):
    """
    How much of what is asked for is kept, against the least recently used going first.
    """

    def assertBetter(self, requests: list[int], size_of: Callable[[int], int] = even) -> None:
        ours, theirs = hits_of_ours(requests, size_of), hits_of_lru(requests, size_of)
        self.assertGreaterEqual(ours, theirs)
        self.assertGreater(ours, 0.05)

    def test_zipf(self) -> None:
        """
        It is better where few things are asked for often, much or little so.
        """
        for alpha in (0.6, 0.8, 1.0, 1.2):
            self.assertBetter(zipf(alpha, 20_000))

    def test_scans(self) -> None:
        """
        It is better where crawlers come.
        """
        for alpha in (0.7, 0.9, 1.1):
            self.assertBetter(with_scans(zipf(alpha, 20_000)))

    def test_strangers(self) -> None:
        """
        It is better where half of what is asked for is asked for once.
        """
        for alpha in (0.8, 1.0):
            self.assertBetter(with_strangers(zipf(alpha, 15_000)))

    def test_sizes(self) -> None:
        """
        It is better where sizes differ.
        """
        for alpha in (0.8, 1.0):
            self.assertBetter(with_scans(zipf(alpha, 20_000)), uneven)


class EvictionTests(SynchronousTestCase):
    def add(self, eviction: Eviction, *names: str) -> list[MemoryKept]:
        added = [MemoryKept(name.encode(), HEAD, b"") for name in names]
        for kept in added:
            eviction.add(kept)
        return added

    def test_nobody(self) -> None:
        """
        Where nobody is there is nobody to go.
        """
        self.assertIsNone(Eviction(1000).evict())

    def test_unused_first(self) -> None:
        """
        Who was not used goes in the order in which they came, who was used stays.
        """
        eviction = Eviction(1000)
        kepts = self.add(eviction, *"abcd")
        kepts[0].used()
        kepts[2].used()
        self.assertEqual([eviction.evict(), eviction.evict()], [kepts[1], kepts[3]])
        self.assertEqual(eviction.entries, 2)

    def test_used_go_at_last(self) -> None:
        """
        Who was used in the past alone goes after that, and in the end all go.
        """
        eviction = Eviction(1000)
        kepts = self.add(eviction, *"abc")
        for kept in kepts:
            for _ in range(10):
                kept.used()
            self.assertEqual(kept.uses, MOST_USES)
        evicted = [eviction.evict() for _ in kepts]
        self.assertEqual(set(evicted), set(kepts))
        self.assertIsNone(eviction.evict())

    def test_back_soon(self) -> None:
        """
        Who comes back soon after it went is not among those who go first.
        """
        eviction = Eviction(1000)
        self.add(eviction, "a")
        eviction.evict()
        self.add(eviction, "a", "b")
        evicted = eviction.evict()
        assert evicted is not None
        self.assertEqual(evicted.key, b"b")

    def test_bounded_work(self) -> None:
        """
        Where all are in use, one goes without a look at all the others.
        """
        eviction = Eviction(100_000)
        kepts = self.add(eviction, *map(str, range(1000)))
        for kept in kepts:
            kept.used()
        self.assertIsNotNone(eviction.evict())
        self.assertGreater(sum(kept.uses for kept in kepts), 900)

    def test_counts(self) -> None:
        """
        What entries take is known, also when one changes or leaves.
        """
        eviction = Eviction(10_000)
        empty = eviction.octets
        kepts = self.add(eviction, *"ab")
        kepts[0].head = stand_in_head(fields=((b"x-long", b"x" * 1000),))
        eviction.recount(kepts[0])
        self.assertEqual(eviction.octets - empty, sum(kept.count() for kept in kepts))
        for kept in kepts:
            eviction.remove(kept)
        self.assertEqual((eviction.octets, eviction.entries), (empty, 0))
