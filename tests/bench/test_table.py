"""
Tests of L{bench.table}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.peers import OURS
from bench.results import Results
from bench.table import render
from tests.bench.test_measure import costing

US = OURS[0]


class RenderTests(SynchronousTestCase):
    def test_whole(self) -> None:
        """
        Columns are aligned, large figures lose their decimals, and gaps and failures are told apart.
        """
        results = Results({"nginx": "1.22", "caddy": "2.6", US: "of this checkout"})
        results.add("1k", "nginx", costing(10.0))
        results.add("1k", US, costing(25.04))
        results.fail("1k", "caddy", "status 502")
        results.add("16m", "nginx", costing(14309.4))
        self.assertEqual(
            render(results, ["1k", "16m"]),
            "CPU microseconds a request\n"
            "row  nginx  caddy  revproxy-epoll  best/ours  ours/nginx\n"
            "1k    10.0  error            25.0       0.40        2.50\n"
            "16m  14309      -               -          -           -\n"
            "1k, caddy: status 502\n",
        )

    def test_without_us(self) -> None:
        """
        Where revproxy took no part there are no ratios.
        """
        results = Results({"nginx": "1.22"})
        results.add("1k", "nginx", costing(10.0))
        self.assertEqual(render(results, ["1k"]), "CPU microseconds a request\nrow  nginx\n1k    10.0\n")
