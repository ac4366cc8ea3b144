"""
Caches on disk that processes share, and what becomes of them when these are killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.shelf import Shelf
from revproxy.components.stores.disk.store import DiskStore
from revproxy.components.stores.disk.sweep import Sweep
from revproxy.errors import BodyLost
from revproxy.interfaces import IKept
from tests.live.cache_writer import KEYS, SIZE, is_right, open_store, write

ROOT = Path(__file__).resolve().parent.parent.parent

FULL = """
import resource, sys
from random import Random
from tests.live.cache_writer import KEYS, is_right, open_store, write
store = open_store(sys.argv[1], 1 << 30)
random = Random(1)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for _ in range(400):
    write(store, random)
    store._clock.advance(1)
found = [kept for key in KEYS for kept in store.find(key)]
print(len(found), all(map(is_right, found)), store.figures().errors)
store.stopService()
"""
"""
A program that writes to a cache where files cannot become larger than some size.
"""


class DiskStoreTestCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()
        self.writers: list[subprocess.Popen[str]] = []
        self.addCleanup(self.kill_all)

    def start_writer(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.live.cache_writer", str(self.path)]
        writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.writers.append(writer)
        assert writer.stdout is not None
        self.assertEqual(writer.stdout.readline(), "ready\n")
        return writer

    def kill(self, writer: subprocess.Popen[str]) -> None:
        self.writers.remove(writer)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()

    def kill_all(self) -> None:
        for writer in list(self.writers):
            self.kill(writer)

    def open(self) -> DiskStore:
        """
        Open the cache, which another process may be opening just now.
        """
        store = open_store(str(self.path))
        store._clock.pump([10.0] * 3)  # type: ignore[attr-defined]
        self.addCleanup(self.close, store)
        return store

    def close(self, store: DiskStore) -> None:
        if store.running:
            store.stopService()

    def found(self, store: DiskStore) -> list[IKept]:
        return [kept for key in KEYS for kept in store.find(key)]

    def check(self, store: DiskStore, others: bool) -> int:
        """
        See that all that can be found is right.

        @param others: whether others may remove something meanwhile.
        @return: how many responses were found.
        """
        count = 0
        for key in KEYS:
            for kept in store.find(key):
                try:
                    self.assertTrue(is_right(kept), kept.head.fields)
                    count += 1
                except BodyLost as error:
                    self.assertTrue(others, error)
        self.assertEqual(store.figures().errors, 0)
        return count


class KilledTests(DiskStoreTestCase):
    def test_killed_at_any_moment(self) -> None:
        """
        Whenever processes that write are killed, what can be found is whole, with the
        right head, and there is something; others who write are not hindered.  Of what
        was being written little is left, and that is swept out.
        """
        random = Random(1)
        for turn in range(4):
            writers = [self.start_writer() for _ in range(2)]
            for writer in writers:
                time.sleep(random.uniform(0.02, 0.25))
                self.kill(writer)
                store = self.open()
                self.assertGreater(self.check(store, others=writer is writers[0]), 0, turn)
                store.stopService()
        self._check_sweeping()

    def _check_sweeping(self) -> None:
        store = self.open()
        in_files = sum(kept.whole is None for kept in self.found(store))
        self.assertLess(len(self._bodies()) - in_files, 30)
        shelf = store._depot.access.shelf
        assert isinstance(shelf, Shelf) and store._sweep is not None
        store._sweep.stop()
        sweep = Sweep(store._clock, shelf, lambda: time.time() + 1000)
        sweep.start()
        store._clock.pump([0.05] * 1000)  # type: ignore[attr-defined]
        self.assertEqual(len(self._bodies()), in_files)
        self.assertEqual(len(os.listdir(self.path / "aside")), 1)
        self.check(store, others=False)

    def _bodies(self) -> list[Path]:
        return list(self.path.joinpath("bodies").glob("*/*"))

    def test_stopped_in_the_middle(self) -> None:
        """
        A process that is stopped, in the middle of a change too, keeps nobody waiting.
        """
        store = self.open()
        for turn in range(5):
            writer = self.start_writer()
            time.sleep(0.03 * turn)
            writer.send_signal(signal.SIGSTOP)
            for _ in range(30):
                write(store, Random(turn))
            self.check(store, others=False)
            self.kill(writer)
        store._clock.advance(10)  # type: ignore[attr-defined]
        self.assertGreater(self.check(store, others=False), 0)


class SharedTests(DiskStoreTestCase):
    def test_seen_by_others(self) -> None:
        """
        What one process keeps others find, and what one removes they find no more.
        """
        store = self.open()
        self.assertEqual(self.found(store), [])
        writer = self.start_writer()
        found = self._until_found(store)
        self.kill(writer)
        self.assertTrue(all(map(is_right, self.found(store))))
        self.assertGreater(len(found), 0)
        for kept in self.found(store):
            store.remove(kept)
        reader = [sys.executable, "-c", "from tests.live.cache_writer import *; import sys;"]
        reader[2] += " store = open_store(sys.argv[1]); print(sum(len(store.find(key)) for key in KEYS))"
        run = subprocess.run([*reader, str(self.path)], cwd=ROOT, capture_output=True, text=True, check=True)
        self.assertEqual(run.stdout, "0\n")

    def _until_found(self, store: DiskStore) -> list[IKept]:
        for _ in range(1000):
            found = self.found(store)
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError("nothing is found of what others keep")

    def test_bounded(self) -> None:
        """
        Several who write keep to the size together.
        """
        for _ in range(2):
            self.start_writer()
        store = self.open()
        for _ in range(20):
            time.sleep(0.05)
            self.assertLessEqual(store.figures().octets, SIZE + (2 << 20))
        self.kill_all()


class FullTests(DiskStoreTestCase):
    def test_no_room(self) -> None:
        """
        Where the system lets files become no larger, bodies or the index, it goes on, and
        what is found is right.
        """
        for most in (4096, 50_000, 200_000):
            command = [sys.executable, "-c", FULL, str(self.path), str(most)]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            found, right, errors = run.stdout.split()
            self.assertEqual(right, "True")
            self.assertGreater(int(errors), 0)
            self.check(self.open(), others=False)
            self.assertGreaterEqual(int(found), 0)
