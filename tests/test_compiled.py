"""
Tests of L{revproxy.compiled}, and of what runs here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.compiled import RECORD, VARIABLE, WHY_SOURCES, record_of, why_sources
from revproxy.edge import router, turn
from revproxy.flow import filtering, relay, unforeseen
from revproxy.flow.retries import visits

ROOT = Path(__file__).resolve().parent.parent

COMPILED = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["tool"]["revproxy"]["compiled"]

USE_SOURCES = """
import sys
from revproxy.compiled import use_sources
sys.path.insert(0, sys.argv[1])
import package
if sys.argv[2] == "sources":
    use_sources(package.__path__[0])
from package import module
from package.inner import module as inner
print(module.__file__, inner.__file__)
"""
"""
A program that imports two modules of a package, one of a package in that.
"""


class WhySourcesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.package = Path(self.mktemp())
        self.package.joinpath("inner").mkdir(parents=True)
        for name in ("__init__.py", "module.py", "inner/__init__.py", "inner/module.py"):
            self.package.joinpath(name).write_text(f"# {name}\n")

    def record(self) -> None:
        self.package.joinpath(RECORD).write_text(record_of(self.package))

    def why(self, **environment: str) -> str | None:
        return why_sources(str(self.package), environment)

    def test_nothing_compiled(self) -> None:
        """
        Where there is no record, the sources are used.
        """
        self.assertEqual(self.why(), "nothing is compiled")

    def test_up_to_date(self) -> None:
        """
        Where all sources are as they were, it does not matter when they were written.
        """
        self.record()
        os.utime(self.package / "module.py", (0, 0))
        self.assertIsNone(self.why())

    def test_switched_off(self) -> None:
        """
        The environment has the sources used all the same, when it says 0.
        """
        self.record()
        self.assertEqual(self.why(**{VARIABLE: "0"}), "REVPROXY_COMPILED is 0")
        self.assertIsNone(self.why(**{VARIABLE: "1"}))

    def test_changed(self) -> None:
        """
        One source that was edited is enough, and is named; put back, it is as it was.
        """
        self.record()
        edited = self.package / "inner" / "module.py"
        before = edited.read_text()
        edited.write_text("# INNER/module.py\n")
        self.assertEqual(self.why(), "inner/module.py has changed since it was compiled")
        edited.write_text(before)
        self.assertIsNone(self.why())

    def test_removed(self) -> None:
        """
        So is one that is gone.
        """
        self.record()
        self.package.joinpath("module.py").unlink()
        self.assertEqual(self.why(), "module.py has changed since it was compiled")

    def test_added(self) -> None:
        """
        A new source changes nothing: what uses it must have changed.
        """
        self.record()
        self.package.joinpath("other.py").write_text("")
        self.assertIsNone(self.why())


class UseSourcesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp()).absolute()
        self.inner = self.directory / "package" / "inner"
        self.inner.mkdir(parents=True)
        for package in (self.inner, self.inner.parent):
            package.joinpath("__init__.py").touch()
            package.joinpath("module.py").touch()
            package.joinpath("module" + EXTENSION_SUFFIXES[0]).touch()

    def imported(self, what: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", USE_SOURCES, str(self.directory), what]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def test_as_python_does(self) -> None:
        """
        Python on its own prefers what is compiled; here that is nothing that can run.
        """
        self.assertIn("ImportError", self.imported("as they are").stderr)

    def test_sources(self) -> None:
        """
        Sources are taken instead, at the top of the package and below.
        """
        files = [str(package / "module.py") for package in (self.inner.parent, self.inner)]
        self.assertEqual(self.imported("sources").stdout.split(), files)


class ListedTests(SynchronousTestCase):
    """
    The modules that are compiled where that is possible.
    """

    def setUp(self) -> None:
        names = [path.removesuffix(".py").replace("/", ".") for path in COMPILED]
        self.modules = [import_module(name) for name in names]

    def test_one_variant(self) -> None:
        """
        All of them run in the same variant, which is the one that is told.
        """
        suffixes = {Path(str(module.__file__)).suffix for module in self.modules}
        self.assertEqual(suffixes, {".py"} if WHY_SOURCES else {".so"})

    def test_no_weak_references(self) -> None:
        """
        A compiled class takes no weak references, which it would not clear.  One that
        inherits from C{ABC} would take them; C{metaclass=ABCMeta} serves instead.
        """
        named = (each for module in self.modules for each in vars(module).values())
        classes = {each for each in named if isinstance(each, type) and "__mypyc_attrs__" in vars(each)}
        weak = [
            each for each in classes if each.__weakrefoffset__ and not getattr(each, "_is_protocol", False)
        ]
        self.assertEqual([each for each in weak if not issubclass(each, Exception)], [])

    def test_no_status(self) -> None:
        """
        None of them defines an error with a status of its own: once compiled it would
        have the one that it inherits.
        """
        given = re.compile("^    (?:status|retry_safe)\\b.*=", re.M)
        self.assertEqual([path for path in COMPILED if given.search(ROOT.joinpath(path).read_text())], [])
        self.assertTrue(given.search(ROOT.joinpath("revproxy", "errors.py").read_text()))


class LoggersTests(SynchronousTestCase):
    def test_names(self) -> None:
        """
        A logger of a module has the module's name, compiled too, where no frame tells it.
        """
        for module in (filtering, relay, router, turn, unforeseen, visits):
            self.assertEqual(module.log.namespace, module.__name__)
