"""
Tests of L{revproxy.edge.index}.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from revproxy.edge.index import HostIndex, PathIndex, parents, prefixes
from revproxy.edge.match import Route


def a_route(host: bytes | None = None, path: bytes = b"/", methods: Sequence[bytes] = ()) -> Route:
    return Route(Resource(), host, path, methods)


class PrefixesTests(SynchronousTestCase):
    """
    What a path begins with.
    """

    def test_whole_segments(self) -> None:
        """
        A path is cut between its segments, never inside one.
        """
        self.assertEqual(prefixes(b"/api/v1/x", 9), [b"/api/v1/x", b"/api/v1", b"/api", b""])

    def test_no_more_than_asked_for(self) -> None:
        """
        A long path has no more prefixes than the depth asks for.
        """
        self.assertEqual(prefixes(b"/a" * 1000, 2), [b"/a/a", b"/a", b""])
        self.assertEqual(prefixes(b"/a" * 1000, 0), [b""])

    def test_slash_at_the_end(self) -> None:
        """
        The prefix before the last slash is among those of a path that ends in one.
        """
        self.assertIn(b"/api", prefixes(b"/api/", 1))

    def test_asterisk(self) -> None:
        """
        C{OPTIONS *} has the prefix that all paths have.
        """
        self.assertEqual(prefixes(b"*", 3)[-1], b"")

    @given(st.lists(st.text("ab", min_size=1, max_size=2), max_size=6), st.integers(0, 7))
    def test_each_is_a_prefix(self, segments: list[str], depth: int) -> None:
        """
        Exactly the prefixes of up to so many segments are found, the longest first.
        """
        path = "/" + "/".join(segments)
        expected = {"/".join(["", *segments[:count]]) for count in range(min(depth, len(segments)) + 1)}
        found = [prefix.decode() for prefix in prefixes(path.encode(), depth) if prefix != b"/"]
        self.assertEqual(found, sorted(expected, key=len, reverse=True))


class ParentsTests(SynchronousTestCase):
    """
    The names that a host is under.
    """

    def test_longest_first(self) -> None:
        """
        Every name that is a whole number of labels shorter is a parent.
        """
        self.assertEqual(parents(b"a.b.example.com", 9), [b"b.example.com", b"example.com", b"com"])

    def test_no_more_than_asked_for(self) -> None:
        """
        A name of many labels has no more parents than the depth asks for.
        """
        self.assertEqual(parents(b"a." * 100 + b"example.com", 2), [b"example.com", b"com"])
        self.assertEqual(parents(b"a.b.c", 0), [])

    def test_no_parents(self) -> None:
        """
        A single label and an empty host are under nothing.
        """
        self.assertEqual(parents(b"localhost", 3) + parents(b"", 3), [])


class PathIndexTests(SynchronousTestCase):
    """
    The routes of one host.
    """

    def test_longest_path_first(self) -> None:
        """
        All routes above a path are found, those with the longest path first.
        """
        root, api, users = a_route(), a_route(path=b"/api"), a_route(path=b"/api/users")
        index = PathIndex([root, api, users, a_route(path=b"/other")])
        self.assertEqual(list(index.find(b"/api/users/1")), [(users,), (api,), (root,)])

    def test_same_path(self) -> None:
        """
        Routes of the same path are one group: more conditions first, then in the
        order of the file.
        """
        plain, again = a_route(path=b"/api"), a_route(path=b"/api/")
        get = a_route(path=b"/api", methods=[b"GET"])
        self.assertEqual(list(PathIndex([plain, again, get]).find(b"/api")), [(get, plain, again)])

    def test_empty(self) -> None:
        """
        Without routes nothing is found.
        """
        self.assertEqual(list(PathIndex([]).find(b"/")), [])


class HostIndexTests(SynchronousTestCase):
    """
    The routes of one listener.
    """

    def test_less_specific_hosts_follow(self) -> None:
        """
        Where the routes of a host leave something over, those of less specific
        hosts follow.
        """
        exact = a_route(b"a.b.example.com", methods=[b"GET"])
        near = a_route(b"*.b.example.com", methods=[b"GET"])
        far = a_route(b"*.example.com", methods=[b"GET"])
        anywhere = a_route()
        index = HostIndex([anywhere, far, near, exact])
        self.assertEqual(index.find(b"a.b.example.com", b"/"), ((exact,), (near,), (far,), (anywhere,)))

    def test_nothing_follows_what_takes_all(self) -> None:
        """
        Behind a route without conditions no other is ever asked, so none is kept.
        """
        exact = a_route(b"example.com")
        self.assertEqual(HostIndex([a_route(), exact]).find(b"example.com", b"/x"), ((exact,),))

    def test_host_is_compared_without_case_and_last_dot(self) -> None:
        """
        C{Example.COM.} is C{example.com}.
        """
        exact = a_route(b"example.com")
        self.assertEqual(HostIndex([exact]).find(b"Example.COM.", b"/"), ((exact,),))
