"""
Tests of L{bench.measure}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.cpu import CpuTime
from bench.load import Load
from bench.measure import Figure, figure, median_figure


def costing(cpu: float) -> Figure:
    return Figure(user=cpu, kernel=0.0, rate=1.0, p50=1.0, p99=1.0)


class FigureTests(SynchronousTestCase):
    def test_units(self) -> None:
        """
        CPU comes out in microseconds a request, the rest in requests a second and milliseconds.
        """
        result = figure(
            CpuTime(user=0.5, kernel=1.5), Load(requests=100_000, seconds=4.0, p50=0.001, p99=0.02)
        )
        self.assertEqual(result, Figure(user=5.0, kernel=15.0, rate=25_000.0, p50=1.0, p99=20.0))
        self.assertEqual(result.cpu, 20.0)


class MedianFigureTests(SynchronousTestCase):
    def test_odd(self) -> None:
        """
        Of three runs, the one in the middle counts, in whatever order they came.
        """
        self.assertEqual(median_figure([costing(9), costing(1), costing(2)]), costing(2))

    def test_even(self) -> None:
        """
        Of two runs the cheaper one counts: the figures are always those of one run.
        """
        self.assertEqual(median_figure([costing(9), costing(1)]), costing(1))
