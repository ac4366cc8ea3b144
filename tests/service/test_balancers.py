"""
Balancers in a proxy that runs.
"""

from __future__ import annotations

import re
from typing import Any

from typing_extensions import override

from revproxy.edge.turn import TurnWriter
from revproxy.service.context import Workshop
from tests.edge.memory import MemoryConnection
from tests.service.network import Network
from tests.service.proxies import OK, ProxyTestCase, a_document

COOKIE = re.compile(rb"\r\nset-cookie: (sticky=[\w-]+)(.*?)\r\n", re.I)


class StickyTests(ProxyTestCase):
    """
    Clients on connections of their own.
    """

    def document(self, *ports: int, **more: Any) -> dict[str, Any]:
        servers = [f"http://127.0.0.1:{port}" for port in ports or (9001, 9002)]
        balancer = {"type": "sticky", **more}
        return a_document(upstreams={"app": {"servers": servers, "balancer": balancer}})

    def ask(self, cookie: bytes = b"") -> tuple[int, MemoryConnection, bytes]:
        """
        @return: the port that a request went to, the client, and what the server got.
        """
        client = self.network.client(8080)
        field = b"Cookie: " + cookie + b"\r\n" if cookie else b""
        before = len(self.network.outgoing)
        seen = {id(each): len(each.received) for _, each in self.network.outgoing}
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n" + field + b"\r\n")
        used = [
            (port, each, each.received[seen.get(id(each), 0) :])
            for port, each in self.network.outgoing
            if len(each.received) > seen.get(id(each), 0)
        ]
        self.assertLessEqual(len(self.network.outgoing) - before, 1)
        ((port, server, received),) = used
        server.send(OK)
        return port, client, received

    def given(self, client: MemoryConnection) -> bytes:
        found = COOKIE.search(client.received)
        assert found is not None, client.received
        return found[1]

    def test_round_trip(self) -> None:
        """
        A client gets a cookie, and with it goes to the same server, which does not see it.
        """
        self.running(self.document())
        port, client, _ = self.ask()
        self.assertIn(b"; Path=/; SameSite=Lax; HttpOnly\r\n", client.received)
        cookie = self.given(client)
        for _ in range(4):
            again, client, received = self.ask(b"a=1; " + cookie)
            self.assertEqual(again, port)
            self.assertNotIn(b"set-cookie", client.received.lower())
            self.assertIn(b"\r\ncookie: a=1\r\n", received.lower())

    def test_one_server(self) -> None:
        """
        So it is where there is one server alone, since another may come.
        """
        self.running(self.document(9001))
        _, client, _ = self.ask()
        _, client, received = self.ask(self.given(client))
        self.assertNotIn(b"sticky", received)
        self.assertNotIn(b"set-cookie", client.received.lower())

    def test_server_drains(self) -> None:
        """
        A client whose server drains gets another, with a cookie for it, and stays there.
        """
        proxy = self.running(self.document())
        port, client, _ = self.ask()
        cookie = self.given(client)
        upstream = proxy._generation._upstreams["app"].upstream
        upstream.members.set_state(f"http://127.0.0.1:{port}", "drain")
        other, client, _ = self.ask(cookie)
        self.assertNotEqual(other, port)
        upstream.members.set_state(f"http://127.0.0.1:{port}", "up")
        self.assertEqual(self.ask(self.given(client))[0], other)

    def test_before_the_filters_of_the_route(self) -> None:
        """
        The filters of the route see the cookie, and can change it.
        """
        filters = {"bare": {"type": "headers", "remove_response": ["Set-Cookie"]}}
        document = self.document() | {
            "filters": filters,
            "routes": [{"upstream": "app", "filters": ["bare"]}],
        }
        self.running(document)
        self.assertNotIn(b"set-cookie", self.ask()[1].received.lower())

    def test_after_a_reload(self) -> None:
        """
        The secret of the process outlives the configuration.
        """
        proxy = self.running(self.document())
        port, client, _ = self.ask()
        self.assertTaken(proxy, self.document(9002, 9001, 9003))
        self.assertEqual(self.ask(self.given(client))[0], port)

    def test_another_process(self) -> None:
        """
        Another process has another secret, unless they share a file; then it knows the cookies.
        """
        self.directory.joinpath("secret").write_text("0123456789abcdef" * 2)
        for more, known in (({}, False), ({"secret": "secret"}, True)):
            self.network = Network()
            self.workshop = Workshop(self.network, self.registry, self.directory, TurnWriter(self.network))
            self.running(self.document(**more))
            _, client, _ = self.ask()
            cookie = self.given(client)
            self.network = Network()
            self.workshop = Workshop(self.network, self.registry, self.directory, TurnWriter(self.network))
            self.running(self.document(**more))
            _, client, _ = self.ask(cookie)
            self.assertEqual(b"set-cookie" not in client.received.lower(), known)

    def test_nothing_left(self) -> None:
        """
        Nothing is left of it when the proxy ends.
        """
        proxy = self.running(self.document(fallback="least-connections"))
        _, client, _ = self.ask()
        self.ask(self.given(client))
        proxy.stopService()
        self.network.turn()
        self.network.turn(31)
        self.assertNothingLeft()


class ObservedTests(ProxyTestCase):
    """
    Balancers that hear of what the servers do.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.servers = [f"http://127.0.0.1:{port}" for port in (9001, 9002, 9003)]

    def ports(self, balancer: Any, requests: int, answer: bool) -> list[int]:
        """
        @return: how many requests went to each server, none of which is answered unless
            all are at once.
        """
        upstreams = {"app": {"servers": self.servers, "balancer": balancer}}
        self.running(a_document(upstreams=upstreams))
        for _ in range(requests):
            client = self.asking()
            if answer:
                self.network.outgoing[-1][1].send(OK)
                self.assertIn(b" 200 ", client.received)
                self.network.turn(0.001)
        asked = [0, 0, 0]
        for port, connection in self.network.outgoing:
            asked[port - 9001] += connection.received.count(b"GET / ")
        return asked

    def test_least_connections(self) -> None:
        """
        Requests that are not answered are shared out evenly.
        """
        self.assertEqual(self.ports("least-connections", 9, answer=False), [3, 3, 3])

    def test_through_a_fallback(self) -> None:
        """
        So they are where the balancer is within another.
        """
        within = {"type": "sticky", "fallback": {"type": "least-connections"}}
        self.assertEqual(self.ports(within, 9, answer=False), [3, 3, 3])

    def test_consistent_hash(self) -> None:
        """
        A single client's requests stay with its server while they are answered.
        """
        asked = self.ports({"type": "consistent-hash", "key": "client-ip"}, 1, answer=False)
        self.assertEqual(sorted(asked), [0, 0, 1])

    def test_least_time(self) -> None:
        """
        A server that does not answer gets one request, until it does, where there is another.
        """
        del self.servers[2]
        self.assertEqual(self.ports("least-time", 2, answer=False), [1, 1, 0])
