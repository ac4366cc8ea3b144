"""
Tests of L{revproxy.discovery.discovery} and L{revproxy.discovery.sources}.
"""

from __future__ import annotations

from twisted.application.service import IService
from zope.interface.verify import verifyObject

from revproxy.errors import NoServer, QueueTimeout
from tests.discovery.discovering import DiscoveryCase
from tests.discovery.resolvers import service
from tests.fakes import an_exchange


class ServersTests(DiscoveryCase):
    def test_interface(self) -> None:
        """
        It is a service.
        """
        verifyObject(IService, self.discovery())

    def test_written(self) -> None:
        """
        Servers that need no look-up are there before anything starts, and nothing is
        looked up for them.
        """
        self.discovery("http://10.0.0.1", "http+unix:///a", "http://localhost").startService()
        self.assertEqual(self.names(), ["http://10.0.0.1", "http+unix:///a", "http://localhost"])
        self.assertEqual((self.resolver.asked, self.clock.getDelayedCalls()), ([], []))

    def test_in_order(self) -> None:
        """
        Whenever they are found, servers stand in the order of the file.
        """
        self.started("http://a.test", "http://10.0.0.1", "http://b.test")
        self.assertEqual(self.names(), ["http://10.0.0.1"])
        self.resolver.answer("b.test", "10.0.0.3")
        self.resolver.answer("a.test", "10.0.0.2", "10.0.0.4")
        self.assertEqual(
            self.names(),
            [
                "http://a.test at 10.0.0.2:80",
                "http://a.test at 10.0.0.4:80",
                "http://10.0.0.1",
                "http://b.test at 10.0.0.3:80",
            ],
        )

    def test_coming_and_going(self) -> None:
        """
        Each server that comes or goes is a line in the log; those that stay are the same
        objects, and keep their connections.
        """
        self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1", "10.0.0.2")
        before = self.members.servers
        self.again()
        told = self.logged(self.resolver.answer, "a.test", "10.0.0.3", "10.0.0.2")
        self.assertEqual(
            told,
            [
                "http://a.test at 10.0.0.3:80: joined: a.test was looked up",
                "http://a.test at 10.0.0.1:80: left: a.test was looked up",
            ],
        )
        self.assertIs(self.members.servers[0], before[1])

    def test_nothing_new(self) -> None:
        """
        An answer that says the same, in whichever order, changes nothing.
        """
        self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1", "10.0.0.2")
        before = self.members.servers
        self.again()
        self.assertEqual(self.logged(self.resolver.answer, "a.test", "10.0.0.2", "10.0.0.1"), [])
        self.assertIs(self.members.servers, before)

    def test_failure(self) -> None:
        """
        A look-up that fails changes nothing.
        """
        self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1")
        self.again()
        self.resolver.fail("a.test")
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.1:80"])

    def test_service_is_not_to_be_had(self) -> None:
        """
        A service that says so has no servers.
        """
        self.started("srv+http://_a.test")
        self.resolver.offer("_a.test", service("10.0.0.1", 81))
        self.assertEqual(self.names(), ["srv+http://_a.test at 10.0.0.1:81"])
        self.again()
        self.resolver.offer("_a.test")
        self.assertEqual(self.names(), [])

    def test_priorities(self) -> None:
        """
        Targets of a higher number are used where none of a lower one can be.
        """
        self.started("srv+http://_a.test")
        self.resolver.offer("_a.test", service("10.0.0.1", 80, 20), service("10.0.0.2", 80, 10))
        first = self.upstream.pick(an_exchange(), ())
        assert first is not None
        self.assertEqual(first.name, "srv+http://_a.test at 10.0.0.2:80")
        second = self.upstream.pick(an_exchange(), (first,))
        assert second is not None
        self.assertEqual(second.name, "srv+http://_a.test at 10.0.0.1:80")

    def test_slow_start(self) -> None:
        """
        The first servers of a name do not start slowly; those that come later do.
        """
        self.started({"url": "http://a.test", "weight": 100, "slow_start": "20s"})
        self.resolver.answer("a.test", "10.0.0.1")
        self.again()
        self.resolver.answer("a.test", "10.0.0.1", "10.0.0.2")
        self.assertEqual([server.weight for server in self.members.servers], [100, 5])
        self.clock.pump([1.0] * 20)
        self.assertEqual([server.weight for server in self.members.servers], [100, 100])

    def test_look(self) -> None:
        """
        All names are looked up when that is asked for.
        """
        discovery = self.started("http://a.test", "srv+http://_b.test", "http://10.0.0.1")
        self.resolver.answer("a.test", "10.0.0.1")
        self.resolver.offer("_b.test")
        discovery.look()
        self.assertEqual(self.resolver.asked, ["a.test", "_b.test"])

    def test_stopped(self) -> None:
        """
        Pitfall 44: after the end nothing is scheduled, and no look-up is pending.
        """
        discovery = self.started("http://a.test", "http://b.test", "srv+http://_c.test")
        self.resolver.answer("a.test", "10.0.0.1")
        discovery.stopService()
        self.assertEqual((self.resolver.asked, self.clock.getDelayedCalls()), ([], []))


class ExpectedTests(DiscoveryCase):
    """
    Exchanges that come before the first answer.
    """

    def arrive(self) -> list[object]:
        """
        An exchange comes that nobody can be found for.

        @return: what becomes of it.
        """
        fate: list[object] = []

        def admit() -> bool:
            server = self.upstream.pick_now(an_exchange(), ())
            if server is not None:
                fate.append(server.name)
            return server is not None

        self.assertIsNone(self.upstream.pick(an_exchange(), ()))
        self.upstream.wait(admit, fate.append)
        return fate

    def test_wait(self) -> None:
        """
        They wait from the beginning until there is an answer.
        """
        discovery = self.discovery("http://a.test")
        early = self.arrive()
        discovery.startService()
        late = self.arrive()
        self.clock.advance(1.0)
        self.assertEqual((early, late), ([], []))
        self.resolver.answer("a.test", "10.0.0.1")
        self.clock.advance(0.0)
        self.assertEqual((early, late), (["http://a.test at 10.0.0.1:80"],) * 2)

    def test_failed(self) -> None:
        """
        Once a look-up has failed nobody waits any more but those who do already.
        """
        self.started("http://a.test")
        fate = self.arrive()
        self.resolver.fail("a.test")
        self.clock.advance(0.0)
        self.assertRaises(NoServer, self.upstream.pick, an_exchange(), ())
        self.clock.advance(1.0)
        self.resolver.answer("a.test", "10.0.0.1")
        self.clock.advance(0.0)
        self.assertEqual(fate, ["http://a.test at 10.0.0.1:80"])

    def test_late(self) -> None:
        """
        They wait no longer than they may.
        """
        self.started("http://a.test")
        fate = self.arrive()
        self.clock.pump([1.0] * 5)
        (error,) = fate
        self.assertIsInstance(error, QueueTimeout)

    def test_several(self) -> None:
        """
        They wait as long as any name was not looked up yet, and no server is there.
        """
        self.started("http://a.test", "http://b.test")
        self.resolver.fail("a.test")
        fate = self.arrive()
        self.resolver.answer("b.test", "10.0.0.1")
        self.clock.advance(0.0)
        self.assertEqual(fate, ["http://b.test at 10.0.0.1:80"])

    def test_some_are_known(self) -> None:
        """
        Nobody waits where another server is known.
        """
        self.started("http://a.test", "http://10.0.0.1")
        server = self.upstream.pick(an_exchange(), ())
        assert server is not None
        self.assertEqual(server.name, "http://10.0.0.1")


class InheritTests(DiscoveryCase):
    """
    Another configuration of the same upstream.
    """

    def test_known(self) -> None:
        """
        It begins with what was known of the same names, whatever else their entries say.
        """
        before = self.started("http://a.test", "srv+http://_b.test", "http://c.test")
        self.resolver.answer("a.test", "10.0.0.1")
        self.resolver.offer("_b.test", service("10.0.0.2", 81, 5))
        after = self.discovery({"url": "http://a.test", "weight": 7}, "srv+http://_b.test", "http://c.test")
        after.inherit(before)
        self.assertEqual(
            [(server.name, server.weight, server.tier) for server in self.members.servers],
            [
                ("http://a.test at 10.0.0.1:80", 7, (False, 0)),
                ("srv+http://_b.test at 10.0.0.2:81", 1, (False, 5)),
            ],
        )

    def test_looked_up_all_the_same(self) -> None:
        """
        It looks them up at once, and what it finds replaces what was known.
        """
        before = self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1")
        after = self.discovery("http://a.test")
        after.inherit(before)
        before.stopService()
        after.startService()
        self.resolver.answer("a.test", "10.0.0.2")
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.2:80"])

    def test_does_not_start_slowly(self) -> None:
        """
        Servers that were known do not start slowly again.
        """
        before = self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1")
        after = self.discovery({"url": "http://a.test", "weight": 100, "slow_start": "20s"})
        after.inherit(before)
        self.assertEqual([server.weight for server in self.members.servers], [100])

    def test_forbidden(self) -> None:
        """
        Pitfall 39: what may not be used any more is not.
        """
        before = self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1", "10.0.0.2")
        self.refusal = lambda address: "forbidden" if address == "10.0.0.1" else None  # type: ignore[method-assign]
        after = self.discovery("http://a.test")
        after.inherit(before)
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.2:80"])


class RunTimeTests(DiscoveryCase):
    """
    Servers that are changed at run time, while names are looked up.
    """

    NAME = "http://a.test at 10.0.0.1:80"

    def setUp(self) -> None:
        super().setUp()
        self.started("http://a.test")
        self.resolver.answer("a.test", "10.0.0.1", "10.0.0.2")

    def look_up(self, *addresses: str) -> None:
        self.again()
        self.resolver.answer("a.test", *addresses)

    def test_removed(self) -> None:
        """
        A server that was removed does not come back by the next look-up, nor by one that
        found others in between.
        """
        self.members.remove(self.NAME)
        for addresses in (["10.0.0.1", "10.0.0.2"], ["10.0.0.2"], ["10.0.0.1", "10.0.0.2"]):
            self.look_up(*addresses)
            self.assertEqual(self.names(), ["http://a.test at 10.0.0.2:80"])

    def test_added(self) -> None:
        """
        A server that was added stays, whatever look-ups find.
        """
        self.members.add(self.make(self.made[0][0], "10.9.9.9", 80))
        self.look_up("10.0.0.2")
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.2:80", "http://a.test at 10.9.9.9:80"])

    def test_removed_and_added(self) -> None:
        """
        One that was removed and added again keeps connections.
        """
        self.members.remove(self.NAME)
        again = self.make(self.made[0][0], "10.0.0.1", 80)
        self.members.add(again)
        self.look_up("10.0.0.1", "10.0.0.2")
        self.assertIs(self.members.named(self.NAME), again)
        self.assertGreater(again.limits.idle, 0)

    def test_drained_and_weighed(self) -> None:
        """
        What was set stays as long as the server is found.
        """
        self.members.set_state(self.NAME, "drain")
        self.members.weigh(self.NAME, 9)
        self.look_up("10.0.0.3", "10.0.0.1")
        server = self.members.named(self.NAME)
        self.assertEqual((server.standing.state, server.weight), ("drain", 9))
