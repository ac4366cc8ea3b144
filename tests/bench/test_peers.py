"""
Tests of L{bench.peers}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.peer import Place
from bench.peers import OURS, PEERS
from tests.bench.test_peer import CERTIFICATE


class PeersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp()).resolve()
        self.directory.mkdir()

    def test_ours(self) -> None:
        """
        Of all the proxies, only revproxy is ours.
        """
        self.assertEqual([name for name in PEERS if name.startswith("revproxy")], OURS)

    def test_every_peer_is_told_where(self) -> None:
        """
        The configuration of each proxy, written in its own directory, names both ports, the origin and the
        certificate.
        """
        for name, peer in PEERS.items():
            home = self.directory / name
            home.mkdir()
            argv = peer.configure(Place(home, 1001, 1002, 1003, CERTIFICATE))
            (configuration,) = home.iterdir()
            self.assertIn(str(configuration), argv)
            text = configuration.read_text()
            told = [each in text for each in ("1001", "1002", "1003", "/c/")]
            self.assertEqual(told, [True] * 4, name)
