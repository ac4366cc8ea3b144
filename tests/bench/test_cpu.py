"""
Tests of L{bench.cpu}.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.cpu import TICKS_PER_SECOND, CpuTime, group_time, members, parse_stat, two_cores


def stat(pid: int, group: int, ticks: tuple[int, int, int, int], name: str = "nginx") -> str:
    times = " ".join(map(str, ticks))
    return f"{pid} ({name}) S 1 {group} {group} 0 -1 4194304 99 0 1 0 {times} 20 0 1 0 68374 3133440 390 0\n"


class ParseStatTests(SynchronousTestCase):
    def test_times(self) -> None:
        """
        A process's time is its own and that of the children it has waited for.
        """
        second = TICKS_PER_SECOND
        line = stat(7, 5, (1 * second, 2 * second, 10 * second, 20 * second))
        self.assertEqual(parse_stat(line), (5, CpuTime(11.0, 22.0)))

    def test_strange_name(self) -> None:
        """
        A name with spaces and parentheses displaces nothing.
        """
        line = stat(7, 5, (TICKS_PER_SECOND, 0, 0, 0), name="a) S 9 9 (b")
        self.assertEqual(parse_stat(line), (5, CpuTime(1.0, 0.0)))

    def test_own_line(self) -> None:
        """
        The kernel writes what is read here.
        """
        group, time = parse_stat(Path("/proc/self/stat").read_text())
        self.assertEqual(group, os.getpgrp())
        used = os.times()
        self.assertApproximates(time.user, used.user + used.children_user, 0.1)
        self.assertApproximates(time.kernel, used.system + used.children_system, 0.1)


class GroupTimeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.proc = Path(self.mktemp())
        self.proc.mkdir()

    def add(self, pid: int, group: int) -> None:
        directory = self.proc / str(pid)
        directory.mkdir()
        (directory / "stat").write_text(stat(pid, group, (TICKS_PER_SECOND, 2 * TICKS_PER_SECOND, 0, 0)))

    def test_members_only(self) -> None:
        """
        The group's members are added up, and nobody else.
        """
        for pid, group in ((5, 5), (6, 5), (7, 7)):
            self.add(pid, group)
        self.assertEqual(group_time(5, self.proc), CpuTime(2.0, 4.0))

    def test_directories(self) -> None:
        """
        The group's members can be looked at one by one.
        """
        for pid, group in ((5, 5), (6, 7), (8, 5)):
            self.add(pid, group)
        self.assertEqual(sorted(path.name for path in members(5, self.proc)), ["5", "8"])

    def test_gone_meanwhile(self) -> None:
        """
        A process that ends while it is looked at is passed over.
        """
        self.add(5, 5)
        (self.proc / "6").mkdir()
        (self.proc / "6" / "stat").symlink_to("nowhere")
        self.assertEqual(group_time(5, self.proc), CpuTime(1.0, 2.0))


class CpuTimeTests(SynchronousTestCase):
    def test_difference(self) -> None:
        """
        Times are subtracted part by part, and add up to a total.
        """
        spent = CpuTime(5.0, 8.0) - CpuTime(1.0, 2.0)
        self.assertEqual((spent, spent.total), (CpuTime(4.0, 6.0), 10.0))


class TwoCoresTests(SynchronousTestCase):
    def restrict(self, cores: set[int]) -> None:
        self.addCleanup(os.sched_setaffinity, 0, os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores)

    def test_one_core(self) -> None:
        """
        Where the load and the proxy would have to share a core, nothing is measured.
        """
        self.restrict({min(os.sched_getaffinity(0))})
        self.assertRaises(RuntimeError, two_cores)
