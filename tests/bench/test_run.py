"""
Tests of L{bench.run}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.conditions import Conditions, Subject
from bench.figures import Figures
from bench.fleet import Fleet
from bench.results import Results
from bench.rows import Row
from bench.run import families, measure_family
from bench.setup import Setup
from bench.workloads.workload import NotMeasurable, Workload
from bench.wrk import LoadFailed
from tests.bench.test_peer import CERTIFICATE
from tests.bench.test_results import ABOUT

CONDITIONS = Conditions("wrk", 0, 1, False)


class Scripted(Workload):
    """
    A load that needs no proxy: it does what it is told for each.
    """

    def __init__(self, **outcomes: Exception) -> None:
        self.outcomes = outcomes
        self.done: list[str] = []

    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        self.done.append(f"prepare {subject.peer.name}")

    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        self.done.append(subject.peer.name)
        if subject.peer.name in self.outcomes:
            raise self.outcomes[subject.peer.name]
        return {"cpu": 1.0}


class MeasureFamilyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.results = Results(ABOUT, {"nginx": "1", "haproxy": "2", "mitmproxy": "3"}, ["row"])

    def measure(self, workload: Workload, setup: Setup | None = None, runs: int = 2) -> None:
        fleet = Fleet(Path(), CERTIFICATE, 1, 2, 0)
        row = Row("row", "a row", workload, setup or Setup())
        measure_family([row], fleet, CONDITIONS, runs, self.results)

    def test_interleaved(self) -> None:
        """
        Each run goes over all proxies; each is prepared once.
        """
        load = Scripted()
        self.measure(load)
        everyone = ["nginx", "haproxy", "mitmproxy"]
        first = [step for name in everyone for step in (f"prepare {name}", name)]
        self.assertEqual(load.done, first + everyone)
        self.assertEqual(len(self.results.figures["row", "nginx"]), 2)

    def test_failure(self) -> None:
        """
        A proxy that fails is not measured again; the others are.
        """
        load = Scripted(nginx=LoadFailed("no"))
        self.measure(load)
        self.assertEqual((load.done.count("nginx"), load.done.count("haproxy")), (1, 2))
        self.assertEqual(self.results.failures, {("row", "nginx"): "no"})

    def test_not_measurable(self) -> None:
        """
        One that cannot take part is no failure.
        """
        self.measure(Scripted(nginx=NotMeasurable("too slow")))
        self.assertEqual((self.results.gaps, self.results.failures), ({("row", "nginx"): "too slow"}, {}))

    def test_not_set_up(self) -> None:
        """
        One that cannot be set up for a row is left alone.
        """
        load = Scripted()
        self.measure(load, Setup(servers=2), runs=1)
        self.assertNotIn("mitmproxy", load.done)
        self.assertEqual(self.results.gaps, {("row", "mitmproxy"): "relays to one server"})

    def test_most_runs(self) -> None:
        """
        What more runs would say nothing new of is measured less often.
        """
        load = Scripted()
        load.most_runs = 1
        self.measure(load, runs=3)
        self.assertEqual(load.done.count("nginx"), 1)

    def test_rows_in_turn(self) -> None:
        """
        Rows of one family are measured one after the other with each proxy.
        """
        loads = [Scripted(), Scripted()]
        rows = [Row(name, "a row", load) for name, load in zip("ab", loads, strict=True)]
        order: list[str] = []
        loads[0].done = loads[1].done = order
        measure_family(rows, Fleet(Path(), CERTIFICATE, 1, 2, 0), CONDITIONS, 1, self.results)
        self.assertEqual(
            [step for step in order if " " not in step][:4], ["nginx", "nginx", "haproxy", "haproxy"]
        )


class FamiliesTests(SynchronousTestCase):
    def test_neighbours(self) -> None:
        """
        Neighbours of one family go together, rows without one alone.
        """
        rows = [
            Row(name, "a row", Scripted(), family=family)
            for name, family in zip("abcd", ("", "x", "x", ""), strict=True)
        ]
        self.assertEqual(
            [[row.name for row in family] for family in families(rows)], [["a"], ["b", "c"], ["d"]]
        )
