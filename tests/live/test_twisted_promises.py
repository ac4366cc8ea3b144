"""
Twisted's own tests of reactors, on ours.

Twisted makes a class of tests for each of its reactors from each of its builders.  The
same is done here with ours, of those that it makes for its asyncio reactor.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import twisted.internet.test
from twisted.internet.test.reactormixins import ReactorBuilder
from twisted.python.reflect import prefixedMethodNames
from twisted.trial.reporter import TestResult
from twisted.trial.runner import TestSuite
from twisted.trial.unittest import SynchronousTestCase

from revproxy.reactor.uv_reactor import UVReactor

MODULES = (
    "core",
    "fdset",
    "newtls",
    "process",
    "socket",
    "stdio",
    "tcp",
    "threads",
    "time",
    "tls",
    "udp",
    "unix",
)
FOR_WINDOWS = "win32events"
MADE_BY_TWISTED = "_AsyncioSelectorReactorTests"

UNREADABLE = "another user cannot read root's Python; Twisted's asyncio reactor fails as well"
CLOSED_BY_THE_KERNEL = (
    "uvloop does not receive descriptors: the kernel closes what comes for a protocol"
    " that does not want any, and nobody can log it"
)

EXCEPTIONS = {
    ("process_ProcessTestsBuilder", "test_changeUID"): UNREADABLE,
    ("process_PTYProcessTestsBuilder", "test_changeUID"): UNREADABLE,
    ("unix_UNIXTestsBuilder", "test_avoidLeakingFileDescriptors"): CLOSED_BY_THE_KERNEL,
}
"""
What is not run, and why; C{docs/reactor.rst} has the same.
"""


def new_reactor(case: SynchronousTestCase) -> UVReactor:
    """
    A reactor of the test's own, whose loop is closed at its end.
    """
    reactor = UVReactor()
    case.addCleanup(reactor.loop.close)
    return reactor


def builders() -> Iterator[tuple[str, type[ReactorBuilder]]]:
    """
    Twisted's builders, each with a name that tells its module.
    """
    for name in MODULES:
        module = import_module(f"twisted.internet.test.test_{name}")
        for made in [made for made in vars(module) if made.endswith(MADE_BY_TWISTED)]:
            builder = made.removesuffix(MADE_BY_TWISTED)
            yield f"{name}_{builder}", getattr(module, builder)


def tests_of(name: str, builder: type[ReactorBuilder]) -> type[SynchronousTestCase]:
    """
    The tests of one builder, on our reactor.
    """
    attributes = {"__module__": __name__, "reactorFactory": new_reactor, "timeout": 20}
    return type(f"{name}Tests", (builder, SynchronousTestCase), attributes)


def testSuite() -> TestSuite:
    """
    What trial runs of this module.
    """
    suite = TestSuite()
    for name, builder in builders():
        tests = tests_of(name, builder)
        wanted = (f"test{rest}" for rest in prefixedMethodNames(tests, "test"))
        suite.addTests(tests(test) for test in wanted if (name, test) not in EXCEPTIONS)
    suite.addTests(ExceptionTests(f"test{rest}") for rest in prefixedMethodNames(ExceptionTests, "test"))
    return suite


class ExceptionTests(SynchronousTestCase):
    """
    What is not run.
    """

    def test_no_module(self) -> None:
        """
        Each module that makes tests for the asyncio reactor is run, but that for Windows.
        """
        making = set()
        for path in Path(twisted.internet.test.__path__[0]).glob("test_*.py"):
            if ".makeTestCaseClasses())" in path.read_text():
                made = vars(import_module(f"twisted.internet.test.{path.stem}"))
                if any(name.endswith(MADE_BY_TWISTED) for name in made):
                    making.add(path.stem.removeprefix("test_"))
        self.assertEqual(making, {*MODULES, FOR_WINDOWS})

    def test_each_exists(self) -> None:
        """
        Each exception names a test that there is.
        """
        named = dict(builders())
        for owner, test in EXCEPTIONS:
            self.assertTrue(callable(getattr(named[owner], test)))

    def test_still_an_exception(self) -> None:
        """
        What the reactor itself cannot do has not come to be done since.
        """
        for (owner, test), reason in EXCEPTIONS.items():
            if reason is CLOSED_BY_THE_KERNEL:
                result = TestResult()
                tests_of(owner, dict(builders())[owner])(test).run(result)
                self.assertEqual(result.successes, 0)
