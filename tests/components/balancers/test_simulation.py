"""
Balancers beside each other: ten servers, one of them ten times slower (L{bench.balancing.simulation}).
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from bench.balancing.simulation import CHOICES, Simulation, outcomes

BLIND = ("round-robin", "random", "sticky")
SEEING = ("consistent-hash", "power-of-two", "least-connections", "least-time")


class SimulationTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.outcomes = outcomes()

    def p99(self, name: str) -> float:
        return self.outcomes[name].p99

    def test_blind(self) -> None:
        """
        Balancers that do not look at servers give the slow one its share, and it falls
        behind farther and farther: six times as many requests come as it can answer.
        """
        for name in BLIND:
            self.assertLess(abs(self.outcomes[name].slow - 0.1), 0.02, name)
            self.assertGreater(self.p99(name), 10.0)

    def test_seeing(self) -> None:
        """
        Those that do give it about what it can answer: nobody waits a hundredth as long.
        """
        for name in (*SEEING, "first, max_connections: 2"):
            self.assertLess(self.outcomes[name].slow, 0.03, name)
            self.assertLess(self.p99(name) * 100, self.p99("round-robin"), name)

    def test_those_that_see_most(self) -> None:
        """
        Asking all servers is better than asking two of them; knowing how long they take is
        best, for the slow server's own time is more than most would have waited elsewhere.
        """
        self.assertLess(self.p99("least-connections"), self.p99("power-of-two"))
        self.assertLess(self.p99("least-time"), self.p99("power-of-two"))
        self.assertLess(self.p99("least-time"), self.p99("consistent-hash"))
        self.assertLess(self.outcomes["least-time"].slow, 0.01)

    def test_again(self) -> None:
        """
        The same comes out each time.
        """
        for choice in CHOICES:
            first, second = (Simulation(choice, requests=300).run() for _ in range(2))
            self.assertEqual(first, second, choice.label)
