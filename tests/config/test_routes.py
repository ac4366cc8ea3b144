from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.routes import MatchSettings, RouteSettings


def route(**written: object) -> RouteSettings:
    return RouteSettings.model_validate({"upstream": "app", **written})


class RouteTests(SynchronousTestCase):
    def test_defaults(self) -> None:
        """
        A route that says nothing but its upstream is for every request.
        """
        every = route()
        self.assertEqual((every.host, every.path, every.methods), (None, b"/", None))
        self.assertEqual((every.headers, every.query, every.listeners), ({}, {}, None))
        self.assertEqual((every.filters, every.max_body), ([], None))

    def test_as_on_the_wire(self) -> None:
        """
        What is compared with requests is as these have it.
        """
        some = route(
            host="*.Example.com",
            path="/api/",
            methods=["GET"],
            headers={"X-Beta": "1", "X-Seen": None},
            query={"de bug": "é", "x": None},
            max_body="1KiB",
        )
        self.assertEqual((some.host, some.path, some.methods), (b"*.example.com", b"/api/", [b"GET"]))
        self.assertEqual(some.headers, {b"x-beta": b"1", b"x-seen": None})
        self.assertEqual(some.query, {b"de bug": "é".encode(), b"x": None})
        self.assertEqual(some.max_body, 1024)

    def test_no_body(self) -> None:
        """
        A route may let no body through.
        """
        self.assertEqual(route(max_body=0).max_body, 0)


class MatchTests(SynchronousTestCase):
    def test_same(self) -> None:
        """
        Order, case and a slash at the end make no difference.
        """
        one = route(host="A.b", path="/x/", methods=["GET", "PUT"], headers={"A": "1", "B": "2"})
        other = route(
            host="a.b", path="/x", methods=["PUT", "GET"], headers={"b": "2", "a": "1"}, upstream="o"
        )
        self.assertEqual(one.match(), other.match())

    def test_different(self) -> None:
        """
        Each condition makes a difference, and so does its absence.
        """
        conditions: list[dict[str, object]] = [
            {},
            {"host": "a"},
            {"host": "*.a"},
            {"path": "/a"},
            {"methods": ["GET"]},
            {"headers": {"a": "1"}},
            {"headers": {"a": None}},
            {"query": {"a": "1"}},
            {"query": {"A": "1"}},
            {"listeners": ["web"]},
        ]
        matches = {MatchSettings.model_validate(condition).match() for condition in conditions}
        self.assertEqual(len(matches), len(conditions))
