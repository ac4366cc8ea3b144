"""
Tests of L{bench.workloads.picks}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.conditions import Conditions, Subject
from bench.fleet import Fleet
from bench.goals import pick_growth
from bench.peers import PEERS
from bench.rows import PICKS, ROWS
from bench.setup import Setup
from bench.workloads.workload import NotMeasurable
from revproxy.catalog import BUILT_IN
from revproxy.interfaces import IBalancer
from tests.bench.test_peer import CERTIFICATE
from tests.bench.test_results import US, results

CONDITIONS = Conditions("wrk", 0, 1, quick=True)


def subject(peer: str) -> Subject:
    return Subject(PEERS[peer], Setup(), Fleet(Path(), CERTIFICATE, 1, 2, 0))


class PicksTests(SynchronousTestCase):
    def test_every_balancer(self) -> None:
        """
        Each balancer that comes with the proxy has its row.
        """
        names = {name for interface, name, _ in BUILT_IN if interface is IBalancer}
        self.assertEqual(names - PICKS.keys(), set())
        self.assertLessEqual({f"pick-{name}" for name in PICKS}, ROWS.keys())

    def test_measures(self) -> None:
        """
        What a pick costs is measured with few servers and with many, in this process.
        """
        for name in ("round-robin", "filling-round-robin", "least-time", "sticky"):
            figures = PICKS[name].measure(subject("revproxy"), CONDITIONS)
            self.assertGreater(min(figures["few"], figures["many"]), 0, name)

    def test_ours_alone(self) -> None:
        """
        Others take no part.
        """
        for name in ("nginx", "revproxy-epoll"):
            with self.assertRaises(NotMeasurable):
                PICKS["random"].measure(subject(name), CONDITIONS)

    def test_growth(self) -> None:
        """
        What many servers cost is compared with what few do.
        """
        measured = results("pick-random")
        self.assertIsNone(pick_growth(measured, "pick-random"))
        measured.add("pick-random", US, {"few": 2.0, "many": 3.0})
        self.assertEqual(pick_growth(measured, "pick-random"), 1.5)
