"""
Tests of L{bench.results}.
"""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from bench.peers import OURS
from bench.results import Results, Spread, from_json

US = OURS[-1]
ABOUT = {
    "date": "2026-11-21T03:00:00+00:00",
    "commit": "abc1234",
    "dirty": False,
    "seconds": 3,
    "runs": 2,
    "quick": False,
    "kernel": "6.1",
    "python": "3.11.7",
    "processor": "A Processor",
    "cores": 2,
}


def results(*rows: str) -> Results:
    versions = {"nginx": "1.22", "haproxy": "2.6", "caddy": "2.6.2", US: "of this checkout"}
    return Results(ABOUT, versions, list(rows))


class SpreadTests(SynchronousTestCase):
    def test_median(self) -> None:
        """
        Of three runs the one in the middle counts, in whatever order they came; of two, what lies between.
        """
        self.assertEqual((Spread((9.0, 1.0, 2.0)).median, Spread((9.0, 1.0)).median), (2.0, 5.0))

    def test_width(self) -> None:
        """
        How far the runs lie apart is a share of the median.
        """
        self.assertEqual(Spread((9.0, 10.0, 14.0)).width, 0.5)

    def test_nothing_at_all(self) -> None:
        """
        Runs that all came to nothing do not lie apart.
        """
        self.assertEqual(Spread((0.0, 0.0)).width, 0.0)

    def test_kept_whole(self) -> None:
        """
        In the JSON, all runs are kept beside the extremes.
        """
        self.assertEqual(
            Spread((3.0, 1.23456789, 2.0)).as_json(),
            {"median": 2.0, "least": 1.2346, "most": 3.0, "runs": [3.0, 1.2346, 2.0]},
        )


class ResultsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.results = results("row")

    def add(self, **costs: float) -> None:
        for peer, cost in costs.items():
            self.results.add("row", {"us": US}.get(peer, peer), {"cpu": cost})

    def ratios(self) -> tuple[float | None, float | None]:
        return self.results.lead("row", "cpu", US), self.results.of_yardstick("row", "cpu", US)

    def test_ratios(self) -> None:
        """
        One ratio is of the best peer's CPU to ours, the other of ours to nginx's.
        """
        self.add(nginx=20.0, haproxy=10.0, us=40.0)
        self.assertEqual(self.ratios(), (0.25, 2.0))

    def test_chosen_peers(self) -> None:
        """
        We can be compared with one peer alone.
        """
        self.add(nginx=20.0, caddy=60.0, us=40.0)
        self.assertEqual(self.results.lead("row", "cpu", US, ["caddy"]), 1.5)

    def test_we_are_no_peer(self) -> None:
        """
        Where revproxy is the best of all, it is still compared with the best of the others.
        """
        self.add(nginx=20.0, haproxy=10.0, us=5.0)
        self.assertEqual(self.ratios(), (2.0, 0.25))

    def test_without_nginx(self) -> None:
        """
        Where nginx was not measured, only the ratio to the best peer is there.
        """
        self.add(haproxy=10.0, us=5.0)
        self.assertEqual(self.ratios(), (2.0, None))

    def test_alone(self) -> None:
        """
        Without peers there are no ratios.
        """
        self.add(us=5.0)
        self.assertEqual(self.ratios(), (None, None))

    def test_not_measured(self) -> None:
        """
        Without a figure of ours there are no ratios.
        """
        self.add(nginx=20.0)
        self.assertEqual(self.ratios(), (None, None))

    def test_failure_outweighs_figures(self) -> None:
        """
        A row that failed in one run has no figure, though the other runs went well.
        """
        self.add(nginx=20.0, us=5.0)
        self.results.fail("row", US, "no")
        self.add(us=5.0)
        self.assertTrue(self.results.is_out("row", US))
        self.assertIsNone(self.results.get("row", US, "cpu"))
        self.assertEqual(self.ratios(), (None, None))

    def test_median_of_runs(self) -> None:
        """
        Of several runs, the median counts.
        """
        for cost in (5.0, 90.0, 6.0):
            self.add(us=cost)
        self.assertEqual(self.results.median("row", US, "cpu"), 6.0)


class AsJsonTests(SynchronousTestCase):
    def test_there_and_back(self) -> None:
        """
        Everything comes back from JSON: figures with their runs, failures, gaps, versions, and the rest.
        """
        before = results("row", "other")
        for cost in (20.0, 30.0):
            before.add("row", US, {"cpu": cost, "rate": 1.0})
        before.add("other", "nginx", {"p99": 1.5})
        before.fail("row", "caddy", "status 502")
        before.leave_out("row", "haproxy", "has no routes")
        self.assertEqual(from_json(json.loads(json.dumps(before.as_json()))), before)

    def test_readable(self) -> None:
        """
        Whoever reads the JSON finds a row by its name, and in it each proxy.
        """
        before = results("row")
        before.add("row", "nginx", {"cpu": 10.0})
        written = before.as_json()["rows"]
        self.assertEqual(
            written,
            {
                "row": {
                    "nginx": {"cpu": {"median": 10.0, "least": 10.0, "most": 10.0, "runs": [10.0]}},
                    "haproxy": {},
                    "caddy": {},
                    US: {},
                }
            },
        )
