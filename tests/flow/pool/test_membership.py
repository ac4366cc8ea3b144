"""
Tests of L{revproxy.flow.pool.membership}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.events import Events
from revproxy.flow.pool.membership import Membership, ServerExists, UnknownServer
from revproxy.flow.pool.roster import Roster
from revproxy.flow.pool.server import Server
from tests.flow.upstream_side import AttendedServer


class MembershipCase(SynchronousTestCase):
    """
    @ivar heard: what those were told who want to know.
    """

    def setUp(self) -> None:
        self.events = Events("app")
        self.roster = Roster(Clock(), self.events)
        self.members = Membership(self.roster, self.events)
        self.heard: list[tuple[str, str]] = []
        self.members.joined.append(lambda server: self.heard.append(("joined", server.name)))
        self.members.left.append(lambda server: self.heard.append(("left", server.name)))

    def server(self, name: str) -> Server:
        return AttendedServer(name).server

    def names(self) -> list[str]:
        return [server.name for server in self.members.servers]


class SourcesTests(MembershipCase):
    def test_in_order(self) -> None:
        """
        The servers of each source stay together, in the order in which sources came.
        """
        self.members.have("file", [self.server("a"), self.server("b")])
        self.members.have("names", [self.server("x")])
        self.members.have("file", [self.server("b"), self.server("c")], "changed")
        self.assertEqual(self.names(), ["b", "c", "x"])

    def test_coming_and_going(self) -> None:
        """
        Who joins and who leaves is told; who stays is the same as before.
        """
        stays = self.server("a")
        self.members.have("names", [stays, self.server("b")])
        self.heard.clear()
        self.members.have("names", [self.server("c"), stays], "looked up")
        self.assertEqual(self.heard, [("joined", "c"), ("left", "b")])
        self.assertIs(self.members.named("a"), stays)
        self.assertEqual((self.events.counts["joined"], self.events.counts["left"]), (1, 1))

    def test_slowly(self) -> None:
        """
        Servers that come for a reason start slowly, where they are to, unless it is said
        that they do not.
        """
        for reason, slowly, weight in (("", None, 100), ("why", None, 5), ("why", False, 100), ("", True, 5)):
            server = self.server("a")
            server.weight = server.whole_weight = 100
            server.slow_start = 20.0
            self.members.have("names", [server], reason, slowly)
            self.assertEqual(server.weight, weight, (reason, slowly))
            self.members.have("names", [])

    def test_said_twice(self) -> None:
        """
        Of two sources that have a server of the same name the first has it.
        """
        first = self.server("a")
        self.members.have("file", [first])
        self.members.have("names", [self.server("a")])
        self.assertEqual(self.members.servers, (first,))

    def test_gone_keeps_no_connection(self) -> None:
        """
        A server that is gone drops its connections, and keeps none that come back.
        """
        attended = AttendedServer("a")
        self.members.have("file", [attended.server])
        kept, busy = attended.keep(), attended.connected()
        self.members.have("file", [], "changed")
        self.assertEqual(kept.calls, ["drop"])
        self.assertFalse(attended.server.give_back(busy))


class RunTimeTests(MembershipCase):
    def setUp(self) -> None:
        super().setUp()
        self.members.have("file", [self.server("a"), self.server("b")])
        self.heard.clear()

    def test_added(self) -> None:
        """
        A server that is added is used as the others are.
        """
        self.members.add(self.server("c"))
        self.assertEqual((self.names(), self.heard), (["a", "b", "c"], [("joined", "c")]))

    def test_added_twice(self) -> None:
        """
        There are no two of a name.
        """
        self.assertRaises(ServerExists, self.members.add, self.server("a"))

    def test_removed(self) -> None:
        """
        One that is removed stays away, though its source names it again.
        """
        self.members.remove("a")
        self.members.have("file", [self.server("a"), self.server("b")], "changed")
        self.assertEqual(self.names(), ["b"])

    def test_removed_and_added(self) -> None:
        """
        Until it is added again: then it is the new one.
        """
        self.members.remove("a")
        again = self.server("a")
        self.members.add(again)
        self.assertIs(self.members.named("a"), again)
        self.members.have("file", [self.server("a"), self.server("b")], "changed")
        self.assertIs(self.members.named("a"), again)
        self.members.remove("a")
        self.assertEqual(self.names(), ["b"])

    def test_added_and_removed(self) -> None:
        """
        Pitfall 44: of those that only were there at run time nothing is left; their names are
        free for whoever has them later.
        """
        for number in range(3):
            self.members.add(self.server(f"c{number}"))
            self.members.set_state(f"c{number}", "drain")
            self.members.weigh(f"c{number}", 3)
            self.members.remove(f"c{number}")
        kept = (self.members._removed, self.members._states, self.members._weights)
        self.assertEqual(kept, (set(), {}, {}))
        self.members.have("names", [self.server("c1")], "looked up")
        self.assertEqual(self.names(), ["a", "b", "c1"])

    def test_drained(self) -> None:
        """
        One that drains gets nothing new; it is told once, and can be used again.
        """
        self.members.set_state("a", "drain")
        self.members.set_state("a", "drain")
        self.assertEqual([server.name for server in self.roster.choose()], ["b"])
        self.members.set_state("a", "up")
        self.assertEqual([server.name for server in self.roster.choose()], ["a", "b"])
        self.assertEqual((self.events.counts["state-drain"], self.events.counts["state-up"]), (1, 1))

    def test_reason(self) -> None:
        """
        Whoever sets a state may say why.
        """
        with capturedLogs() as events:
            self.members.set_state("a", "drain", "its entry says so")
        (event,) = events
        self.assertEqual(formatEvent(event), "upstream app: a: state-drain: its entry says so")

    def test_weighed(self) -> None:
        """
        A server can be given another weight; balancers are given other candidates.
        """
        before = self.roster.choose()
        self.members.weigh("a", 7)
        self.assertEqual(self.members.named("a").weight, 7)
        self.assertIsNone(self.roster.candidates)
        self.assertEqual(self.roster.choose(), before)

    def test_unknown(self) -> None:
        """
        What is asked of a server that is not there is an error.
        """
        for ask in (
            lambda: self.members.remove("z"),
            lambda: self.members.set_state("z", "up"),
            lambda: self.members.weigh("z", 2),
        ):
            self.assertRaises(UnknownServer, ask)


class InheritedTests(MembershipCase):
    def test_removed(self) -> None:
        """
        What was removed stays away as long as there is an entry for it.
        """
        self.members.have("file", [self.server("a"), self.server("b")])
        self.members.remove("a")
        self.members.remove("b")
        self.members.add(self.server("c"))
        after = Membership(Roster(Clock(), self.events), self.events)
        after.have("file", [self.server("a"), self.server("c")])
        after.inherit(self.members)
        self.assertEqual([server.name for server in after.servers], ["c"])
        after.have("file", [self.server("a"), self.server("b")], "changed")
        self.assertEqual([server.name for server in after.servers], ["b"])

    def test_not_checked(self) -> None:
        """
        Without health checks all are well.
        """
        self.members.have("file", [self.server("a")])
        self.members.named("a").standing.judge(False, "down: refused")
        after = Membership(Roster(Clock(), self.events), self.events)
        after.have("file", [self.server("a")])
        after.inherit(self.members, is_checked=False)
        self.assertTrue(after.named("a").standing.healthy)

    def test_health(self) -> None:
        """
        What is known of a server's health is known of that of the same name in a new
        configuration.
        """
        self.members.have("file", [self.server("a"), self.server("b")])
        self.members.named("a").standing.judge(False, "down: refused")
        after = Membership(Roster(Clock(), self.events), self.events)
        after.have("file", [self.server("b"), self.server("a"), self.server("c")])
        after.inherit(self.members)
        self.assertEqual([server.standing.healthy for server in after.servers], [True, False, True])
