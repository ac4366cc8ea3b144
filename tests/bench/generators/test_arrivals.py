"""
Tests of L{bench.generators.arrivals}.
"""

from __future__ import annotations

from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from bench.generators.arrivals import arrivals, percentile


class ArrivalsTests(SynchronousTestCase):
    def test_rate(self) -> None:
        """
        About as many arrive as the rate says, in order and within the time.
        """
        times = arrivals(rate=1000.0, seconds=10.0)
        self.assertTrue(9_500 < len(times) < 10_500)
        self.assertEqual(times, sorted(times))
        self.assertLess(times[-1], 10.0)

    def test_irregular(self) -> None:
        """
        They come as from many clients who know nothing of each other: often close together.
        """
        times = arrivals(rate=1000.0, seconds=10.0)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        short = sum(gap < 0.0005 for gap in gaps) / len(gaps)
        self.assertTrue(0.36 < short < 0.42, short)  # 1 - exp(-1/2)

    def test_same_for_all(self) -> None:
        """
        Every proxy meets the same arrivals.
        """
        self.assertEqual(arrivals(100.0, 1.0), arrivals(100.0, 1.0))


class PercentileTests(SynchronousTestCase):
    def test_nearest_rank(self) -> None:
        """
        The value is one of those measured, which the share does not exceed.
        """
        values = [float(value) for value in range(1, 1001)]
        shares = (0.001, 0.5, 0.99, 0.999, 1.0)
        self.assertEqual([percentile(values, share) for share in shares], [1.0, 500.0, 990.0, 999.0, 1000.0])

    def test_few(self) -> None:
        """
        Of a single value every percentile is that value.
        """
        self.assertEqual([percentile([7.0], share) for share in (0.01, 0.99)], [7.0, 7.0])
