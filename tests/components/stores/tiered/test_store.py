"""
Tests of L{revproxy.components.stores.tiered.store}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.store import DiskStore
from revproxy.components.stores.memory.store import MemoryStore
from revproxy.components.stores.tiered.store import TieredStore
from revproxy.interfaces import Figures, ICacheStore, IKept
from revproxy.testing import CacheStoreContract, stand_in_head
from revproxy.wire.caching.kept import KeptHead
from tests.components.stores.tiered.slow_store import SlowStore

MiB = 1 << 20
LARGE = bytes(200_000)


class TieredStoreContractTests(CacheStoreContract, SynchronousTestCase):
    @override
    def make_store(self) -> TieredStore:
        clock = Clock()
        disk = DiskStore(clock, Path(self.mktemp()), 64 * MiB, MiB, 64)
        return TieredStore(clock, [MemoryStore(16 * MiB, MiB), disk])


class ThreeTiersContractTests(CacheStoreContract, SynchronousTestCase):
    @override
    def make_store(self) -> TieredStore:
        stores = [MemoryStore(16 * MiB, size) for size in (1000, 50_000, MiB)]
        return TieredStore(Clock(), stores)


def keep(
    store: ICacheStore, body: bytes = b"body", key: bytes = b"key", head: KeptHead | None = None
) -> IKept:
    keeping = store.begin(key, head or stand_in_head(), len(body))
    assert keeping is not None
    keeping.write(body)
    kept = keeping.commit()
    assert kept is not None
    return kept


def find(store: ICacheStore, key: bytes = b"key") -> list[IKept]:
    found = store.find(key)
    assert not isinstance(found, Deferred)
    return list(found)


def bodies(store: ICacheStore, key: bytes = b"key") -> list[bytes | None]:
    return [kept.whole for kept in find(store, key)]


class TieredTestCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.upper = MemoryStore(4 * MiB, 100_000)
        self.lower = MemoryStore(16 * MiB, MiB)
        self.store = TieredStore(self.clock, [self.upper, self.lower])


class KeepingTests(TieredTestCase):
    def test_in_all(self) -> None:
        """
        What comes is kept in all stores that take it.
        """
        keep(self.store)
        keep(self.store, LARGE, b"large")
        self.assertEqual((bodies(self.upper), bodies(self.lower)), ([b"body"], [b"body"]))
        self.assertEqual((bodies(self.upper, b"large"), bodies(self.lower, b"large")), ([], [LARGE]))

    def test_one_gives_up(self) -> None:
        """
        Where one gives up in the middle the others go on.
        """
        keeping = self.store.begin(b"key", stand_in_head(), None)
        assert keeping is not None
        for _ in range(2):
            self.assertTrue(keeping.write(bytes(100_000)))
        self.assertIsNotNone(keeping.commit())
        self.assertEqual((find(self.upper), len(find(self.lower))), ([], 1))

    def test_none_takes_it(self) -> None:
        """
        What none takes is not begun, or given up when that shows.
        """
        self.assertIsNone(self.store.begin(b"key", stand_in_head(), MiB + 1))
        keeping = self.store.begin(b"key", stand_in_head(), None)
        assert keeping is not None
        self.assertTrue(keeping.write(bytes(MiB)))
        self.assertFalse(keeping.write(b"!"))
        self.assertIsNone(keeping.commit())

    def test_older_ones_go(self) -> None:
        """
        A store that does not take what is newer lets go of what it has for the same
        requests, which is older now, and of nothing else.
        """
        keep(self.store, b"small")
        keep(self.store, b"other", head=stand_in_head(secondary=b"other"))
        keep(self.store, LARGE)
        self.assertEqual(bodies(self.upper), [b"other"])
        found = find(self.store)
        more = self.store.more(b"key", found)
        assert not isinstance(more, Deferred)
        self.assertEqual([kept.whole for kept in (*found, *more)], [b"other", LARGE])


class FindingTests(TieredTestCase):
    def test_uppermost(self) -> None:
        """
        What is found above is taken as it is, and nobody looks below.
        """
        keep(self.store)
        keep(self.lower, b"newer")
        self.assertEqual(find(self.store), find(self.upper))
        self.assertEqual(bodies(self.store), [b"body"])

    def test_below(self) -> None:
        """
        What is not found above is looked for below.
        """
        keep(self.lower)
        self.assertEqual(bodies(self.store), [b"body"])
        self.assertEqual(find(self.store, b"other"), [])

    def test_more(self) -> None:
        """
        What else there is below is told where it is asked for, without what was found.
        """
        keep(self.store, head=stand_in_head(secondary=b"1"))
        keep(self.lower, b"two", head=stand_in_head(secondary=b"2"))
        keep(self.lower, b"newer", head=stand_in_head(404, secondary=b"1"))
        more = self.store.more(b"key", find(self.store))
        assert not isinstance(more, Deferred)
        self.assertEqual([kept.whole for kept in more], [b"newer", b"two"])

    def test_keys(self) -> None:
        """
        Keys and tags of all are found.
        """
        keep(self.upper, key=b"upper", head=stand_in_head(tags=(b"tag",)))
        keep(self.lower, key=b"lower", head=stand_in_head(tags=(b"tag",)))
        for steps in (self.store.keys(b""), self.store.tagged(b"tag")):
            self.assertEqual({key for step in steps for key in step}, {b"upper", b"lower"})

    def test_figures(self) -> None:
        """
        The figures are added up.
        """
        keep(self.store)
        upper, lower = self.upper.figures(), self.lower.figures()
        self.assertEqual(self.store.figures(), Figures(2, upper.octets + lower.octets, 2, 0, 0))


class ChangingTests(TieredTestCase):
    def test_the_same_below(self) -> None:
        """
        Who is changed or removed is so in each store.
        """
        keep(self.store)
        (kept,) = find(self.store)
        self.store.update(kept, stand_in_head(404))
        self.assertEqual([each.head.status for each in (*find(self.upper), *find(self.lower))], [404, 404])
        self.store.remove(kept)
        self.assertEqual((find(self.upper), find(self.lower)), ([], []))

    def test_found_below(self) -> None:
        """
        So it is where it was found below.
        """
        keep(self.lower)
        (kept,) = find(self.store)
        self.store.update(kept, stand_in_head(404))
        self.assertEqual((kept.head.status, find(self.lower)[0].head.status), (404, 404))
        self.store.remove(kept)
        self.assertEqual(find(self.lower), [])

    def test_another_below(self) -> None:
        """
        What is another response below, which another process has kept, is let be: its
        body is not the one that the head is for.
        """
        keep(self.store)
        keep(self.lower, b"newer", head=stand_in_head(203))
        (kept,) = find(self.store)
        self.store.update(kept, stand_in_head(404))
        self.store.remove(kept)
        self.assertEqual(bodies(self.lower), [b"newer"])
        self.assertEqual(find(self.lower)[0].head.status, 203)


class PromotionTests(TieredTestCase):
    def use(self, key: bytes = b"key", times: int = 1) -> None:
        for _ in range(times):
            find(self.store, key)[0].used()

    def test_used_again(self) -> None:
        """
        What is used a second time below comes up, not what is used once.
        """
        keep(self.lower)
        self.use()
        self.assertEqual(bodies(self.upper), [])
        self.use()
        self.assertEqual(bodies(self.upper), [b"body"])
        self.assertEqual(find(self.store), find(self.upper))

    def test_too_large(self) -> None:
        """
        What is too large above stays where it is.
        """
        keep(self.lower, LARGE)
        self.use(times=5)
        self.assertEqual((bodies(self.upper), bodies(self.store)), ([], [LARGE]))

    def test_uses_are_told(self) -> None:
        """
        The store below hears that it is used, too.
        """
        kept = keep(self.lower)
        self.use()
        self.assertEqual(getattr(kept, "uses", None), 1)

    def test_through_several(self) -> None:
        """
        It comes up to all above that take it.
        """
        tiers = [MemoryStore(4 * MiB, size) for size in (10, 100_000, MiB)]
        self.store = TieredStore(self.clock, tiers)
        keep(tiers[2], bytes(100))
        self.use(times=2)
        self.assertEqual([len(bodies(tier)) for tier in tiers], [0, 1, 1])


class FileTests(TieredTestCase):
    """
    With the lower store on disk.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.upper = MemoryStore(16 * MiB, 4 * MiB)
        self.disk = DiskStore(self.clock, Path(self.mktemp()), 64 * MiB, 8 * MiB, 64)
        self.store = TieredStore(self.clock, [self.upper, self.disk])
        self.store.startService()
        self.addCleanup(self.stop)
        keep(self.disk, bytes(3 * MiB))

    def stop(self) -> None:
        if self.store.running:
            self.store.stopService()

    def use(self, times: int = 2) -> None:
        for _ in range(times):
            find(self.store)[0].used()

    def test_in_pieces(self) -> None:
        """
        A large body comes up piece by piece, and others have their turn meanwhile.
        """
        self.use()
        self.assertEqual(find(self.upper), [])
        self.clock.advance(0)
        self.assertEqual(bodies(self.upper), [bytes(3 * MiB)])

    def test_once(self) -> None:
        """
        What is on its way already is not brought up a second time.
        """
        self.use(times=20)
        self.clock.pump([0] * 20)
        self.assertEqual(self.upper.figures().stores, 1)

    def test_purged_meanwhile(self) -> None:
        """
        What is removed, changed or replaced meanwhile does not come up as it was.
        """
        for change in (self._remove, self._update, self._replace):
            keep(self.disk, bytes(3 * MiB))
            self.use()
            change()
            self.clock.pump([0] * 20)
            self.assertEqual(find(self.upper), [])

    def _remove(self) -> None:
        self.store.remove(find(self.store)[0])

    def _update(self) -> None:
        self.disk.update(find(self.disk)[0], stand_in_head(404))

    def _replace(self) -> None:
        keep(self.disk, b"newer")

    def test_stopped_meanwhile(self) -> None:
        """
        When it is stopped meanwhile nothing is left to do, and no file open.
        """
        self.use()
        self.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(find(self.upper), [])
        self.assertEqual(self.upper.figures().octets, MemoryStore(MiB, MiB).figures().octets)

    def test_lost_meanwhile(self) -> None:
        """
        Where the body cannot be read nothing comes up.
        """
        (kept,) = find(self.store)
        kept.used()
        shelf = self.disk._depot.access.shelf
        assert shelf is not None
        shelf.files.remove(kept.kept.name)  # type: ignore[attr-defined]
        kept.used()
        self.clock.pump([0] * 20)
        self.assertEqual((find(self.upper), find(self.disk)), ([], []))


class LifeTests(SynchronousTestCase):
    def test_services(self) -> None:
        """
        Those that have a life of their own are started and stopped with it.
        """
        disk = DiskStore(Clock(), Path(self.mktemp()), 64 * MiB, MiB, 64)
        store = TieredStore(Clock(), [MemoryStore(MiB, MiB), disk])
        self.assertIsInstance(disk, Service)
        store.startService()
        self.assertTrue(disk.running)
        store.stopService()
        self.assertFalse(disk.running)


class WaitingTests(SynchronousTestCase):
    """
    With a store that has to be waited for.
    """

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.slow = SlowStore()
        self.memory = MemoryStore(MiB, MiB)

    def found(self, store: TieredStore, key: bytes = b"key") -> list[bytes | None]:
        found = store.find(key)
        assert isinstance(found, Deferred)
        self.assertNoResult(found)
        self.slow.answer()
        return [kept.whole for kept in self.successResultOf(found)]

    def test_below(self) -> None:
        """
        Who finds it above does not wait, who does not waits.
        """
        store = TieredStore(self.clock, [self.memory, self.slow])
        keep(store, b"above")
        self.assertEqual(bodies(store), [b"above"])
        keep(self.slow, b"below", b"other")
        self.assertEqual(self.found(store, b"other"), [b"below"])
        self.assertEqual(self.found(store, b"nothing"), [])

    def test_above(self) -> None:
        """
        Where the first has to be waited for all wait.
        """
        store = TieredStore(self.clock, [self.slow, self.memory])
        keep(store, b"above")
        self.assertEqual(self.found(store), [b"above"])
        keep(self.memory, b"below", b"other")
        self.assertEqual(self.found(store, b"other"), [b"below"])

    def test_changes(self) -> None:
        """
        Changes are made when it is known what there is.
        """
        store = TieredStore(self.clock, [self.memory, self.slow])
        keep(store)
        self.slow.answer()
        (kept,) = find(self.memory)
        store.update(kept, stand_in_head(404))
        self.slow.answer()
        self.assertEqual(find(self.slow.inner)[0].head.status, 404)
        store.remove(kept)
        self.slow.answer()
        self.assertEqual(find(self.slow.inner), [])

    def test_promotion(self) -> None:
        """
        Where it cannot be told at once whether it is still there, nothing comes up.
        """
        store = TieredStore(self.clock, [self.memory, self.slow])
        keep(self.slow)
        for _ in range(3):
            found = store.find(b"key")
            assert isinstance(found, Deferred)
            self.slow.answer()
            self.successResultOf(found)[0].used()
        self.slow.answer()
        self.assertEqual(find(self.memory), [])
