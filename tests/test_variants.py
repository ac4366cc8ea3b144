"""
What the line for several runs says, and what is run twice.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.variants import Outcome, outcome_of, together, twice


class OutcomeOfTests(SynchronousTestCase):
    def test_closing_line(self) -> None:
        """
        The counts are those of the closing line, the status the process's.
        """
        self.assertEqual(outcome_of("3 passed, 1 failed, 2 skipped\n", 1), Outcome(3, 1, 2, 1))

    def test_killed(self) -> None:
        """
        A run that ended by a signal after its closing line fails, too.
        """
        self.assertEqual(outcome_of("3 passed, 0 failed, 0 skipped\n", -11).status, 11)

    def test_no_closing_line(self) -> None:
        """
        A run that did not get to its closing line is one failure, whatever its status.
        """
        for line in ("", "Segmentation fault\n", "about 3 passed, 0 failed, 0 skipped\n"):
            self.assertEqual(outcome_of(line, 0), Outcome(0, 1, 0, 1))


class TogetherTests(SynchronousTestCase):
    def test_sums(self) -> None:
        """
        The numbers are added.
        """
        both = together([Outcome(3, 0, 1, 0), Outcome(2, 0, 0, 0)])
        self.assertEqual(str(both), "5 passed, 0 failed, 1 skipped")
        self.assertEqual(both.status, 0)

    def test_either_fails(self) -> None:
        """
        It fails where either run does, the first or the second.
        """
        good, bad = Outcome(1, 0, 0, 0), Outcome(0, 1, 0, 1)
        for outcomes in ([good, bad], [bad, good]):
            self.assertEqual(together(outcomes).status, 1)


class TwiceTests(SynchronousTestCase):
    def test_everything(self) -> None:
        """
        Of the whole suite all runs twice but what starts programs; no part is left out.
        """
        names = twice(["tests"])
        self.assertLessEqual({"tests.wire", "tests.flow", "tests.edge", "tests.test_exchange"}, set(names))
        self.assertEqual([name for name in names if name.startswith(("tests.live", "tests.bench"))], [])

    def test_named(self) -> None:
        """
        Of parts that are named, those parts.
        """
        self.assertEqual(twice(["tests.wire.test_fields", "tests.live.test_tls"]), ["tests.wire.test_fields"])
