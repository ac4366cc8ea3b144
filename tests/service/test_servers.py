"""
Tests of L{revproxy.service.servers}.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import MemoryReactorClock

from revproxy.config.upstreams import UpstreamSettings
from revproxy.service.servers import ServerMaker, address_with_port
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
        first, second = map(self.maker(settings).server, settings.servers)
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
        servers = [self.maker(settings).server(server) for server in settings.servers]
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
            server = self.maker(settings).server(settings.servers[0])
            self.assertEqual(server.standing.healthy, healthy)

    def test_address(self) -> None:
        """
        One whose name was looked up is connected to at its address, and named by both.
        """
        reactor = MemoryReactorClock()
        settings = self.settings("http://app.test:9001")
        server = self.maker(settings, reactor).server(settings.servers[0], "192.0.2.7", 9009)
        server.connect()
        self.assertEqual(reactor.tcpClients[0][:2], ("192.0.2.7", 9009))
        self.assertEqual(server.name, "http://app.test:9001 at 192.0.2.7:9009")
        self.assertEqual(server.authority, b"app.test:9001")

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
        target = self.maker(settings, reactor).server(settings.servers[0]).target
        assert target is not None
        self.assertEqual(
            (target.name, target.host, target.port), ("http://127.0.0.1:9001", "127.0.0.1", 9001)
        )
        for port in (None, 9002):
            target.connect(self.network, port)  # type: ignore[arg-type]
        self.assertEqual([client[1] for client in reactor.tcpClients], [9001, 9002])
