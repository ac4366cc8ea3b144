"""
What the closing line and the exit status say of a run.
"""

from __future__ import annotations

import unittest

from twisted.python.failure import Failure
from twisted.trial.reporter import TestResult
from twisted.trial.unittest import SynchronousTestCase

from tests.run import closing_line, passed


def result_of(*outcomes: str) -> TestResult:
    """
    The result of a run in which one test after the other ended like this.
    """
    result = TestResult()
    for outcome in outcomes:
        test = unittest.FunctionTestCase(lambda: None)
        result.startTest(test)
        match outcome:
            case "passed":
                result.addSuccess(test)
            case "skipped":
                result.addSkip(test, "no peer")
            case "error":
                result.addError(test, Failure(ValueError()))
            case "failed":
                result.addFailure(test, Failure(AssertionError()))
            case "known to fail":
                result.addExpectedFailure(test, Failure(AssertionError()), "later")
    return result


class ClosingLineTests(SynchronousTestCase):
    """
    Tests for L{closing_line}.
    """

    def test_counts_each_outcome(self) -> None:
        """
        Errors count as failed, and tests known to fail as skipped.
        """
        result = result_of("passed", "passed", "failed", "error", "skipped", "known to fail")
        self.assertEqual(closing_line(result), "2 passed, 2 failed, 2 skipped")


class PassedTests(SynchronousTestCase):
    """
    Tests for L{passed}.
    """

    def test_good_run(self) -> None:
        """
        A run in which every test passed is good everywhere.
        """
        self.assertTrue(passed(result_of("passed"), skips_allowed=False))

    def test_any_failure(self) -> None:
        """
        One failure or error spoils the run.
        """
        self.assertFalse(passed(result_of("passed", "failed"), skips_allowed=True))
        self.assertFalse(passed(result_of("passed", "error"), skips_allowed=True))

    def test_skips(self) -> None:
        """
        What was skipped spoils the run only where skips are not allowed.
        """
        for outcome in "skipped", "known to fail":
            self.assertTrue(passed(result_of("passed", outcome), skips_allowed=True))
            self.assertFalse(passed(result_of("passed", outcome), skips_allowed=False))

    def test_nothing_ran(self) -> None:
        """
        A run without tests shows nothing, so it is not good.
        """
        self.assertFalse(passed(result_of(), skips_allowed=True))
