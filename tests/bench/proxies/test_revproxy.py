"""
Tests of L{bench.proxies.revproxy}.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml
from twisted.trial.unittest import SynchronousTestCase

from bench.peer import Place
from bench.proxies.revproxy import Revproxy
from bench.proxies.twistd import CHECKOUT
from bench.setup import Cache, Setup
from tests.bench.test_peer import CERTIFICATE


class RevproxyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp()).resolve()
        self.directory.mkdir()
        self.place = Place(self.directory, 1001, 1002, 1003, CERTIFICATE)

    def test_reactor(self) -> None:
        """
        revproxy runs on the reactor that is named, or on its own choice.
        """
        self.assertIn("--reactor=epoll", Revproxy("it", "epoll").configure(self.place))
        self.assertNotIn("--reactor", " ".join(Revproxy("it", None).configure(self.place)))

    def test_valid_file(self) -> None:
        """
        The configuration file is YAML with a listener on each port and no access log.
        """
        argv = Revproxy("it", None).configure(self.place)
        settings = yaml.safe_load(Path(argv[-1]).read_text())
        endpoints = [listener["endpoint"] for listener in settings["listeners"].values()]
        self.assertEqual(endpoints, ["tcp:1001:interface=127.0.0.1", "tcp:1002:interface=127.0.0.1"])
        self.assertEqual(settings["listeners"]["secure"]["tls"]["sessions"], "none")
        self.assertEqual(settings["upstreams"]["origin"]["servers"], ["http://127.0.0.1:1003"])
        self.assertIsNone(settings["access_log"])

    def test_cache(self) -> None:
        """
        Where there is a cache, every route uses it; otherwise there is none.
        """
        place = replace(self.place, setup=Setup(routes=2, cache=Cache("disk", 77)))
        settings = yaml.safe_load(Path(Revproxy("it", None).configure(place)[-1]).read_text())
        path = f"{self.directory}/cache"
        self.assertEqual(settings["caches"], {"pages": {"type": "disk", "size": "77MiB", "path": path}})
        self.assertEqual([route["cache"] for route in settings["routes"]], ["pages"] * 2)
        argv = Revproxy("it", None).configure(self.place)
        self.assertNotIn("cache", Path(argv[-1]).read_text().replace(str(self.directory), ""))

    def test_this_checkout(self) -> None:
        """
        What is measured is the code beside the benchmark.
        """
        self.assertEqual(Revproxy("it", None).environment(self.place)["PYTHONPATH"], str(CHECKOUT))
        self.assertTrue((CHECKOUT / "bench" / "rows.py").is_file())
