"""
Tests of L{build_backend}, by which the package is built.
"""

from __future__ import annotations

import io
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from build_backend import compiled_or_not, compiler_requirements
from revproxy.compiled import VARIABLE

ROOT = Path(__file__).resolve().parent.parent


class CompiledOrNotTests(SynchronousTestCase):
    """
    @ivar works: whether there is a compiler.
    """

    def setUp(self) -> None:
        self.environment: dict[str, str] = {}
        self.errors = io.StringIO()
        self.works = True

    def build(self) -> str:
        if self.environment.get(VARIABLE) == "0":
            return "without"
        if not self.works:
            raise SystemExit("error: command 'gcc' failed")
        return "compiled"

    def built(self) -> str:
        return compiled_or_not(self.build, self.environment, self.errors)

    def test_compiled(self) -> None:
        """
        Where it works, there are compiled modules, and nothing to be said.
        """
        self.assertEqual((self.built(), self.errors.getvalue()), ("compiled", ""))

    def test_not_wanted(self) -> None:
        """
        With 0 there are none, and nothing is to be said either.
        """
        self.environment[VARIABLE] = "0"
        self.assertEqual((self.built(), self.errors.getvalue()), ("without", ""))

    def test_not_possible(self) -> None:
        """
        Where it fails, the build goes on without, and says so in one line.
        """
        self.works = False
        self.assertEqual(self.built(), "without")
        self.assertEqual(self.errors.getvalue().count("\n"), 1)

    def test_needed(self) -> None:
        """
        With 1 it fails instead.
        """
        self.environment[VARIABLE], self.works = "1", False
        self.assertRaises(SystemExit, self.built)


class CompilerRequirementsTests(SynchronousTestCase):
    def test_listed(self) -> None:
        """
        The compiler is needed, and what gives it the types of Twisted and of zope.
        """
        listed = compiler_requirements(ROOT / "setup.cfg")
        names = {requirement.split(" ")[0] for requirement in listed}
        self.assertLessEqual({"mypy", "mypy-zope", "twisted", "zope.interface"}, names)
