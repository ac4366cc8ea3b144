"""
Tests of L{revproxy.discovery.finders}.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.discovery.answers import Findings, LookUpFailed, Place
from revproxy.discovery.finders import MOST_TARGETS, NameFinder, ServiceFinder
from tests.discovery.resolvers import FakeResolver, service


class NameFinderTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.resolver = FakeResolver()
        self.finder = NameFinder(self.resolver, "app.test", 81)

    def find(self, *before: str) -> Deferred[Findings]:
        return self.finder.find([Place("app.test", 81, address) for address in before])

    def test_places(self) -> None:
        """
        Each address is a place, once, in an order of its own.
        """
        found = self.find()
        self.resolver.answer("app.test", "::1", "10.0.0.2", "10.0.0.1", "10.0.0.2", ttl=5.0)
        places = [Place("app.test", 81, address) for address in ("10.0.0.1", "10.0.0.2", "::1")]
        self.assertEqual(self.successResultOf(found), Findings(places, 5.0))

    def test_half_known(self) -> None:
        """
        Of a version of IP that cannot be found out the addresses are those of before.
        """
        found = self.find("10.0.0.9", "::9")
        self.resolver.answer("app.test", "10.0.0.1", unknown={6})
        places, _, _, trouble = self.successResultOf(found)
        self.assertEqual([place.address for place in places], ["10.0.0.1", "::9"])
        self.assertNotEqual(trouble, "")

    def test_never_known(self) -> None:
        """
        Where there were none of it that is no trouble: servers of DNS that never answer
        for IPv6 are common.
        """
        found = self.find("10.0.0.9")
        self.resolver.answer("app.test", "10.0.0.1", unknown={6})
        self.assertEqual(self.successResultOf(found).trouble, "")

    def test_failed(self) -> None:
        """
        What cannot be found at all is a failure.
        """
        found = self.find("10.0.0.9")
        self.resolver.fail("app.test", "why")
        self.assertEqual(self.failureResultOf(found, LookUpFailed).getErrorMessage(), "why")


class ServiceFinderTests(SynchronousTestCase):
    NAME = "_app._tcp.example.com"

    @override
    def setUp(self) -> None:
        self.resolver = FakeResolver()
        self.finder = ServiceFinder(self.resolver, self.NAME)

    def places(self, found: Deferred[Findings]) -> Sequence[Place]:
        return self.successResultOf(found).places

    def test_places(self) -> None:
        """
        Each address of each target is a place, by their priority; they hold as long as
        the shortest of all that was found out.
        """
        found = self.finder.find([])
        self.resolver.offer(self.NAME, service("b.test", 82, 1, 7), service("a.test", 81, 2, 0), ttl=30.0)
        self.assertEqual(self.resolver.asked, ["a.test", "b.test"])
        self.resolver.answer("a.test", "10.0.0.1", ttl=20.0)
        self.resolver.answer("b.test", "10.0.0.3", "10.0.0.2", ttl=25.0)
        self.assertEqual(
            self.successResultOf(found),
            Findings(
                [
                    Place("b.test", 82, "10.0.0.2", 1, 7),
                    Place("b.test", 82, "10.0.0.3", 1, 7),
                    Place("a.test", 81, "10.0.0.1", 2, 1),
                ],
                20.0,
            ),
        )

    def test_one_target_twice(self) -> None:
        """
        A target with two ports is looked up once, and is two places.
        """
        found = self.finder.find([])
        self.resolver.offer(self.NAME, service("a.test", 81), service("a.test", 82))
        self.assertEqual(self.resolver.asked, ["a.test"])
        self.resolver.answer("a.test", "10.0.0.1")
        self.assertEqual([place.port for place in self.places(found)], [81, 82])

    def test_addresses(self) -> None:
        """
        A target that is an address needs no look-up.
        """
        found = self.finder.find([])
        self.resolver.offer(self.NAME, service("10.0.0.1", 81), ttl=4.0)
        self.assertEqual(
            self.successResultOf(found), Findings([Place("10.0.0.1", 81, "10.0.0.1", 0, 1)], 4.0)
        )

    def test_not_to_be_had(self) -> None:
        """
        A service that is not to be had has no places, and that is an answer.
        """
        found = self.finder.find([Place("a.test", 81, "10.0.0.1")])
        self.resolver.offer(self.NAME)
        self.assertEqual(self.successResultOf(found), Findings([], 30.0))

    def test_target_fails(self) -> None:
        """
        A target that cannot be found out now stays where it was, with what its record
        says now; the others are where they are.
        """
        found = self.finder.find([Place("a.test", 81, "10.0.0.1"), Place("b.test", 82, "10.0.0.2")])
        self.resolver.offer(self.NAME, service("a.test", 91, 3), service("b.test", 82))
        self.resolver.fail("a.test")
        self.resolver.answer("b.test", "10.0.0.3")
        places, _, _, trouble = self.successResultOf(found)
        self.assertEqual(
            [(place.address, place.port, place.priority) for place in places],
            [("10.0.0.3", 82, 0), ("10.0.0.1", 91, 3)],
        )
        self.assertNotEqual(trouble, "")

    def test_never_known(self) -> None:
        """
        It is no trouble that a target has never had addresses of a version of IP that
        cannot be found out.
        """
        found = self.finder.find([Place("a.test", 80, "10.0.0.1")])
        self.resolver.offer(self.NAME, service("a.test"))
        self.resolver.answer("a.test", "10.0.0.1", unknown={6})
        self.assertEqual(self.successResultOf(found).trouble, "")

    def test_half_known(self) -> None:
        """
        It is one where there were some, which stay.
        """
        found = self.finder.find([Place("a.test", 80, "::1")])
        self.resolver.offer(self.NAME, service("a.test"))
        self.resolver.answer("a.test", "10.0.0.1", unknown={6})
        places, _, _, trouble = self.successResultOf(found)
        self.assertEqual([place.address for place in places], ["10.0.0.1", "::1"])
        self.assertNotEqual(trouble, "")

    def test_all_targets_fail(self) -> None:
        """
        Where no target can be found out, nor ever could, nothing is found.
        """
        found = self.finder.find([])
        self.resolver.offer(self.NAME, service("a.test"))
        self.resolver.fail("a.test", "why")
        self.assertSubstring("why", self.failureResultOf(found, LookUpFailed).getErrorMessage())

    def test_records_fail(self) -> None:
        """
        Nor where there are no records.
        """
        found = self.finder.find([])
        self.resolver.fail(self.NAME, "why")
        self.assertEqual(self.failureResultOf(found, LookUpFailed).getErrorMessage(), "why")

    def test_too_many(self) -> None:
        """
        Of very many targets the first by priority are used, and few are looked up at a time.
        """
        found = self.finder.find([])
        names = [f"t{number}.test" for number in range(MOST_TARGETS + 5)]
        self.resolver.offer(self.NAME, *(service(name, 80, number) for number, name in enumerate(names)))
        most = 0
        while self.resolver.asked:
            most = max(most, len(self.resolver.asked))
            self.resolver.answer(self.resolver.asked[0], "10.0.0.1")
        self.assertEqual(most, 16)
        places, _, refused, _ = self.successResultOf(found)
        self.assertEqual((len(places), places[-1].host), (MOST_TARGETS, f"t{MOST_TARGETS - 1}.test"))
        self.assertEqual(refused, frozenset())

    def test_cancelled(self) -> None:
        """
        Pitfall 44: what is not wanted any more is not looked up any further.
        """
        found = self.finder.find([])
        self.resolver.offer(self.NAME, service("a.test"), service("b.test"))
        found.cancel()
        self.failureResultOf(found, CancelledError)
        self.assertEqual((self.resolver.asked, self.resolver.cancelled), ([], ["a.test", "b.test"]))


class WithinTests(SynchronousTestCase):
    """
    Targets whose names alone vouch for them.
    """

    def found(self, *targets: str) -> Findings:
        resolver = FakeResolver()
        found = ServiceFinder(resolver, "_app.example.com", "example.com").find([])
        resolver.offer("_app.example.com", *map(service, targets))
        while resolver.asked:
            resolver.answer(resolver.asked[0], "10.0.0.1")
        return self.successResultOf(found)

    def test_within(self) -> None:
        """
        Targets of the domain are used.
        """
        found = self.found("a.example.com", "example.com")
        self.assertEqual([place.host for place in found.places], ["a.example.com", "example.com"])
        self.assertEqual(found.refused, frozenset())

    def test_outside(self) -> None:
        """
        Pitfall 39: others are not, and that is told; whoever forges an answer has a right
        certificate for a name of his own.
        """
        found = self.found("a.example.com", "a.attacker.test", "notexample.com", "10.0.0.1")
        self.assertEqual([place.host for place in found.places], ["a.example.com"])
        self.assertEqual(len(found.refused), 3)
        self.assertIn("a.attacker.test is not of the domain example.com", found.refused)
