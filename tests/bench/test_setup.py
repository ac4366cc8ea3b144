"""
Tests of L{bench.setup}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.setup import Cache, Setup


class SetupTests(SynchronousTestCase):
    def test_needs_nothing(self) -> None:
        """
        The usual set-up is within every proxy's means.
        """
        self.assertEqual(Setup().needs(), frozenset())

    def test_needs(self) -> None:
        """
        What goes beyond it is named.
        """
        self.assertEqual(
            Setup(True, full_handshakes=True, upgrades=True, routes=1, servers=2, cache=Cache()).needs(),
            {"resumption", "full handshakes", "upgrades", "routes", "servers", "cache"},
        )

    def test_paths(self) -> None:
        """
        Without routes of their own all paths are routed.
        """
        self.assertEqual(Setup().paths, ["/"])
        self.assertEqual(Setup(routes=2).paths, ["/route-0/", "/route-1/"])
