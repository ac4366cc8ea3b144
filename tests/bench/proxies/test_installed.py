"""
Tests of L{bench.proxies.installed}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.peer import Place
from bench.proxies.caddy import Caddy
from bench.proxies.installed import InstalledProgram


class NotInstalled(Caddy):
    program = "no-such-program-anywhere"


class NoProxyAtAll(InstalledProgram):
    """
    A program that any system has, and that prints its version.
    """

    program = "taskset"
    version_argument = "--version"

    def configure(self, place: Place) -> list[str]:
        return [self.path()]


class VersionTests(SynchronousTestCase):
    def test_installed(self) -> None:
        """
        The version is read out of what the program prints.
        """
        self.assertRegex(NoProxyAtAll().version() or "", r"^\d+\.\d+")

    def test_not_installed(self) -> None:
        """
        A program that is not installed has no version.
        """
        self.assertIsNone(NotInstalled().version())
