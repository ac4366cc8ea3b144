from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import booleans, dictionaries, integers, lists, none, recursive, sampled_from, text
from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.check import check_parts
from revproxy.config.parts import Reference, readable_parts

KEYS = sampled_from(["listeners", "upstreams", "filters", "routes", "endpoint", "upstream", "host", "web"])


class PartsTests(SynchronousTestCase):
    def test_names(self) -> None:
        """
        The names in each section count, whatever is wrong with what they name.
        """
        parts = readable_parts({"listeners": {"web": 5}, "upstreams": {"app": None, "b": {}}})
        self.assertEqual(
            parts.names, {"listeners": ["web"], "upstreams": ["app", "b"], "filters": [], "caches": []}
        )

    def test_references(self) -> None:
        """
        References of a route count although something else of it is wrong.
        """
        parts = readable_parts({"routes": [{"upstream": "app", "filters": ["x", 5], "path": 3}]})
        self.assertEqual(
            parts.references,
            [
                Reference(("routes", 0, "upstream"), "upstreams", "app"),
                Reference(("routes", 0, "filters", 0), "filters", "x"),
            ],
        )

    def test_matches(self) -> None:
        """
        What a route is for is read although its upstream is missing, and is not
        known where it is itself wrong.
        """
        parts = readable_parts({"routes": [{"path": "/a"}, {"path": "a"}, {"path": "/a", "max_body": "x"}]})
        self.assertEqual(list(parts.matches), [0, 2])
        self.assertEqual(parts.matches[0], parts.matches[2])

    @given(
        recursive(
            none() | booleans() | integers() | text() | KEYS,
            lambda inner: lists(inner, max_size=3) | dictionaries(KEYS, inner, max_size=4),
        )
    )
    def test_anything(self, data: object) -> None:
        """
        Whatever a file says can be read and checked.
        """
        self.assertIsInstance(check_parts(readable_parts(data)), list)
