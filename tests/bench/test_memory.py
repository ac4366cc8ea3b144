"""
Tests of L{bench.memory}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.memory import group_memory, parse_resident
from tests.bench.test_cpu import stat


class ParseResidentTests(SynchronousTestCase):
    def test_bytes(self) -> None:
        """
        The kernel's kB are of 1024 bytes.
        """
        self.assertEqual(parse_resident("Name:\tx\nVmHWM:\t  900 kB\nVmRSS:\t   12 kB\nThreads:\t1\n"), 12288)

    def test_ending(self) -> None:
        """
        A process that is ending has no memory.
        """
        self.assertEqual(parse_resident("Name:\tx\nState:\tZ (zombie)\n"), 0)


class GroupMemoryTests(SynchronousTestCase):
    def test_members_only(self) -> None:
        """
        The group's members are added up, and nobody else.
        """
        proc = Path(self.mktemp())
        for pid, group in ((5, 5), (6, 5), (7, 7)):
            directory = proc / str(pid)
            directory.mkdir(parents=True)
            (directory / "stat").write_text(stat(pid, group, (1, 1, 0, 0)))
            (directory / "status").write_text(f"VmRSS:\t{pid} kB\n")
        self.assertEqual(group_memory(5, proc), 11 * 1024)
