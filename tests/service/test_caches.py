"""
Tests of L{revproxy.service.caches}: caches in a running proxy, and over a reload.
"""

from __future__ import annotations

from typing import Any

from tests.edge.memory import MemoryConnection
from tests.service.proxies import GET, ProxyTestCase, a_document

CACHEABLE = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok"


def caching(use: object = "pages", store: object = "memory", **more: Any) -> dict[str, Any]:
    """
    A document with one cache, which its only route uses.
    """
    return a_document(caches={"pages": store}, routes=[{"upstream": "app", "cache": use}], **more)


class CacheTests(ProxyTestCase):
    def filled(self) -> MemoryConnection:
        """
        A client that got a response, which is kept now.
        """
        client = self.asking()
        self.network.servers(9001)[-1].send(CACHEABLE)
        self.assertIn(b"fwd=uri-miss", client.received)
        return client

    def asked(self) -> int:
        """
        How many requests servers got.
        """
        return sum(server.received.count(b"GET /") for server in self.network.servers(9001))

    def assertHit(self, client: MemoryConnection) -> None:
        before = len(client.received), self.asked()
        client.send(GET)
        answer = client.received[before[0] :]
        self.assertIn(b"; hit", answer)
        self.assertTrue(answer.endswith(b"\r\n\r\nok"), answer)
        self.assertEqual(self.asked(), before[1])

    def test_hit(self) -> None:
        """
        The second request for the same does not get to the server.
        """
        self.running(caching())
        self.assertHit(self.filled())

    def test_other_client(self) -> None:
        """
        What one client got another gets, on a connection of its own.
        """
        self.running(caching())
        self.filled()
        self.assertHit(self.network.client(8080))

    def test_reload_keeps(self) -> None:
        """
        A reload that leaves the cache alone leaves what it has.
        """
        proxy = self.running(caching())
        client = self.filled()
        self.assertTaken(proxy, caching({"use": "pages", "status": "edge"}, drain_timeout="1s"))
        self.assertHit(client)
        self.assertIn(b"edge; hit", client.received)

    def test_reload_changes(self) -> None:
        """
        Another size makes another cache, which is empty.
        """
        proxy = self.running(caching())
        client = self.filled()
        self.assertTaken(proxy, caching(store={"type": "memory", "size": "64MiB"}))
        client.send(GET)
        self.assertEqual(self.asked(), 2)

    def test_disk_moves(self) -> None:
        """
        A disk cache whose size changes is closed and opened again, with what it has.
        """
        disk = {"type": "disk", "path": "cache"}
        proxy = self.running(caching(store=disk))
        client = self.filled()
        self.assertTaken(proxy, caching(store={**disk, "size": "1GiB"}))
        self.assertHit(client)
        proxy.stopService()

    def test_restart_is_warm(self) -> None:
        """
        What is on disk is there for the next process.
        """
        proxy = self.running(caching(store={"type": "disk", "path": "cache"}))
        self.filled()
        proxy.stopService()
        self.network.turn()
        proxy = self.running(caching(store={"type": "disk", "path": "cache"}))
        self.assertHit(self.network.client(8080))
        proxy.stopService()

    def test_two_routes(self) -> None:
        """
        Routes share a cache, and each has its own use of it.
        """
        routes = [
            {"path": "/a", "upstream": "app", "cache": {"use": "pages", "ttl": {200: 0}}},
            {"upstream": "app", "cache": "pages"},
        ]
        self.running(a_document(caches={"pages": "memory"}, routes=routes))
        client = self.filled()
        self.assertHit(client)
        client.send(GET.replace(b"/ ", b"/a ", 1))
        self.network.servers(9001)[-1].send(CACHEABLE)
        client.send(GET.replace(b"/ ", b"/a ", 1))
        self.assertEqual(self.asked(), 3)

    def test_purge(self) -> None:
        """
        PURGE is for the cache where the client may, and for the server where nobody may.
        """
        proxy = self.running(caching({"use": "pages", "purge_from": ["0.0.0.0/0", "::/0"]}))
        client = self.filled()
        client.send(GET.replace(b"GET", b"PURGE", 1))
        self.network.pump([0.001, 0.001])
        self.assertIn(b'{"purged": 1}', client.received)
        self.assertNotIn(b"PURGE", self.network.servers(9001)[-1].received)
        client.send(GET)
        self.assertEqual(self.asked(), 2)
        self.network.servers(9001)[-1].send(CACHEABLE)
        self.assertTaken(proxy, caching())
        client.send(GET.replace(b"GET", b"PURGE", 1))
        self.assertIn(b"PURGE / HTTP/1.1", self.network.servers(9001)[-1].received)
