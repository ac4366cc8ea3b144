from __future__ import annotations

from typing import Any

from revproxy.edge.mount import MountedResource
from revproxy.edge.resource import ReverseProxyResource
from revproxy.edge.tree import RouteTree
from revproxy.exchange import Exchange
from revproxy.service.caches import CacheUses
from revproxy.service.routes import build_tree
from revproxy.service.upstreams import build_upstream
from tests.fakes import an_exchange
from tests.service.proxies import ProxyTestCase, a_document


class RouteTests(ProxyTestCase):
    def tree(self, *routes: dict[str, Any], **more: Any) -> RouteTree:
        configuration = self.configuration(a_document(routes=list(routes), **more))
        settings = configuration.upstreams["app"]
        upstreams = {"app": build_upstream("app", settings, self.workshop).upstream}
        return build_tree(configuration, upstreams, CacheUses(configuration, {}, None), self.workshop)

    def found(self, tree: RouteTree, exchange: Exchange, listener: str = "web") -> str | None:
        route = tree.find(exchange.request, listener)
        return None if route is None else route.name

    def test_conditions(self) -> None:
        """
        Everything that a route asks for counts.
        """
        tree = self.tree(
            {
                "host": "a.test",
                "path": "/x",
                "methods": ["GET"],
                "headers": {"X-One": "1", "X-Any": None},
                "query": {"q": "2"},
                "listeners": ["web"],
                "upstream": "app",
            }
        )
        right: dict[str, Any] = {
            "path": b"/x/y", "authority": b"a.test", "query": b"q=2",
            "fields": [(b"x-one", b"1"), (b"x-any", b"")],
        }  # fmt: skip
        self.assertEqual(self.found(tree, an_exchange(**right)), "a.test/x")
        self.assertIsNone(self.found(tree, an_exchange(**right), "other"))
        for wrong in (
            {"path": b"/y"}, {"authority": b"b.test"}, {"query": b"q=3"}, {"method": b"PUT"},
            {"fields": [(b"x-one", b"1")]},
        ):  # fmt: skip
            self.assertIsNone(self.found(tree, an_exchange(**{**right, **wrong})), wrong)

    def test_alike(self) -> None:
        """
        Routes that relay alike share a resource; another limit or filter takes another.
        """
        filters = {"one": {"type": "headers"}}
        more = (
            {"path": "/a"},
            {"path": "/b"},
            {"path": "/c", "max_body": "1KiB"},
            {"path": "/d", "filters": ["one"]},
        )
        tree = self.tree(*({"upstream": "app", **each} for each in more), filters=filters)
        routes = [tree.find(an_exchange(path=path).request, "web") for path in (b"/a", b"/b", b"/c", b"/d")]
        resources = [route.resource for route in routes if route is not None]
        self.assertIs(resources[0], resources[1])
        self.assertEqual(len(set(map(id, resources))), 3)

    def test_filters(self) -> None:
        """
        A route's filters run in its order on requests, and backwards on responses.
        """
        filters = {
            "one": {"type": "headers", "set_request": {"X-Mark": "one"}, "set_response": {"X-Mark": "one"}},
            "two": {"type": "headers", "set_request": {"X-Mark": "two"}, "set_response": {"X-Mark": "two"}},
        }
        self.running(a_document(routes=[{"upstream": "app", "filters": ["one", "two"]}], filters=filters))
        client = self.answered()
        self.assertIn(b"x-mark: two\r\n", self.network.servers(9001)[0].received.lower())
        self.assertIn(b"x-mark: one\r\n", client.received.lower())

    def test_max_body(self) -> None:
        """
        A route's largest body is in place of the listeners'.
        """
        self.running(a_document(routes=[{"upstream": "app", "max_body": "3B"}]))
        client = self.network.client(8080)
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\n")
        self.assertIn(b" 413 ", client.received)

    def test_resource(self) -> None:
        """
        A route with a resource does not lead to the upstream.
        """
        self.directory.joinpath("public").mkdir()
        self.directory.joinpath("public", "a.txt").write_text("from the directory")
        resource = {"type": "static", "directory": "public"}
        routes: list[dict[str, Any]] = [{"path": "/static", "resource": resource}, {"upstream": "app"}]
        tree = self.tree(*routes)
        route = tree.find(an_exchange(path=b"/static/a.txt").request, "web")
        assert route is not None
        self.assertIsInstance(route.resource, MountedResource)
        route = tree.find(an_exchange().request, "web")
        assert route is not None
        self.assertIsInstance(route.resource, ReverseProxyResource)
        self.running(a_document(routes=routes))
        client = self.network.client(8080)
        client.send(b"GET /static/a.txt HTTP/1.1\r\nHost: a.test\r\n\r\n")
        self.network.turn()
        self.assertTrue(client.received.endswith(b"from the directory"), client.received)
        self.assertEqual(self.network.outgoing, [])

    def test_target(self) -> None:
        """
        A route has an upstream or a resource, one of them; what is for an upstream
        alone is refused beside a resource, and not quietly left out.
        """
        resource = {"type": "static", "directory": "."}
        wrong: list[dict[str, Any]] = [
            {}, {"upstream": "app", "resource": resource}, {"resource": resource, "max_body": "1B"},
            {"resource": resource, "filters": ["one"]},
        ]  # fmt: skip
        for route in wrong:
            with self.assertRaises(Exception) as caught:
                self.tree(route, filters={"one": "headers"})
            self.assertIn("routes.0: ", str(caught.exception), route)
