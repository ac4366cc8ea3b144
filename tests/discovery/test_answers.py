"""
Tests of L{revproxy.discovery.answers}.
"""

from __future__ import annotations

from itertools import permutations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.discovery.answers import Place, in_order, version


class PlaceTests(SynchronousTestCase):
    def test_order(self) -> None:
        """
        However an answer is turned around, places come by priority, name, port and address.
        """
        places = [
            Place("a", 80, "9.0.0.1"),
            Place("a", 80, "10.0.0.1"),
            Place("a", 80, "::2"),
            Place("a", 80, "::10"),
            Place("a", 81, "1.0.0.1"),
            Place("b", 80, "1.0.0.1"),
            Place("a", 80, "1.0.0.1", priority=1),
        ]
        self.assertEqual(in_order(set(places)), places)

    def test_weights(self) -> None:
        """
        Places that differ by their weight alone have an order, too.
        """
        places = [Place("a", 80, "10.0.0.1", weight=weight) for weight in (1, 2, 3)]
        for order in permutations(places):
            self.assertEqual(in_order(set(order)), places)

    def test_identity(self) -> None:
        """
        A place of another weight is the same; of another priority it is not.
        """
        place = Place("a", 80, "10.0.0.1")
        self.assertEqual(place._replace(weight=5).identity, place.identity)
        self.assertNotEqual(place._replace(priority=5).identity, place.identity)

    def test_zone(self) -> None:
        """
        Addresses of a link are told apart by their zones.
        """
        places = {Place("a", 80, "fe80::1%1"), Place("a", 80, "fe80::1%2")}
        self.assertEqual([place.address for place in in_order(places)], ["fe80::1%1", "fe80::1%2"])


class VersionTests(SynchronousTestCase):
    def test_version(self) -> None:
        """
        An address tells its version of IP.
        """
        self.assertEqual([version("127.0.0.1"), version("::1"), version("::ffff:127.0.0.1")], [4, 6, 6])
