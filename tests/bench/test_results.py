"""
Tests of L{bench.results}.
"""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from bench.peers import OURS
from bench.results import Results
from tests.bench.test_measure import costing

US = OURS[0]


class ResultsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.results = Results({"nginx": "1.22", "haproxy": "2.6", US: "of this checkout"})

    def add(self, **costs: float) -> None:
        for peer, cost in costs.items():
            self.results.add("row", {"us": US}.get(peer, peer), costing(cost))

    def ratios(self) -> tuple[float | None, float | None]:
        return self.results.lead("row", US), self.results.of_yardstick("row", US)

    def test_ratios(self) -> None:
        """
        One ratio is of the best peer's CPU to ours, the other of ours to nginx's.
        """
        self.add(nginx=20.0, haproxy=10.0, us=40.0)
        self.assertEqual(self.ratios(), (0.25, 2.0))

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
        self.assertIsNone(self.results.get("row", US))
        self.assertEqual(self.ratios(), (None, None))

    def test_median_of_runs(self) -> None:
        """
        Of several runs, the median counts.
        """
        for cost in (5.0, 90.0, 6.0):
            self.add(us=cost)
        self.assertEqual(self.results.get("row", US), costing(6.0))


class AsJsonTests(SynchronousTestCase):
    def test_everything_is_in(self) -> None:
        """
        Figures with their runs, failures and ratios can be written as JSON.
        """
        results = Results({"nginx": "1.22", "caddy": "2.6", US: "of this checkout"})
        results.add("row", "nginx", costing(10.0))
        results.add("row", US, costing(20.0))
        results.add("row", US, costing(30.0))
        results.fail("row", "caddy", "status 502")
        written = json.loads(json.dumps(results.as_json(["row"])))
        row = written["rows"]["row"]
        self.assertEqual(row["peers"]["nginx"]["cpu"], 10.0)
        self.assertEqual(row["peers"]["caddy"], {"failure": "status 502"})
        self.assertEqual(row["peers"][US]["runs"], [20.0, 30.0])
        self.assertEqual(row["ratios"][US], {"best peer / ours": 0.5, "ours / nginx": 2.0})
        self.assertEqual(written["versions"]["nginx"], "1.22")
