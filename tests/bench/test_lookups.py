"""
Tests of L{bench.workloads.lookups}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.goals import lookup_growth
from bench.workloads.lookups import Filled, Lookups
from bench.workloads.workload import NotMeasurable
from tests.bench.test_picks import CONDITIONS, subject
from tests.bench.test_results import US, results


class LookupsTests(SynchronousTestCase):
    def test_measures(self) -> None:
        """
        What a look-up costs is measured in this process, and finds what was kept.
        """
        self.assertGreater(Filled(1).cost(100), 0)
        self.assertGreater(Filled(1000).cost(100), 0)

    def test_ours_alone(self) -> None:
        """
        Others take no part.
        """
        for name in ("nginx", "revproxy-epoll"):
            with self.assertRaises(NotMeasurable):
                Lookups().measure(subject(name), CONDITIONS)

    def test_growth(self) -> None:
        """
        What many entries cost more is compared with what a hit costs in all.
        """
        measured = results("lookup", "hit-1k")
        measured.add("lookup", US, {"few": 0.5, "many": 1.5})
        self.assertIsNone(lookup_growth(measured))
        measured.add("hit-1k", US, {"cpu": 20.0})
        self.assertEqual(lookup_growth(measured), 1.05)
