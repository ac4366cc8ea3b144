"""
Tests of L{revproxy.service.servers}.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionRefusedError
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from revproxy.config.upstreams import UpstreamSettings
from revproxy.service.servers import AddressForbidden, ServerMaker, address_with_port
from tests.config.files import written
from tests.service.proxies import ProxyTestCase, a_document


class ServerMakerTests(ProxyTestCase):
    def settings(self, *servers: Any, **more: Any) -> UpstreamSettings:
        document = a_document(upstreams={"app": {"servers": list(servers), **more}})
        return self.configuration(document).upstreams["app"]

    def maker(self, settings: UpstreamSettings, reactor: Any = None) -> ServerMaker:
        workshop = type(self.workshop)(
            reactor or self.network, self.registry, self.directory, self.workshop.turn
        )
        return ServerMaker(settings, None, workshop)

    def test_as_it_says(self) -> None:
        """
        A server is as its entry says, and where it says nothing as its upstream does.
        """
        entry = {"url": "http://127.0.0.1:9001", "weight": 2, "backup": True, "priority": 3}
        settings = self.settings(
            {**entry, "max_connections": 4, "state": "drain"},
            "http://127.0.0.1:9002",
            connections={"most": 9},
        )
        first, second = map(self.maker(settings).server, written(settings))
        self.assertEqual((first.weight, first.tier, first.most), (2, (True, 3), 4))
        self.assertEqual((first.standing.state, second.standing.state), ("drain", "up"))
        self.assertEqual((second.weight, second.tier, second.most), (1, (False, 0), 9))

    def test_slow_start(self) -> None:
        """
        Where any server starts slowly, there is something between no weight and that of 1.
        """
        settings = self.settings(
            {"url": "http://127.0.0.1:9001", "slow_start": "1s"},
            {"url": "http://127.0.0.1:9002", "slow_start": 0, "weight": 3},
            "http://127.0.0.1:9003",
            slow_start="5s",
        )
        servers = [self.maker(settings).server(server) for server in written(settings)]
        self.assertEqual([server.slow_start for server in servers], [1.0, 0.0, 5.0])
        self.assertEqual([server.whole_weight for server in servers], [100, 300, 100])

    def test_initial(self) -> None:
        """
        Servers are believed to be well before their first check, unless the file says otherwise.
        """
        for initial, healthy in [("up", True), ("down", False)]:
            settings = self.settings(
                "http://127.0.0.1:9001", health_check={"type": "tcp", "initial": initial}
            )
            server = self.maker(settings).server(written(settings)[0])
            self.assertEqual(server.standing.healthy, healthy)

    def test_address(self) -> None:
        """
        One whose name was looked up is connected to at its address, and named by both.
        """
        reactor = MemoryReactorClock()
        settings = self.settings("http://app.test:9001")
        server = self.maker(settings, reactor).server(written(settings)[0], "192.0.2.7", 9009)
        server.connect()
        self.assertEqual(reactor.tcpClients[0][:2], ("192.0.2.7", 9009))
        self.assertEqual(server.name, "http://app.test:9001 at 192.0.2.7:9009")
        self.assertEqual(server.authority, b"app.test:9001")

    def test_forbidden(self) -> None:
        """
        Pitfall 39: whoever wants a server gets none at an address that is forbidden.
        """
        settings = self.settings("http://app.test:9001", forbid=["10.0.0.0/8"])
        maker = self.maker(settings)
        for address in ("10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"):
            with self.assertRaises(AddressForbidden):
                maker.server(written(settings)[0], address)
        maker.server(written(settings)[0], "192.0.2.1")

    def test_not_looked_up(self) -> None:
        """
        Pitfall 39: nor one that would be looked up again when it is connected to.
        """
        settings = self.settings("http://app.test:9001")
        self.assertRaises(ValueError, self.maker(settings).server, written(settings)[0])

    def test_this_machine(self) -> None:
        """
        localhost is one server, wherever it listens, but not where it may not be.
        """
        for forbid, expected in (
            ([], ["127.0.0.1", "::1"]),
            (["127.0.0.0/8"], ["::1"]),
            (["::1"], ["127.0.0.1"]),
        ):
            reactor = MemoryReactorClock()
            settings = self.settings("http://localhost:9001", forbid=forbid)
            server = self.maker(settings, reactor).server(written(settings)[0])
            server.connect().addErrback(lambda _: None)
            self.assertEqual(server.name, "http://localhost:9001")
            tried: list[str] = []
            while len(tried) < len(reactor.tcpClients):
                host, _, factory, *_ = reactor.tcpClients[len(tried)]
                tried.append(host)
                factory.clientConnectionFailed(reactor.connectors[0], Failure(ConnectionRefusedError()))
            self.assertEqual(tried, expected)

    def test_address_with_port(self) -> None:
        """
        An IPv6 address stands in brackets.
        """
        self.assertEqual(address_with_port("192.0.2.7", 80), "192.0.2.7:80")
        self.assertEqual(address_with_port("2001:db8::7", 80), "[2001:db8::7]:80")

    def test_target(self) -> None:
        """
        Checks reach a server where exchanges do, or at another port.
        """
        reactor = MemoryReactorClock()
        settings = self.settings("http://127.0.0.1:9001")
        target = self.maker(settings, reactor).server(written(settings)[0]).target
        assert target is not None
        self.assertEqual(
            (target.name, target.host, target.port), ("http://127.0.0.1:9001", "127.0.0.1", 9001)
        )
        for port in (None, 9002):
            target.connect(self.network, port)  # type: ignore[arg-type]
        self.assertEqual([client[1] for client in reactor.tcpClients], [9001, 9002])

    def test_target_host(self) -> None:
        """
        Checks name the host that exchanges do, where that is always the same.
        """
        for host, authority in {
            "pass": b"127.0.0.1:9001",
            "upstream": b"127.0.0.1:9001",
            "app.test": b"app.test",
        }.items():
            settings = self.settings("http://127.0.0.1:9001", host=host)
            target = self.maker(settings).server(written(settings)[0]).target
            assert target is not None
            self.assertEqual(target.authority, authority)

    def test_target_behind_a_socket(self) -> None:
        """
        Behind a UNIX socket it is the path that tells where a server is.
        """
        settings = self.settings("http+unix:app.sock")
        target = self.maker(settings).server(written(settings)[0]).target
        assert target is not None
        self.assertEqual(
            (target.host, target.port, target.authority), (f"{self.directory}/app.sock", 0, b"localhost")
        )
