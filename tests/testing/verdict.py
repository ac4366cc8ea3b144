"""
Contracts run on components that break them.
"""

from __future__ import annotations

from collections.abc import Callable
from unittest import TestResult, TestSuite

from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase


def broken_by(contract: type, **makers: Callable[[], object]) -> set[str]:
    """
    Run a contract.

    @param makers: the methods that make the component, by name.
    @return: the tests of the contract that fail.
    """
    methods = {name: staticmethod(make) for name, make in makers.items()}
    case = type("Judged", (contract, SynchronousTestCase), methods)
    result = TestResult()
    suite: TestSuite = TestLoader().loadClass(case)
    suite.run(result)
    return {test.id().rpartition(".")[2] for test, _ in (*result.failures, *result.errors)}
