"""
Tests of L{bench.report}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.report import report
from bench.results import Results
from tests.bench.test_results import ABOUT, US, results


class ReportTests(SynchronousTestCase):
    def test_whole(self) -> None:
        """
        Versions, figures, what was to be reached, and reasons follow each other.
        """
        measured = results("1k-plain")
        measured.add("1k-plain", "nginx", {"cpu": 10.0})
        measured.add("1k-plain", US, {"cpu": 10.0})
        measured.fail("1k-plain", "caddy", "status 502")
        lines = report(measured).splitlines()
        self.assertEqual(lines[0], f"nginx 1.22; haproxy 2.6; caddy 2.6.2; {US} of this checkout")
        self.assertIn("1k-plain", lines[3])
        self.assertIn("aim reached", "\n".join(lines))
        self.assertEqual(lines[-1], "caddy: status 502 (1k-plain)")

    def test_without_us(self) -> None:
        """
        Where revproxy took no part there is nothing to be reached.
        """
        measured = Results(ABOUT, {"nginx": "1.22"}, ["1k-plain"])
        measured.add("1k-plain", "nginx", {"cpu": 10.0})
        self.assertNotIn("to reach", report(measured))
