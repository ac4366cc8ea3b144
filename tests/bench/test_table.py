"""
Tests of L{bench.table}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.table import aligned, figures_table, goals_table, remarks, significant
from tests.bench.test_results import US, results


class FiguresTableTests(SynchronousTestCase):
    def test_whole(self) -> None:
        """
        A row has a line for each of its measures; gaps and failures are told apart.
        """
        measured = results("1k-plain", "start")
        measured.add("1k-plain", "nginx", {"cpu": 10.0})
        measured.add("1k-plain", "nginx", {"cpu": 11.0})
        measured.add("1k-plain", US, {"cpu": 25.04})
        measured.fail("1k-plain", "caddy", "status 502")
        measured.add("start", "nginx", {"cpu": 0.01, "wall": 0.02})
        self.assertEqual(
            figures_table(measured),
            [
                ["row", "unit", "nginx", "haproxy", "caddy", US, "spread", f"best/{US}"],
                ["1k-plain", "µs", "10.5", "n/a", "error", "25.0", "10%", "0.42"],
                ["start CPU", "s", "0.01", "n/a", "n/a", "n/a", "n/a", "n/a"],
                ["start wall", "s", "0.02", "n/a", "n/a", "n/a", "n/a", "n/a"],
            ],
        )

    def test_rows_of_old(self) -> None:
        """
        A row that is measured no longer, but was when the results were kept, is passed over.
        """
        self.assertEqual(len(figures_table(results("2k-plain"))), 1)


class GoalsTableTests(SynchronousTestCase):
    def test_measured_ones(self) -> None:
        """
        Goals stand there with what was reached, as far as they were measured.
        """
        measured = results("1k-plain", "idle")
        measured.add("1k-plain", "nginx", {"cpu": 10.0})
        measured.add("1k-plain", US, {"cpu": 16.0})
        measured.add("idle", US, {"memory": 20.0})
        self.assertEqual(
            goals_table(measured)[1:],
            [
                [f"1k-plain: best peer / {US}", "0.62", "0.6", "1", "least reached"],
                ["idle: memory of a connection", "20.00 KiB", "16 KiB", "n/a", "missed"],
            ],
        )

    def test_worst_row(self) -> None:
        """
        Where the worst row counts, it is named.
        """
        measured = results("1k-plain", "1k-tls")
        for row, theirs in (("1k-plain", 30.0), ("1k-tls", 15.0)):
            measured.add(row, "caddy", {"cpu": theirs})
            measured.add(row, US, {"cpu": 10.0})
        what = [line[0] for line in goals_table(measured)]
        self.assertIn(f"caddy / {US}, in the worst row but those of 16 MB (1k-tls)", what)


class RemarksTests(SynchronousTestCase):
    def test_reasons(self) -> None:
        """
        Each empty cell has its reason; a reason that several rows of a proxy share is given once.
        """
        measured = results("1k-plain", "routes-1", "routes-100")
        measured.leave_out("routes-1", "haproxy", "has no routes")
        measured.leave_out("routes-100", "haproxy", "has no routes")
        measured.fail("1k-plain", "caddy", "status 502")
        self.assertEqual(
            remarks(measured),
            ["caddy: status 502 (1k-plain)", "haproxy: has no routes (routes-1, routes-100)"],
        )


class AlignedTests(SynchronousTestCase):
    def test_columns(self) -> None:
        """
        The first column is flush left, the others flush right.
        """
        self.assertEqual(
            aligned([["row", "nginx", "x"], ["1k", "10.0", "n/a"]]), ["row  nginx    x", "1k    10.0  n/a"]
        )


class SignificantTests(SynchronousTestCase):
    def test_digits(self) -> None:
        """
        Large figures lose their decimals.
        """
        self.assertEqual(
            [significant(value) for value in (0.123, 9.876, 98.76, 987.6, 14309.4)],
            ["0.12", "9.88", "98.8", "988", "14309"],
        )
