"""
Tests of L{revproxy.service.caches}: caches in a running proxy, and over a reload.
"""

from __future__ import annotations

from typing import Any

from revproxy.service.caches import parted_caches
from tests.edge.memory import MemoryConnection
from tests.flow.caching.databases import country_database
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


def two_ways(**more: Any) -> dict[str, Any]:
    """
    A document with two upstreams behind one URL and one cache.

    @param more: what the second route asks for.
    """
    return a_document(
        listeners={"web": {"endpoint": "tcp:8080"}, "other": {"endpoint": "tcp:8081"}},
        upstreams={
            name: {"servers": [f"http://127.0.0.1:{port}"]} for name, port in (("app", 9001), ("beta", 9002))
        },
        caches={"pages": "memory"},
        routes=[{"upstream": "app", "cache": "pages"}, {"upstream": "beta", "cache": "pages", **more}],
    )


def answer_of(name: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n%b" % (len(name), name)


class AnsweredCase(ProxyTestCase):
    """
    Servers that answer at once.
    """

    def body(self, request: bytes, port: int = 8080) -> bytes:
        """
        @return: what a client gets; where it comes from a server, that answers with its name.
        """
        before = {server: self.count(server) for server in (9001, 9002)}
        client = self.network.client(port)
        client.send(request)
        for server, name in ((9001, b"app"), (9002, b"beta")):
            if self.count(server) > before[server]:
                self.network.servers(server)[-1].send(answer_of(name))
        return client.received.rpartition(b"\r\n\r\n")[2]

    def count(self, server: int) -> int:
        return sum(each.received.count(b"HTTP/1.1\r\n") for each in self.network.servers(server))


class TwoWaysTests(AnsweredCase):
    """
    Routes that share a cache.
    """

    def test_headers(self) -> None:
        """
        Pitfall 27: a client that goes another way, as its request has a field, fills the
        cache for those alone that go the same.
        """
        self.running(two_ways(headers={"X-Beta": None}))
        beta = GET.replace(b"Host", b"X-Beta: 1\r\nHost", 1)
        self.assertEqual([self.body(each) for each in (beta, GET, beta, GET)], [b"beta", b"app"] * 2)
        self.assertEqual((self.count(9001), self.count(9002)), (1, 1))

    def test_listeners(self) -> None:
        """
        So does one that comes to another listener.
        """
        self.running(two_ways(listeners=["other"]))
        get = GET.replace(b"example.com", b"example.com:8080", 1)
        found = [self.body(get, port) for port in (8081, 8080, 8081, 8080)]
        self.assertEqual(found, [b"beta", b"app"] * 2)

    def test_unsafe(self) -> None:
        """
        RFC 9111 section 4.4: what goes to one upstream makes stale what is kept for the URL
        of all of them.
        """
        self.running(two_ways(methods=["POST", "GET"], headers={"X-Beta": None}))
        beta = GET.replace(b"Host", b"X-Beta: 1\r\nHost", 1)
        for each in (beta, GET):
            self.body(each)
        client = self.network.client(8080)
        client.send(b"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n")
        self.network.servers(9001)[-1].send(b"HTTP/1.1 204 No Content\r\n\r\n")
        counts = self.count(9001), self.count(9002)
        for each in (beta, GET):
            self.body(each)
        self.assertEqual((self.count(9001), self.count(9002)), (counts[0] + 1, counts[1] + 1))

    def test_which_are_parted(self) -> None:
        """
        The way is in the key only where one URL may go different ways.
        """
        cases: list[tuple[dict[str, Any], set[str]]] = [
            ({"headers": {"X-Beta": None}}, {"pages"}),
            ({"query": {"q": None}}, {"pages"}),
            ({"methods": ["GET"]}, {"pages"}),
            ({"listeners": ["web"]}, {"pages"}),
            ({"path": "/b"}, set()),
            ({"host": "b.test"}, set()),
        ]
        for more, expected in cases:
            self.assertEqual(parted_caches(self.configuration(two_ways(**more))), expected, more)
        same = two_ways(headers={"X-Beta": None})
        same["upstreams"].pop("beta")
        same["routes"][1]["upstream"] = "app"
        self.assertEqual(parted_caches(self.configuration(same)), set())
        same["filters"] = {"stamp": "headers"}
        same["routes"][1]["filters"] = ["stamp"]
        self.assertEqual(parted_caches(self.configuration(same)), {"pages"})


class ToldApartTests(AnsweredCase):
    """
    What a trusted proxy tells.
    """

    def test_told_host(self) -> None:
        """
        Pitfall 27: the host that a trusted proxy tells is in the key.
        """
        proxy = self.running(caching(trusted_proxies=["0.0.0.0/0"]))

        def asked(host: bytes) -> int:
            self.body(GET.replace(b"Host", b"X-Forwarded-Host: " + host + b"\r\nHost", 1))
            return self.count(9001)

        self.assertEqual([asked(host) for host in (b"a.com", b"b.com", b"a.com", b"b.com")], [1, 2, 2, 2])
        self.assertTaken(proxy, caching(drain_timeout="1s"))
        self.assertEqual([asked(host) for host in (b"a.com", b"b.com")], [3, 3])


class CountryTests(AnsweredCase):
    """
    Countries in keys.
    """

    def document(self) -> dict[str, Any]:
        return caching(
            {"use": "pages", "key": {"country": True}}, geoip="country.mmdb", trusted_proxies=["0.0.0.0/0"]
        )

    def write(self, **countries: str) -> None:
        networks = {f"198.51.100.{name[1:]}/32": country for name, country in countries.items()}
        self.directory.joinpath("country.mmdb").write_bytes(country_database(networks))

    def asked(self, *last: int) -> list[int]:
        """
        @return: how many requests the server has got after each of some clients'.
        """
        counts = []
        for each in last:
            self.body(GET.replace(b"Host", b"X-Forwarded-For: 198.51.100.%d\r\nHost" % each, 1))
            counts.append(self.count(9001))
        return counts

    def test_countries(self) -> None:
        """
        Clients in one country share what is kept, and a reload takes a new file.
        """
        self.write(c1="DE", c2="DE", c3="FR")
        proxy = self.running(self.document())
        self.assertEqual(self.asked(1, 2, 3, 4, 2, 4), [1, 1, 2, 3, 3, 3])
        self.write(c1="DE", c2="FR", c3="FR", c4="JP")
        self.assertEqual(self.asked(4), [3])
        self.assertTaken(proxy, self.document())
        self.assertEqual(self.asked(2, 4, 4), [3, 4, 4])

    def test_bad_file(self) -> None:
        """
        A reload with a file that is no database is refused.
        """
        self.write(c1="DE")
        proxy = self.running(self.document())
        self.directory.joinpath("country.mmdb").write_bytes(b"what")
        self.assertRefused(proxy, self.document(), "country.mmdb is no database")
        self.assertEqual(self.asked(1, 1), [1, 1])
