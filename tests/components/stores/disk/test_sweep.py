"""
Tests of L{revproxy.components.stores.disk.sweep}.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from typing_extensions import override

from revproxy.components.stores.disk.directory import SWEEPER, open_lock
from revproxy.components.stores.disk.files import BodyFiles
from revproxy.components.stores.disk.sweep import Sweep
from tests.components.stores.disk.disk_case import LARGE, DiskTestCase

STRAY = "ab" * 24


class SweepTests(DiskTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.later = time.time() + 1000

    def sweep(self, now: float | None = None) -> Sweep:
        sweep = Sweep(self.clock, self.shelf(), lambda: self.later if now is None else now)
        self.store._sweep.stop()  # type: ignore[union-attr]
        sweep.start()
        self.addCleanup(sweep.stop)
        return sweep

    def run_on(self, steps: int = 2000) -> None:
        self.clock.pump([0.02] * steps)

    def stray(self, name: str = STRAY) -> Path:
        path = self.path / "bodies" / name[:2] / name
        path.write_bytes(LARGE)
        return path

    def test_bodies(self) -> None:
        """
        Bodies without an entry go, those with one stay.
        """
        self.keep(LARGE)
        (kept,) = self.files()
        strays = [self.stray(f"{number:02x}" + "0" * 46) for number in range(256)]
        self.sweep()
        self.run_on()
        self.assertEqual(self.files(), [kept])
        self.assertEqual(self.body(), LARGE)
        self.assertEqual(len(strays), 256)

    def test_in_steps(self) -> None:
        """
        Each step is short.
        """
        for number in range(1000):
            self.stray(f"ab{number:046x}")
        self.sweep()
        left = 1000
        while left:
            self.run_on(1)
            now = len(self.files())
            self.assertLessEqual(left - now, 100)
            left = now

    def test_young(self) -> None:
        """
        What has just come may be about to have its entry.
        """
        stray = self.stray()
        self.sweep(now=time.time())
        self.run_on()
        self.assertTrue(stray.exists())

    def test_anything_else(self) -> None:
        """
        What is not called like a body is let be.
        """
        other = self.path / "bodies" / "00" / "README"
        other.touch()
        self.sweep()
        self.run_on()
        self.assertTrue(other.exists())

    def test_aside(self) -> None:
        """
        What a process was writing that is gone goes, what one writes that is alive stays.
        """
        dead = self.path / "aside" / "dead"
        dead.mkdir()
        dead.joinpath("1").write_bytes(LARGE)
        alive = BodyFiles(self.shelf().directory, 10)
        writer = alive.create()
        assert writer is not None
        self.sweep()
        self.assertFalse(dead.exists())
        self.assertEqual(len(self.files("aside")), 1)
        writer.discard()
        alive.close()

    def test_one_at_a_time(self) -> None:
        """
        While another process is at it there is nothing to do.
        """
        self.sweep().stop()
        stray = self.stray()
        other = open_lock(self.shelf().directory, SWEEPER)
        other.take()
        self.sweep()
        self.run_on()
        self.assertTrue(stray.exists())
        other.close()
        self.sweep()
        self.run_on()
        self.assertFalse(stray.exists())

    def test_stopped(self) -> None:
        """
        Once it is stopped it does nothing more, and holds no lock.
        """
        stray = self.stray()
        self.sweep().stop()
        self.run_on()
        self.assertTrue(stray.exists())
        other = open_lock(self.shelf().directory, SWEEPER)
        self.addCleanup(other.close)
        self.assertTrue(other.take())

    def test_trouble(self) -> None:
        """
        Where something cannot be removed it gives up.
        """
        self.stray().unlink()
        self.path.joinpath("bodies", "ab", STRAY).mkdir()
        self.sweep()
        self.run_on()
        self.assertEqual(os.listdir(self.path / "bodies" / "ab"), [STRAY])

    def test_at_the_start(self) -> None:
        """
        A store sweeps when it is started.
        """
        self.stop()
        dead = self.path / "aside" / "dead"
        dead.mkdir()
        self.store = self.start()
        self.assertFalse(dead.exists())
