"""
Tests of L{bench.goals}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.goals import GOALS, OURS, Goal, growth, leads
from bench.peers import PEERS
from bench.results import Results
from bench.rows import ROWS
from tests.bench.test_results import results


def nothing(results: Results) -> None:
    return None


class VerdictTests(SynchronousTestCase):
    def test_more_is_better(self) -> None:
        """
        Of a ratio as much as possible is wanted.
        """
        goal = Goal("row", "it", nothing, 0.6, 1.0)
        self.assertEqual(
            [goal.verdict(value) for value in (0.59, 0.6, 0.99, 1.0)],
            ["missed", "least reached", "least reached", "aim reached"],
        )

    def test_less_is_better(self) -> None:
        """
        Of memory as little as possible is wanted; what is only one mark is reached or missed.
        """
        goal = Goal("row", "it", nothing, 16.0, 16.0, ascending=False)
        self.assertEqual([goal.verdict(value) for value in (15.9, 16.1)], ["reached", "missed"])


class WasMeasuredTests(SynchronousTestCase):
    def test_failure(self) -> None:
        """
        Where revproxy failed or did not keep up, its goal is missed, and not passed over.
        """
        goal = Goal("row", "it", nothing, 0.6, 1.0)
        measured = results("row")
        self.assertFalse(goal.was_measured(measured))
        measured.leave_out("row", OURS, "does not keep up")
        self.assertEqual((goal.was_measured(measured), goal.verdict(None)), (True, "missed"))


class FigureTests(SynchronousTestCase):
    def test_nothing_measured(self) -> None:
        """
        Of what was not measured no goal has a figure.
        """
        self.assertEqual({goal.figure(results()) for goal in GOALS}, {None})

    def test_everything_measured(self) -> None:
        """
        Where all rows were measured, every goal has a figure.
        """
        everything = results(*ROWS)
        everything.versions.update(dict.fromkeys(PEERS, "1.0"))
        for row in ROWS.values():
            for peer in PEERS:
                everything.add(row.name, peer, {measure.key: 1.0 for measure in row.workload.measures})
        self.assertNotIn(None, [goal.figure(everything) for goal in GOALS])

    def test_leads(self) -> None:
        """
        Over a single peer, all rows about CPU count, but that in which it leaves the body to the kernel.
        """
        measured = results("1k-plain", "1k-tls", "16m-plain", "idle")
        for row, key, theirs in (
            ("1k-plain", "cpu", 60.0),
            ("1k-tls", "cpu", 30.0),
            ("16m-plain", "cpu", 1.0),
            ("idle", "memory", 2.0),
        ):
            measured.add(row, "caddy", {key: theirs})
            measured.add(row, OURS, {key: 20.0})
        self.assertEqual(leads(measured, "caddy"), {"1k-plain": 3.0, "1k-tls": 1.5})

    def test_growth(self) -> None:
        """
        Many routes are compared with one.
        """
        measured = results("routes-1", "routes-100")
        measured.add("routes-1", OURS, {"cpu": 20.0})
        measured.add("routes-100", OURS, {"cpu": 21.0})
        self.assertEqual(growth(measured, "routes-100", "routes-1"), 1.05)
        self.assertIsNone(growth(measured, "routes-10000", "routes-1"))
