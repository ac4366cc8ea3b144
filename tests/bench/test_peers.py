"""
Tests of L{bench.peers}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.peer import Peer, Place
from bench.peers import OURS, PEERS
from bench.setup import Cache, Setup
from tests.bench.test_peer import CERTIFICATE


class PeersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp()).resolve()
        self.directory.mkdir()

    def configured(self, peer: Peer, setup: Setup) -> str:
        """
        What a proxy is told, by its command line and its files.
        """
        home = self.directory / f"{peer.name}-{len(list(self.directory.iterdir()))}"
        home.mkdir()
        argv = peer.configure(Place(home, 1001, 1002, 1003, CERTIFICATE, setup))
        return "\n".join([*argv, *(path.read_text() for path in home.iterdir() if path.is_file())])

    def able(self, setup: Setup) -> list[Peer]:
        return [peer for peer in PEERS.values() if peer.refusal(setup) is None]

    def test_ours(self) -> None:
        """
        Of all the proxies, only revproxy is ours.
        """
        self.assertEqual([name for name in PEERS if name.startswith("revproxy")], OURS)

    def test_every_peer_is_told_where(self) -> None:
        """
        Each proxy is told both ports, the origin and the certificate, if it speaks TLS.
        """
        for name, peer in PEERS.items():
            setup = Setup(cache=Cache()) if name == "varnish" else Setup()
            text = self.configured(peer, setup)
            told = [each in text for each in ("1001", "1002", "1003", "/c/")]
            self.assertEqual(told, [True] * 3 + [name != "varnish"], name)

    def test_every_route(self) -> None:
        """
        Each proxy that can route is told every route.
        """
        peers = self.able(Setup(routes=3))
        self.assertIn("nginx", [peer.name for peer in peers])
        for peer in peers:
            text = self.configured(peer, Setup(routes=3))
            self.assertEqual([f"/route-{index}/" in text for index in range(4)], [True] * 3 + [False])

    def test_every_server(self) -> None:
        """
        Each proxy that can choose among servers is told every server.
        """
        peers = self.able(Setup(servers=3))
        self.assertLessEqual({"nginx", "haproxy", "caddy"}, {peer.name for peer in peers})
        for peer in peers:
            text = self.configured(peer, Setup(servers=3))
            told = [f"127.0.1.{index}:1003" in text for index in (1, 2, 3, 4)]
            self.assertEqual(told, [True] * 3 + [False], peer.name)

    def test_cache(self) -> None:
        """
        Each proxy that can keep responses is told how much.
        """
        peers = self.able(Setup(cache=Cache()))
        self.assertEqual({peer.name for peer in peers}, {"nginx", "varnish", *OURS})
        for peer in peers:
            for store in ("memory", "disk"):
                self.assertIn("77", self.configured(peer, Setup(cache=Cache(store, 77))), peer.name)

    def test_varnish(self) -> None:
        """
        Varnish takes part where there is a cache, and in nothing else.
        """
        varnish = PEERS["varnish"]
        self.assertIsNotNone(varnish.refusal(Setup()))
        self.assertIsNotNone(varnish.refusal(Setup(cache=Cache(), servers=2)))
        self.assertIsNone(varnish.refusal(Setup(cache=Cache())))

    def test_resumption(self) -> None:
        """
        Each proxy that can resume TLS sessions is told whether to.
        """
        for peer in self.able(Setup(resumption=True)):
            self.assertNotEqual(
                self.configured(peer, Setup(resumption=True)), self.configured(peer, Setup()), peer.name
            )
