"""
Tests of L{bench.document}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.document import PAGE, page, simple_table
from bench.record import newest
from tests.bench.test_results import US, results


class PageTests(SynchronousTestCase):
    def test_parts(self) -> None:
        """
        The page says what was measured, then come two tables and the reasons of gaps.
        """
        measured = results("1k-plain", "start")
        measured.add("1k-plain", "nginx", {"cpu": 10.0})
        measured.add("1k-plain", US, {"cpu": 25.0})
        measured.leave_out("start", "haproxy", "no reason")
        written = page(measured)
        self.assertIn("Commit abc1234, 2026-11-21T03:00:00+00:00, 2 runs of 3 s each", written)
        self.assertEqual([line[:4] for line in written.splitlines()].count("===="), 6)
        self.assertTrue(written.endswith("\n* haproxy: no reason (start)\n"))

    def test_table(self) -> None:
        """
        A table stands between rules, as wide as its columns.
        """
        self.assertEqual(
            simple_table([["row", "nginx"], ["1k-plain", "10.0"]]),
            ["========  =====", "row       nginx", "========  =====", "1k-plain   10.0", "========  ====="],
        )

    def test_not_stale(self) -> None:
        """
        The documentation shows the latest results of the record.
        """
        kept = newest()
        assert kept is not None
        self.assertEqual(PAGE.read_text(encoding="utf-8"), page(kept), "run python -m bench.document")
