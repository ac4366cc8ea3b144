"""
Tests of L{bench.figures}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.cpu import CpuTime
from bench.figures import cpu_figures


class CpuFiguresTests(SynchronousTestCase):
    def test_units(self) -> None:
        """
        CPU comes out in microseconds for each thing done, the rate in things a second.
        """
        figures = cpu_figures(CpuTime(user=0.5, kernel=1.5), done=100_000, seconds=4.0)
        self.assertEqual(figures, {"cpu": 20.0, "user": 5.0, "kernel": 15.0, "rate": 25_000.0})
