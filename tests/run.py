"""
Runs the suite, or the parts of it that are named, and ends with one plain line::

    python -m tests.run [NAME ...]

The exit status is 0 where everything passed.  Where C{CI} is set, what was skipped
did not pass: a peer that is missing there is a mistake of the set-up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from twisted.trial.reporter import TestResult, TreeReporter
from twisted.trial.runner import TestLoader, TrialRunner

UNTIMED = "untimed"
"""
The profile of property tests: how long one takes says more of the machine than of us.
"""


def closing_line(result: TestResult) -> str:
    """
    The run in one line.  A test that is known to fail has not passed: it counts
    among the skipped ones.
    """
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skips) + len(result.expectedFailures)
    return f"{result.successes} passed, {failed} failed, {skipped} skipped"


def passed(result: TestResult, skips_allowed: bool) -> bool:
    """
    Whether the run as a whole is good; one without any test is not.
    """
    ran = result.testsRun > 0 and result.wasSuccessful()
    return ran and (skips_allowed or not (result.skips or result.expectedFailures))


def main(names: Sequence[str]) -> int:
    """
    Run the tests of these names and give the exit status.
    """
    settings.register_profile(UNTIMED, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile(UNTIMED)
    suite = TestLoader().loadByNames(list(names) or ["tests"], recurse=True)
    result = TrialRunner(TreeReporter).run(suite)
    assert isinstance(result, TestResult)
    good = passed(result, skips_allowed=not os.environ.get("CI"))
    print(closing_line(result), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
