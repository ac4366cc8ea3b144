from __future__ import annotations

from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.testing import MemoryReactorClock

from revproxy.config.upstreams import UpstreamSettings
from revproxy.errors import CertificateError
from revproxy.service.upstreams import BuiltUpstream, build_upstream
from tests.service.proxies import GET, ProxyTestCase, a_document


class UpstreamTests(ProxyTestCase):
    def settings(self, *servers: str, **more: Any) -> UpstreamSettings:
        document = a_document(upstreams={"app": {"servers": list(servers), **more}})
        return self.configuration(document).upstreams["app"]

    def built(self, *servers: str, **more: Any) -> BuiltUpstream:
        return build_upstream("app", self.settings(*servers, **more), self.workshop)

    def test_servers(self) -> None:
        """
        Each server has its URL as its name, its weight, and the limits of the upstream.
        """
        upstream, tls, *_ = self.built(
            "http://192.0.2.1:81", "http://[::1]", connections={"most": 3, "idle_timeout": "4s"}
        )
        first, second = upstream.members.servers
        self.assertIsNone(tls)
        self.assertEqual((first.name, first.authority), ("http://192.0.2.1:81", b"192.0.2.1:81"))
        self.assertEqual((second.name, second.authority), ("http://[::1]", b"[::1]"))
        self.assertEqual((first.weight, first.limits.most, first.limits.idle_timeout), (1, 3, 4.0))

    def test_timeouts(self) -> None:
        """
        What the file says of deadlines is what connections are given.
        """
        told = {"connect": "1s", "first_byte": "2s", "idle": "9s", "response": "3s", "tunnel_idle": "4s"}
        upstream, *_ = self.built("http://127.0.0.1:9001", timeouts=told)
        self.assertEqual(tuple(upstream.timeouts), (1.0, 2.0, 9.0, 3.0, 4.0))

    def test_judges(self) -> None:
        """
        Who judges servers is there where the file asks for it.
        """
        upstream = self.built("http://127.0.0.1:9001").upstream
        self.assertEqual((upstream.observers, upstream.hedge_delay), ((), None))
        upstream = self.built(
            "http://127.0.0.1:9001",
            outliers={"consecutive": 7},
            circuit_breaker={"failure_rate": "30%"},
            hedge={"percentile": 90},
        ).upstream
        kinds = {type(observer).__name__ for observer in upstream.observers}
        self.assertEqual(kinds, {"OutlierDetection", "CircuitBreaker", "HedgeDelay"})

    def test_health_checks(self) -> None:
        """
        Servers are checked from when they are taken care of until they are not, and what was
        known of them holds with another configuration.
        """
        check = {"type": "tcp", "initial": "down", "rise": 1}
        upstream, _, care, _ = self.built("http://127.0.0.1:9001", health_check=check)
        self.assertEqual(self.network.outgoing, [])
        care.startService()
        self.network.turn(0)
        self.assertEqual(len(self.network.servers(9001)), 1)
        self.assertTrue(upstream.members.servers[0].standing.healthy)
        self.successResultOf(maybeDeferred(care.stopService))
        self.assertNothingLeft()

    def test_endpoints(self) -> None:
        """
        Addresses are connected to as they are, and UNIX sockets by their path, relative
        to the file.
        """
        reactor = MemoryReactorClock()
        workshop = type(self.workshop)(reactor, self.registry, self.directory, self.workshop.turn)
        servers = [
            "http://127.0.0.1:9001",
            "http://[::1]:9002",
            "http+unix:app.sock",
            "http://localhost:9003",
        ]
        upstream = build_upstream("app", self.settings(*servers), workshop).upstream
        for server in upstream.members.servers:
            server.connect()
        self.assertEqual(
            [client[:2] for client in reactor.tcpClients[:2]], [("127.0.0.1", 9001), ("::1", 9002)]
        )
        self.assertEqual(reactor.unixClients[0][0], str(self.directory / "app.sock"))

    def test_tls(self) -> None:
        """
        Where a server speaks TLS its files are read, and told of if they are wrong.
        """
        self.assertIsNotNone(self.built("https://127.0.0.1:9001", "http://127.0.0.1:9002").tls)
        self.directory.joinpath("ca.pem").write_text("nothing")
        with self.assertRaises(CertificateError):
            self.built("https://127.0.0.1:9001", tls={"ca": "ca.pem"})

    def test_connect_timeout(self) -> None:
        """
        A TLS handshake that does not come to an end counts as connecting.
        """
        upstreams = {
            "app": {
                "servers": ["https://127.0.0.1:9001"],
                "timeouts": {"connect": "2s"},
                "tls": {"verify": False},
            }
        }
        self.running(a_document(upstreams=upstreams))
        client = self.network.client(8080)
        client.send(GET)
        self.assertTrue(self.network.servers(9001)[0].received.startswith(b"\x16\x03"))
        self.network.turn(2.0, 0)
        self.assertIn(b" 504 ", client.received)
