"""
Tests of L{revproxy.components.stores.disk.store}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.store import DiskStore
from revproxy.testing import CacheStoreContract, stand_in_head
from tests.components.stores.disk.disk_case import LARGE, DiskTestCase, MiB


class DiskStoreContractTests(CacheStoreContract, SynchronousTestCase):
    @override
    def make_store(self) -> DiskStore:
        return DiskStore(Clock(), Path(self.mktemp()), 64 << 20, 1 << 20, 64)


class LifeTests(DiskTestCase):
    def test_not_started(self) -> None:
        """
        Before it is started nothing is touched, and nothing kept or found; after it was
        stopped neither.
        """
        path = Path(self.mktemp())
        store = DiskStore(self.clock, path, self.size, MiB, 16)
        for _ in range(2):
            self.assertIsNone(store.begin(b"key", stand_in_head(), None))
            self.assertEqual((list(store.find(b"key")), list(store.keys(b""))), ([], []))
            self.assertEqual(store.figures().entries, 0)
            self.assertEqual(path.exists(), store.running)
            store.startService()
            store.stopService()
            path.joinpath("state").unlink()
            for each in path.rglob("*"):
                if each.is_file():
                    each.unlink()
            for each in sorted(path.rglob("*"), reverse=True):
                each.rmdir()
            path.rmdir()

    def test_restart(self) -> None:
        """
        After a restart all is there, also after one of the machine.
        """
        for number, body in enumerate((b"", b"small", LARGE)):
            self.keep(body, b"%d" % number)
        self.stop()
        for boot in (b"boot", b"another boot"):
            self.store = self.start(boot=boot)
            self.assertEqual([self.body(b"%d" % number) for number in range(3)], [b"", b"small", LARGE])
            self.stop()

    def test_killed(self) -> None:
        """
        So it is after the process was killed.
        """
        for number, body in enumerate((b"", b"small", LARGE)):
            self.keep(body, b"%d" % number)
        self.store.begin(b"coming", stand_in_head(), None)
        store = self.start(self.as_killed())
        self.assertEqual([self.body(b"%d" % number, store) for number in range(3)], [b"", b"small", LARGE])
        self.assertIsNone(self.body(b"coming", store))

    def test_power_failure(self) -> None:
        """
        After a power failure nothing is there, since nobody knows what was written; it
        goes on with nothing, and what is left of the bodies is swept out.
        """
        self.keep(LARGE)
        copy = self.as_killed()
        store = self.start(copy, b"another boot")
        self.assertIsNone(self.find(store=store))
        self.assertEqual(store.figures().entries, 0)

    def test_nothing_runs_on(self) -> None:
        """
        Once it is stopped nothing is left to do.
        """
        self.keep(LARGE)
        self.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_two_in_a_process(self) -> None:
        """
        Two of one process may share a directory, as while another configuration takes
        over.
        """
        second = self.start()
        self.keep(LARGE)
        self.assertEqual(self.body(store=second), LARGE)
        self.stop()
        self.assertEqual(self.body(store=second), LARGE)


class SizeTests(DiskTestCase):
    size = 16 * MiB

    def used(self) -> int:
        """
        What the system says that the directory takes.
        """
        return sum(path.stat().st_blocks * 512 for path in (self.path, *self.path.rglob("*")))

    def fill(self, octets: int, count: int) -> None:
        for number in range(count):
            self.keep(bytes(octets), b"%d of %d" % (number, octets), stand_in_head(tags=(b"tag",)))
            self.clock.advance(1)
            self.assertLessEqual(self.store.figures().octets, self.size)

    def test_bounded(self) -> None:
        """
        It takes no more of the disk than it may, with small bodies and large ones.
        """
        for octets, count in ((0, 8000), (500, 6000), (3500, 2500), (20_000, 800), (1_000_000, 20)):
            self.fill(octets, count)
            self.assertLessEqual(self.used(), 1.05 * self.size, octets)
        figures = self.store.figures()
        self.assertGreater(figures.evictions, 10_000)
        self.assertEqual(figures.errors, 0)
        self.assertGreater(figures.octets, self.size / 2)
        keys = [key for step in self.store.keys(b"") for key in step]
        self.assertEqual(len(keys), figures.entries)
        in_files = [key for key in keys for kept in self.store.find(key) if kept.whole is None]
        self.assertEqual(len(self.files()), len(in_files))

    def test_unused_goes(self) -> None:
        """
        What is used stays, what is not used goes.
        """
        for number in range(1000):
            self.keep(bytes(20_000), b"%d" % number)
            for wanted in range(min(number, 50)):
                kept = self.find(b"%d" % wanted)
                if kept is not None:
                    kept.used()
        stayed = [wanted for wanted in range(50) if self.find(b"%d" % wanted) is not None]
        self.assertGreater(len(stayed), 45)
        self.assertLess(self.store.figures().entries, 700)

    def test_one_large_for_many_small(self) -> None:
        """
        Where many have to go for one, they go a few at a time.
        """
        for number in range(3000):
            self.keep(b"small" * 500, b"%d" % number)
        before = self.store.figures()
        self.keep(bytes(7 * MiB), b"large")
        self.assertGreater(self.store.figures().entries, before.entries - 100)
        self.clock.pump([0] * 100)
        self.assertLessEqual(self.store.figures().octets, self.size)
        self.assertGreater(self.store.figures().entries, 10)

    def test_too_large(self) -> None:
        """
        What is larger than it takes is not begun, or given up when that shows, and leaves
        nothing behind.
        """
        self.assertIsNone(self.store.begin(b"key", stand_in_head(), 8 * MiB + 1))
        keeping = self.store.begin(b"key", stand_in_head(), None)
        assert keeping is not None
        for _ in range(8):
            self.assertTrue(keeping.write(bytes(MiB)))
        self.assertFalse(keeping.write(b"!"))
        self.assertIsNone(keeping.commit())
        self.assertEqual(self.files("aside") + self.files(), [])


class DescriptorTests(DiskTestCase):
    def test_bounded(self) -> None:
        """
        No more files are open at once than may be; who comes then gets nothing, and that
        is no trouble.
        """
        self.keep(LARGE)
        kept = self.find()
        assert kept is not None
        opened = [kept.open() for _ in range(16)]
        with self.assertRaises(Exception) as raised:
            kept.open()
        self.assertEqual(type(raised.exception).__name__, "BodyLost")
        keeping = self.store.begin(b"another", stand_in_head(), None)
        assert keeping is not None
        self.assertFalse(keeping.write(LARGE))
        self.assertIsNone(keeping.commit())
        self.assertIsNotNone(self.keep(b"small", b"small"))
        for each in opened:
            assert each is not None
            each.close()
        self.assertEqual(self.body(), LARGE)
        self.assertEqual(self.store.figures().errors, 0)

    def test_forgotten(self) -> None:
        """
        A file that nobody closed is closed with the last reference to it.
        """
        self.keep(LARGE)
        kept = self.find()
        assert kept is not None
        for _ in range(50):
            kept.open()
            self.body()
        self.assertIsNotNone(kept.open())

    def test_read_to_its_end(self) -> None:
        """
        Who has begun to read piece by piece can go on when the response is gone.
        """
        self.keep(LARGE)
        kept = self.find()
        assert kept is not None
        self.assertEqual(kept.body(0, 10), LARGE[:10])
        self.store.remove(kept)
        self.assertEqual(self.files(), [])
        self.assertEqual(kept.body(10, len(LARGE)), LARGE[10:])
