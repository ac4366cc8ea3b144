"""
Tests of L{revproxy.edge.match}.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from revproxy.edge.match import Route, Wanted
from revproxy.errors import BadRequest
from revproxy.exchange import Request
from revproxy.wire.fields import FrozenFields, Pair


def a_request(method: bytes = b"GET", query: bytes | None = None, fields: tuple[Pair, ...] = ()) -> Request:
    return Request(method, b"http", b"example.com", b"example.com", b"/", query, b"1.1", FrozenFields(fields))


class RouteTests(SynchronousTestCase):
    """
    What a route is made of.
    """

    def setUp(self) -> None:
        self.resource = Resource()

    def test_spellings_are_made_one(self) -> None:
        """
        Case and the last dot of a host, the last slash and the percent-encoding of
        a path and the case of field names make no difference.
        """
        route = Route(self.resource, b"Example.COM.", b"/%61pi/x%2fy/", headers=[(b"X-Beta", b"On")])
        self.assertEqual(
            (route.host, route.path, route.headers), (b"example.com", b"/api/x%2Fy", ((b"x-beta", b"On"),))
        )

    def test_root_is_the_empty_prefix(self) -> None:
        """
        The path of a route for all paths is empty, so that all paths begin with it.
        """
        self.assertEqual(Route(self.resource).path, b"")

    def test_path_without_a_slash(self) -> None:
        """
        A path that no request can have is refused.
        """
        self.assertRaises(BadRequest, Route, self.resource, None, b"api")

    def test_name_tells_host_and_path(self) -> None:
        """
        A route without a name is called by what it is for, as it was written.
        """
        names = [Route(self.resource, b"a.example", b"/x/").name, Route(self.resource).name]
        self.assertEqual(names, ["a.example/x/", "*/"])
        self.assertEqual(Route(self.resource, name="routes[3]").name, "routes[3]")

    def test_conditions_are_counted(self) -> None:
        """
        Each header and parameter is a condition; methods and listeners are one
        each, however many they name.
        """
        route = Route(
            self.resource,
            methods=[b"GET", b"POST"],
            headers=[(b"a", None), (b"b", b"1")],
            query=[(b"c", None)],
            listeners=["web", "secure"],
        )
        self.assertEqual(route.conditions, 5)
        self.assertEqual(Route(self.resource).conditions, 0)

    def test_listeners_are_not_asked_again(self) -> None:
        """
        Listeners are found by look-up, so they do not make a route conditional.
        """
        self.assertFalse(Route(self.resource, listeners=["web"]).conditional)


class AcceptsTests(SynchronousTestCase):
    """
    Whether a request meets the conditions of a route.
    """

    def accepts(self, request: Request, headers: Sequence[Wanted] = (), query: Sequence[Wanted] = ()) -> bool:
        return Route(Resource(), headers=headers, query=query).accepts(request)

    def test_methods(self) -> None:
        """
        One of the methods must be the request's, literally.
        """
        route = Route(Resource(), methods=[b"GET", b"POST"])
        asked = [route.accepts(a_request(method)) for method in (b"GET", b"POST", b"HEAD", b"get")]
        self.assertEqual(asked, [True, True, False, False])

    def test_header_value(self) -> None:
        """
        One line of the field must be the value, the whole and in its case.
        """
        sent = a_request(fields=((b"x-beta", b"0"), (b"x-beta", b"On")))
        for value, met in ((b"On", True), (b"0", True), (b"on", False), (b"O", False), (b"0, On", False)):
            self.assertEqual(self.accepts(sent, headers=[(b"X-Beta", value)]), met, value)

    def test_header_presence(self) -> None:
        """
        A header without a value must be there, be it empty.
        """
        sent = a_request(fields=((b"x-seen", b""),))
        self.assertTrue(self.accepts(sent, headers=[(b"x-seen", None)]))
        self.assertFalse(self.accepts(sent, headers=[(b"x-other", None)]))

    def test_query_value(self) -> None:
        """
        One parameter of the name must have the value.
        """
        sent = a_request(query=b"a=1&debug=0&debug=1&c")
        for value, met in ((b"1", True), (b"0", True), (b"2", False), (b"", False)):
            self.assertEqual(self.accepts(sent, query=[(b"debug", value)]), met, value)

    def test_query_presence(self) -> None:
        """
        A parameter without a value must be there, with an equals sign or without.
        """
        for query, met in (
            (b"debug", True),
            (b"debug=x", True),
            (b"xdebug=1", False),
            (b"", False),
            (None, False),
        ):
            self.assertEqual(self.accepts(a_request(query=query), query=[(b"debug", None)]), met, query)

    def test_all_must_be_met(self) -> None:
        """
        One condition that is not met is enough to refuse.
        """
        headers, query = [(b"a", b"1"), (b"b", b"2")], [(b"c", b"3"), (b"d", b"4")]
        fields = ((b"a", b"1"), (b"b", b"2"))
        self.assertTrue(self.accepts(a_request(query=b"c=3&d=4", fields=fields), headers, query))
        self.assertFalse(self.accepts(a_request(query=b"c=3&d=4", fields=fields[:1]), headers, query))
        self.assertFalse(self.accepts(a_request(query=b"c=3", fields=fields), headers, query))
