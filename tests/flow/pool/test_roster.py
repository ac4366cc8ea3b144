"""
Tests of L{revproxy.flow.pool.roster}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.events import Events
from revproxy.flow.pool.roster import MOST_TOLD, Roster
from revproxy.flow.pool.server import FIRST_TIER, Server, Tier
from revproxy.flow.pool.standing import DRAIN, UP
from tests.flow.upstream_side import AttendedServer


class RosterCase(SynchronousTestCase):
    most_ejected = 1.0
    weight_scale = 1

    def setUp(self) -> None:
        self.clock = Clock()
        self.events = Events("app")
        self.roster = Roster(self.clock, self.events, self.most_ejected, self.weight_scale)
        self.changes = 0
        self.roster.changed = self.changed

    def tearDown(self) -> None:
        """
        Pitfall 44: nothing is scheduled any more.
        """
        self.roster.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def changed(self) -> None:
        self.changes += 1

    def server(self, name: str, tier: Tier = FIRST_TIER, most: int = 2, slow_start: float = 0.0) -> Server:
        server = AttendedServer(name, most).server
        server.tier, server.slow_start = tier, slow_start
        return server

    def have(self, *names: str, most: int = 2) -> list[Server]:
        servers = [self.server(name, most=most) for name in names]
        self.roster.replace(servers, slowly=False)
        return servers

    def names(self) -> list[str]:
        candidates = self.roster.candidates
        if candidates is None:
            candidates = self.roster.choose()
        return [server.name for server in candidates]


class CandidatesTests(RosterCase):
    def test_all(self) -> None:
        """
        All servers can be picked at first, in their order; the same object says so
        as long as nothing changes.
        """
        self.have("a", "b")
        self.assertEqual(self.names(), ["a", "b"])
        first = self.roster.candidates
        self.names()
        self.assertIs(self.roster.candidates, first)

    def test_full(self) -> None:
        """
        A server that is full cannot be picked until it has room again.
        """
        first, _ = self.have("a", "b", most=1)
        first.occupy()
        self.assertEqual(self.names(), ["b"])
        first.vacate()
        self.assertEqual(self.names(), ["a", "b"])

    def test_not_wanted(self) -> None:
        """
        Nor one that drains, whose checks fail, or that is ejected.
        """
        first, second, third, _ = self.have(*"abcd")
        first.standing.administer(DRAIN)
        second.standing.judge(False, "down: refused")
        third.standing.eject("ejected: 5 failures")
        self.assertEqual(self.names(), ["d"])
        self.assertEqual(self.roster.why(), "a: drains, b: down: refused, c: ejected: 5 failures")

    def test_why_is_short(self) -> None:
        """
        Of many servers it is said of a few why they are passed over, and how many there are.
        """
        for server in self.have(*"abcdefgh"):
            server.standing.administer(DRAIN)
        self.assertEqual(self.roster.why().count("drains"), MOST_TOLD)
        self.assertTrue(self.roster.why().endswith(" and 3 others"))

    def test_changes_are_told(self) -> None:
        """
        Whoever waits for room hears of each change.
        """
        first, _ = self.have("a", "b", most=1)
        self.changes = 0
        first.occupy()
        first.vacate()
        first.standing.administer(DRAIN)
        self.assertEqual(self.changes, 3)

    def test_besides(self) -> None:
        """
        Those that were tried are left out, and whether any other is there is told.
        """
        first, second = self.have("a", "b", most=1)
        self.assertEqual([server.name for server in self.roster.besides([first])], ["b"])
        self.assertTrue(self.roster.has_others([first]))
        second.occupy()
        self.assertEqual(self.roster.besides([first]), ())
        self.assertTrue(self.roster.has_others([first]))
        self.assertFalse(self.roster.has_others([first, second]))
        second.vacate()

    def test_expected(self) -> None:
        """
        Where servers are still looked for, there may be others.
        """
        self.roster.expected = True
        self.assertTrue(self.roster.has_others(()))

    def test_gone(self) -> None:
        """
        Servers that are not there any more cannot be picked.
        """
        first, second = self.have("a", "b")
        self.roster.replace([second])
        self.assertEqual((self.names(), self.roster.servers), (["b"], (second,)))
        self.assertIsNot(first, second)


class TierTests(RosterCase):
    def setUp(self) -> None:
        super().setUp()
        tiers = {"a": (False, 0), "b": (False, 0), "c": (False, 1), "backup": (True, 0)}
        self.servers = {name: self.server(name, tier, most=1) for name, tier in tiers.items()}
        self.roster.replace(self.servers.values(), slowly=False)

    def test_first_tier(self) -> None:
        """
        Only servers of the first tier are picked.
        """
        self.assertEqual(self.names(), ["a", "b"])

    def test_next_tier(self) -> None:
        """
        Where none of a tier can be used the next one is, backups last.
        """
        for names in (["c"], ["backup"], []):
            for name in self.names():
                self.servers[name].standing.judge(False, "down")
            self.assertEqual(self.names(), names)

    def test_full_tier(self) -> None:
        """
        The same where all of it are full: what it cannot take goes on.
        """
        for name in ("a", "b"):
            self.servers[name].occupy()
        self.assertEqual(self.names(), ["c"])
        for name in ("a", "b"):
            self.servers[name].vacate()

    def test_tried_tier(self) -> None:
        """
        An exchange that was to all servers of a tier goes to the next.
        """
        tried = [self.servers["a"], self.servers["b"]]
        self.assertEqual([server.name for server in self.roster.besides(tried)], ["c"])


class SlowStartTests(RosterCase):
    weight_scale = 100

    def test_back(self) -> None:
        """
        A server that comes back comes to its whole weight little by little; each time
        that it changes there are other candidates.
        """
        server = self.server("a", slow_start=20.0)
        server.weight = server.whole_weight = 100
        self.roster.replace([server], slowly=False)
        self.assertEqual(server.weight, 100)
        server.standing.judge(False, "down")
        server.standing.judge(True, "up")
        self.assertEqual(server.weight, 5)
        before = self.names(), self.roster.candidates
        self.clock.advance(1.0)
        self.assertEqual((self.names(), server.weight), (before[0], 10))
        self.assertIsNot(self.roster.candidates, before[1])
        self.clock.pump([1.0] * 18)
        self.assertEqual((server.weight, self.clock.getDelayedCalls()), (100, []))

    def test_new(self) -> None:
        """
        So does one that joins the others later.
        """
        first, second = self.server("a"), self.server("b", slow_start=20.0)
        second.weight = second.whole_weight = 100
        self.roster.replace([first], slowly=False)
        self.roster.replace([first, second])
        self.assertEqual(second.weight, 5)

    def test_down_again(self) -> None:
        """
        One that goes down on its way begins anew when it comes back.
        """
        server = self.server("a", slow_start=20.0)
        server.weight = server.whole_weight = 100
        self.roster.replace([server])
        self.clock.advance(10.0)
        server.standing.judge(False, "down")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        server.standing.judge(True, "up")
        self.assertEqual(server.weight, 5)

    def test_weighed(self) -> None:
        """
        Another weight is had at once.
        """
        server = self.server("a", slow_start=20.0)
        self.roster.replace([server])
        self.roster.weigh(server, 3)
        self.assertEqual((server.weight, server.whole_weight, server.weight_scale), (300, 300, 100))


class PanicTests(RosterCase):
    most_ejected = 0.5

    def test_few(self) -> None:
        """
        As long as not too many are ejected, none of them is used.
        """
        servers = self.have(*"abcd")
        for server in servers[:2]:
            server.standing.eject("ejected")
        self.assertEqual((self.names(), self.roster.panics), (["c", "d"], False))

    def test_many(self) -> None:
        """
        Where more would be, all are used, until it is better; both are told once.
        """
        servers = self.have(*"abcd")
        for server in servers[:3]:
            server.standing.eject("ejected")
        self.assertEqual((self.names(), self.roster.panics), (list("abcd"), True))
        servers[0].standing.try_again()
        self.assertEqual((self.names(), self.roster.panics), (["a", "d"], False))
        self.assertEqual((self.events.counts["panics"], self.events.counts["calms-down"]), (1, 1))

    def test_not_those_that_are_down(self) -> None:
        """
        Servers whose checks fail stay out, and do not count among those that are left.
        """
        servers = self.have(*"abcd")
        for server in servers[:2]:
            server.standing.judge(False, "down")
        servers[2].standing.eject("ejected")
        self.assertEqual(self.names(), ["d"])
        servers[3].standing.eject("ejected")
        self.assertEqual(self.names(), ["c", "d"])

    def test_operator_has_the_last_word(self) -> None:
        """
        Nor is one used that its operator took out.
        """
        servers = self.have(*"abc")
        servers[0].standing.administer(DRAIN)
        for server in servers[1:]:
            server.standing.eject("ejected")
        self.assertEqual(self.names(), ["b", "c"])
        servers[0].standing.administer(UP)
        self.assertEqual(self.names(), ["a", "b", "c"])
