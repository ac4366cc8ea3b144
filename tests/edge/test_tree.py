"""
Tests of L{revproxy.edge.tree}.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from revproxy.edge.match import Route
from revproxy.edge.tree import LONGEST_REMEMBERED, MOST_REMEMBERED, RouteTree
from revproxy.exchange import Request
from revproxy.wire.fields import FrozenFields, Pair
from tests.sources import on_sources


def a_request(
    host: bytes = b"example.com",
    path: bytes = b"/",
    method: bytes = b"GET",
    query: bytes | None = None,
    fields: tuple[Pair, ...] = (),
) -> Request:
    return Request(method, b"http", host, host, path, query, b"1.1", FrozenFields(fields))


def a_route(name: str, host: bytes | None = None, path: bytes = b"/", **conditions: Any) -> Route:
    return Route(Resource(), host, path, name=name, **conditions)


ROUTES = (
    a_route("default"),
    a_route("default api", path=b"/api/"),
    a_route("default secure", listeners=["secure"]),
    a_route("exact", b"example.com"),
    a_route("exact api", b"example.com", b"/api"),
    a_route("exact api v1", b"example.com", b"/api/v1/"),
    a_route("exact api post", b"example.com", b"/api", methods=[b"POST", b"PUT"]),
    a_route("exact api beta", b"example.com", b"/api", methods=[b"POST"], headers=[(b"X-Beta", b"1")]),
    a_route("exact api debug", b"example.com", b"/api", query=[(b"debug", None)]),
    a_route("exact secure", b"example.com", b"/admin", listeners=["secure"]),
    a_route("never", b"example.com", b"/api"),
    a_route("wild", b"*.example.com"),
    a_route("wild static", b"*.example.com", b"/static"),
    a_route("deep wild", b"*.eu.example.com", b"/shop"),
    a_route("partial api", b"api.example.org", b"/v1"),
    a_route("partial get", b"api.example.org", b"/v2", methods=[b"GET"]),
    a_route("wild org", b"*.example.org", b"/v2"),
    a_route("ipv6", b"[::1]"),
    a_route("ipv4", b"192.0.2.1"),
)
"""
What the table of winners is about, in an order that helps none of them.
"""

WINNERS: tuple[tuple[str, Request, str], ...] = (
    # host and path
    ("exact", a_request(), "web"),
    ("exact", a_request(path=b"/other/x"), "web"),
    ("default", a_request(b"other.test"), "web"),
    ("default", a_request(b""), "web"),
    ("default", a_request(b"notexample.com"), "web"),
    ("default", a_request(b"com"), "web"),
    ("default api", a_request(b"other.test", b"/api/x"), "web"),
    ("wild", a_request(b"www.example.com"), "web"),
    ("wild", a_request(b"a.b.c.example.com"), "web"),
    ("ipv6", a_request(b"[::1]"), "web"),
    ("ipv4", a_request(b"192.0.2.1"), "web"),
    ("default", a_request(b"192.0.2.2"), "web"),
    # whole segments; a slash at the end makes no difference
    ("exact api", a_request(path=b"/api"), "web"),
    ("exact api", a_request(path=b"/api/"), "web"),
    ("exact api", a_request(path=b"/api/x/y"), "web"),
    ("exact", a_request(path=b"/apix"), "web"),
    ("exact", a_request(path=b"/API"), "web"),
    ("exact", a_request(path=b"/x/api"), "web"),
    ("exact api", a_request(path=b"/api/v1x"), "web"),
    ("exact api v1", a_request(path=b"/api/v1"), "web"),
    ("exact api v1", a_request(path=b"/api/v1/"), "web"),
    ("exact api v1", a_request(path=b"/api/v1/users/7"), "web"),
    ("exact", a_request(path=b"/api%2Fv1"), "web"),
    ("exact", a_request(path=b"*", method=b"OPTIONS"), "web"),
    # an exact host with a short path wins over a wildcard with a long one
    ("wild static", a_request(b"www.example.com", b"/static/x"), "web"),
    ("exact", a_request(path=b"/static/x"), "web"),
    # a longer wildcard wins over a shorter, and leaves it what it does not take
    ("deep wild", a_request(b"a.eu.example.com", b"/shop/1"), "web"),
    ("wild", a_request(b"a.eu.example.com", b"/"), "web"),
    ("wild static", a_request(b"a.eu.example.com", b"/static"), "web"),
    ("wild", a_request(b"eu.example.com", b"/shop"), "web"),
    # what the exact host does not take goes to less specific ones
    ("partial api", a_request(b"api.example.org", b"/v1/x"), "web"),
    ("partial get", a_request(b"api.example.org", b"/v2"), "web"),
    ("wild org", a_request(b"api.example.org", b"/v2", b"POST"), "web"),
    ("default", a_request(b"api.example.org", b"/v3"), "web"),
    ("default api", a_request(b"api.example.org", b"/api"), "web"),
    # conditions: the more the better, but a longer path comes before them
    ("exact api post", a_request(path=b"/api/x", method=b"POST"), "web"),
    ("exact api post", a_request(path=b"/api/x", method=b"PUT", fields=((b"x-beta", b"1"),)), "web"),
    ("exact api beta", a_request(path=b"/api/x", method=b"POST", fields=((b"x-beta", b"1"),)), "web"),
    ("exact api post", a_request(path=b"/api/x", method=b"POST", fields=((b"x-beta", b"2"),)), "web"),
    ("exact api debug", a_request(path=b"/api/x", query=b"a=1&debug"), "web"),
    ("exact api post", a_request(path=b"/api/x", method=b"POST", query=b"debug=1"), "web"),
    ("exact api v1", a_request(path=b"/api/v1", method=b"POST", query=b"debug=1"), "web"),
    # listeners
    ("exact secure", a_request(path=b"/admin"), "secure"),
    ("exact", a_request(path=b"/admin"), "web"),
    ("default secure", a_request(b"other.test"), "secure"),
    ("default", a_request(b"other.test"), "elsewhere"),
    ("default api", a_request(b"other.test", b"/api"), "secure"),
)


class WinnerTests(SynchronousTestCase):
    """
    Which route wins.
    """

    def test_table(self) -> None:
        """
        The most specific route wins, whether it is looked up or remembered.
        """
        tree = RouteTree(ROUTES)
        for winner, request, listener in WINNERS * 2:
            found = tree.find(request, listener)
            self.assertEqual(found and found.name, winner, (request.method, request.host, request.target))

    def test_order_of_the_file_does_not_matter(self) -> None:
        """
        The same routes in another order have the same winners.
        """
        tree = RouteTree([route for route in reversed(ROUTES) if route.name != "never"])
        for winner, request, listener in WINNERS:
            if winner not in ("exact api post", "exact api debug"):
                found = tree.find(request, listener)
                self.assertEqual(found and found.name, winner, (request.method, request.host, request.target))

    def test_order_of_the_file_decides_between_equals(self) -> None:
        """
        Of two routes that are equally specific the first of the file wins.
        """
        first, second = a_route("one", methods=[b"GET"]), a_route("two", query=[(b"x", None)])
        request = a_request(query=b"x=1")
        self.assertIs(RouteTree([first, second]).find(request, "web"), first)
        self.assertIs(RouteTree([second, first]).find(request, "web"), second)

    def test_no_route(self) -> None:
        """
        A request that no route is for has none.
        """
        tree = RouteTree([a_route("one", b"example.com", b"/api")])
        for request in (a_request(), a_request(b"other.test", b"/api"), a_request(path=b"/apis")):
            self.assertIsNone(tree.find(request, "web"))
        self.assertIsNone(RouteTree([]).find(a_request(), "web"))

    def test_canonical_paths(self) -> None:
        """
        Pitfall 17: the path of a route is spelled as the requests' are, so an
        encoded letter in the file is no way around it.
        """
        tree = RouteTree([a_route("admin", path=b"/%61dmin/x%2fy")])
        found = tree.find(a_request(path=b"/admin/x%2Fy"), "web")
        self.assertEqual(found and found.name, "admin")


LABELS = st.sampled_from([b"a", b"b", b"example"])
HOSTS = st.lists(LABELS, min_size=1, max_size=3).map(b".".join)
PATHS = st.lists(st.sampled_from([b"x", b"y", b"xy"]), max_size=3).map(lambda parts: b"/" + b"/".join(parts))
LISTENERS = st.sampled_from(["web", "secure"])
METHODS = st.sampled_from([b"GET", b"POST"])

ROUTE = st.builds(
    Route,
    st.just(Resource()),
    host=st.none() | HOSTS | HOSTS.map(lambda host: b"*." + host),
    path=PATHS,
    methods=st.frozensets(METHODS, max_size=1),
    headers=st.lists(st.sampled_from([(b"h", None), (b"h", b"1"), (b"i", None)]), max_size=2, unique=True),
    query=st.lists(st.sampled_from([(b"q", None), (b"q", b"1")]), max_size=1),
    listeners=st.frozensets(LISTENERS, max_size=1),
)
REQUEST = st.builds(
    a_request,
    host=HOSTS,
    path=PATHS,
    method=METHODS,
    query=st.sampled_from([None, b"q", b"q=1"]),
    fields=st.sampled_from([(), ((b"h", b"1"),), ((b"h", b"2"), (b"i", b""))]),
)


def linear_search(routes: Sequence[Route], request: Request, listener: str) -> Route | None:
    """
    Ask each route; of those that match take the one that the rule names.
    """
    matching = [
        (-host_rank(route.host, request.host), -len(route.path), -route.conditions, place, route)
        for place, route in enumerate(routes)
        if host_rank(route.host, request.host) >= 0
        and (request.path + b"/").startswith(route.path + b"/")
        and (not route.listeners or listener in route.listeners)
        and route.accepts(request)
    ]
    return min(matching)[-1] if matching else None


def host_rank(pattern: bytes | None, host: bytes) -> int:
    """
    How specific a pattern is for a host; below nothing where it does not match.
    """
    if pattern is None:
        return 0
    if pattern.startswith(b"*."):
        return len(pattern) if host.endswith(pattern[1:]) else -1
    return 1000 if pattern == host else -1


class LinearSearchTests(SynchronousTestCase):
    """
    The look-up beside a search that is obviously right.
    """

    @given(st.lists(ROUTE, max_size=12), st.lists(st.tuples(REQUEST, LISTENERS), min_size=1, max_size=6))
    def test_same_winner(self, routes: list[Route], requests: list[tuple[Request, str]]) -> None:
        """
        For any routes and requests, asked once and again, both find the same.
        """
        tree = RouteTree(routes)
        for request, listener in requests * 2:
            self.assertIs(tree.find(request, listener), linear_search(routes, request, listener))


EDGE = "/revproxy/edge/"


def lines_run(call: Callable[[], object]) -> int:
    """
    How many lines of the edge a call runs through; what the garbage collector may do in
    between does not count.
    """
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if EDGE not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@on_sources
class CostTests(SynchronousTestCase):
    """
    What a look-up costs, counted in the lines that are run.
    """

    def tree_of(self, count: int) -> RouteTree:
        routes = [a_route("all"), a_route("wild", b"*.example.com", b"/a/b")]
        for number in range(count):
            routes.append(a_route("host", b"h%d.example.com" % number))
            routes.append(a_route("path", b"example.com", b"/x%d/y" % number))
        return RouteTree(routes)

    def steps(self, tree: RouteTree, host: bytes, path: bytes) -> int:
        return lines_run(lambda: tree.find(a_request(host, path), "web"))

    def test_does_not_grow_with_the_routes(self) -> None:
        """
        Among 10,000 routes a route is found in as many steps as among 10, be it
        found by its host, by its path, or not at all.
        """
        few, many = self.tree_of(5), self.tree_of(5000)
        for host, path in (
            (b"h3.example.com", b"/"),
            (b"example.com", b"/x3/y/z"),
            (b"w.example.com", b"/a/b"),
            (b"w.example.com", b"/c"),
            (b"other.test", b"/c"),
        ):
            self.assertEqual(self.steps(few, host, path), self.steps(many, host, path), (host, path))

    def test_does_not_grow_with_the_path(self) -> None:
        """
        A path of a thousand segments and a host of a hundred labels take no more
        steps than those as deep as the routes are.
        """
        tree = self.tree_of(5)
        deep = self.steps(tree, b"w.x.example.com", b"/a/a/a/a")
        self.assertLessEqual(self.steps(tree, b"w." * 100 + b"example.com", b"/a" * 1000), deep)

    def test_remembered(self) -> None:
        """
        Asked again, a look-up takes fewer steps.
        """
        tree = self.tree_of(5)
        first = self.steps(tree, b"h3.example.com", b"/")
        self.assertLess(self.steps(tree, b"h3.example.com", b"/"), first / 2)


class MemoryTests(SynchronousTestCase):
    """
    What is remembered of look-ups.
    """

    def test_memory_has_a_bound(self) -> None:
        """
        However many paths are asked for, no more than so many look-ups are
        remembered, and the routes are found still.
        """
        tree = RouteTree([a_route("all")])
        for number in range(MOST_REMEMBERED + 10):
            self.assertIsNotNone(tree.find(a_request(path=b"/%d" % number), "web"))
            self.assertLessEqual(tree.remembered, MOST_REMEMBERED)
        self.assertEqual(tree.remembered, 10)

    def test_long_names_are_not_remembered(self) -> None:
        """
        A look-up is remembered only where its host and path are short together.
        """
        tree = RouteTree([a_route("all")])
        tree.find(a_request(b"h" * 100, b"/" * (LONGEST_REMEMBERED - 99)), "web")
        self.assertEqual(tree.remembered, 0)
        tree.find(a_request(b"h" * 100, b"/" * (LONGEST_REMEMBERED - 100)), "web")
        self.assertEqual(tree.remembered, 1)
