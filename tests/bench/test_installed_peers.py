"""
Tests of L{bench.installed_peers}.
"""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.installed_peers import Caddy, InstalledProgram
from bench.peer import Place
from tests.bench.test_peer import CERTIFICATE


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


class CaddyTests(SynchronousTestCase):
    def test_stays_in_its_directory(self) -> None:
        """
        Caddy, which likes to keep things at home, is given a home of its own, and one processor.
        """
        place = Place(Path("/place"), 1, 2, 3, CERTIFICATE)
        environment = Caddy().environment(place)
        self.assertEqual(environment["HOME"], "/place")
        self.assertEqual(environment["GOMAXPROCS"], "1")

    def test_valid_json(self) -> None:
        """
        Its configuration is JSON, with a server for each port.
        """
        directory = Path(self.mktemp()).resolve()
        directory.mkdir()
        argv = Caddy().configure(Place(directory, 1001, 1002, 1003, CERTIFICATE))
        servers = json.loads(Path(argv[-1]).read_text())["apps"]["http"]["servers"]
        self.assertEqual(
            [server["listen"] for server in servers.values()], [["127.0.0.1:1001"], ["127.0.0.1:1002"]]
        )


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
