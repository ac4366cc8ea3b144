"""
Tests of L{bench.proxies.caddy}.
"""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.peer import Place
from bench.proxies.caddy import Caddy
from tests.bench.test_peer import CERTIFICATE


class CaddyTests(SynchronousTestCase):
    def test_stays_in_its_directory(self) -> None:
        """
        Caddy, which likes to keep things at home, is given a home of its own, and one processor.
        """
        environment = Caddy().environment(Place(Path("/place"), 1, 2, 3, CERTIFICATE))
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
