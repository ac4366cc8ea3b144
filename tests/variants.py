"""
Runs the suite, or the parts of it that are named, as it is run by users, and then all
that needs no sockets once more from the sources alone, where compiled modules were used::

    python -m tests.variants [NAME ...]

It ends with one line for both, and with the exit status 0 where everything passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from revproxy.compiled import VARIABLE, WHY_SOURCES

CLOSING_LINE = re.compile(r"([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped")

PARTS = sorted(f"tests.{path.parent.name}" for path in Path(__file__).parent.glob("*/__init__.py")) + sorted(
    f"tests.{path.stem}" for path in Path(__file__).parent.glob("test_*.py")
)
"""
The parts of the suite.
"""

ONCE = ("tests.live", "tests.bench")
"""
The parts that run in one variant: they start the proxy as a program.
"""


class Outcome(NamedTuple):
    """
    How a run of the suite ended.

    @ivar status: the exit status of its process.
    """

    passed: int
    failed: int
    skipped: int
    status: int

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


LEFT_OUT = Outcome(0, 0, 1, status=1 if os.environ.get("CI") else 0)
"""
The outcome of a variant that cannot be run: it counts as one test that is skipped.
"""


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """
    Several runs as one, which fails where any of them does.
    """
    passed, failed, skipped, statuses = zip(*outcomes, strict=True)
    return Outcome(sum(passed), sum(failed), sum(skipped), max(statuses))


def outcome_of(last_line: str, status: int) -> Outcome:
    """
    @param last_line: what the run printed last; one that ended without its closing
        line counts as one test that failed.
    """
    counts = CLOSING_LINE.fullmatch(last_line.strip())
    if counts is None:
        return Outcome(0, 1, 0, status=1)
    return Outcome(int(counts[1]), int(counts[2]), int(counts[3]), abs(status))


def run(names: Sequence[str], environment: Mapping[str, str]) -> Outcome:
    """
    Run tests in a process of their own, whose output goes on to ours.
    """
    command = [sys.executable, "-m", "tests.run", *names]
    line = ""
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
    return outcome_of(line, process.returncode)


def twice(names: Sequence[str]) -> list[str]:
    """
    Those of the tests that run in both variants.
    """
    named = (part for name in names for part in (PARTS if name == "tests" else [name]))
    return [name for name in named if not name.startswith(ONCE)]


def main(names: Sequence[str]) -> int:
    """
    Run the tests of these names in both variants and give the exit status.
    """
    outcomes = [run(names, os.environ)]
    again = twice(names)
    if WHY_SOURCES is not None:
        print(f"revproxy: tested from its sources alone: {WHY_SOURCES}")
        outcomes.append(LEFT_OUT)
    elif again:
        outcomes.append(run(again, {**os.environ, VARIABLE: "0"}))
    both = together(outcomes)
    print(both, flush=True)
    return both.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["tests"]))
