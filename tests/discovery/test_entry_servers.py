"""
Tests of L{revproxy.discovery.entry_servers}.
"""

from __future__ import annotations

from typing import Any

from revproxy.discovery.answers import Place
from revproxy.discovery.entry_servers import MOST_WEIGHT, EntryServers
from tests.discovery.discovering import DiscoveryCase, entries

ONE = Place("app.test", 80, "10.0.0.1")
TWO = Place("app.test", 80, "10.0.0.2")


class EntryServersCase(DiscoveryCase):
    def entry(self, url: str, **more: Any) -> EntryServers:
        (settings,) = entries({"url": url, **more})
        return EntryServers(settings, self.make, self.members)

    def become(self, entry: EntryServers, *places: Place | None) -> bool:
        changed = entry.become(places)
        self.members.have("entry", entry.servers)
        return changed


class BecomeTests(EntryServersCase):
    def test_made(self) -> None:
        """
        Each place has a server, made with what the entry says.
        """
        entry = self.entry("http://app.test", weight=3, backup=True, priority=2, max_connections=5)
        self.assertTrue(self.become(entry, ONE, TWO))
        self.assertEqual(self.names(), ["http://app.test at 10.0.0.1:80", "http://app.test at 10.0.0.2:80"])
        self.assertEqual({settings.max_connections for settings, *_ in self.made}, {5})
        self.assertEqual([(server.weight, server.tier) for server in entry.servers], [(3, (True, 2))] * 2)

    def test_written(self) -> None:
        """
        A server that needs no look-up is made by its entry alone.
        """
        entry = self.entry("http://10.0.0.1")
        self.become(entry, None)
        ((settings, address, port),) = self.made
        self.assertEqual((settings.url.text, address, port), ("http://10.0.0.1", None, None))

    def test_staying(self) -> None:
        """
        Servers whose places stay are the same objects; others come and go.
        """
        entry = self.entry("http://app.test")
        self.become(entry, ONE)
        (first,) = entry.servers
        self.assertTrue(self.become(entry, ONE, TWO))
        self.assertIs(entry.servers[0], first)
        self.assertFalse(self.become(entry, ONE, TWO))
        self.assertTrue(self.become(entry, TWO))
        self.assertEqual(len(self.made), 2)

    def test_coming_back(self) -> None:
        """
        One that comes back is another: the first has closed its connections.
        """
        entry = self.entry("http://app.test")
        self.become(entry, ONE)
        (first,) = entry.servers
        self.become(entry)
        self.become(entry, ONE)
        self.assertIsNot(entry.servers[0], first)


class ServiceTests(EntryServersCase):
    """
    Servers of SRV records.
    """

    def test_targets(self) -> None:
        """
        A server is called by its target, and has the record's priority and weight besides
        those of its entry.
        """
        entry = self.entry("srv+https://_a.test", weight=2, priority=10)
        self.become(entry, Place("one.test", 8443, "10.0.0.1", 5, 7))
        ((settings, address, port),) = self.made
        self.assertEqual(
            (settings.url.host, settings.url.port, settings.url.secure), ("one.test", 8443, True)
        )
        self.assertEqual((settings.weight, settings.priority), (14, 15))
        self.assertEqual((address, port), ("10.0.0.1", 8443))
        self.assertEqual(entry.servers[0].authority, b"one.test:8443")
        self.assertEqual(self.names(), ["srv+https://_a.test at 10.0.0.1:8443"])

    def test_other_weight(self) -> None:
        """
        A record's weight that changes is given to the same server.
        """
        entry = self.entry("srv+http://_a.test", weight=2)
        self.become(entry, ONE._replace(weight=3))
        (server,) = entry.servers
        self.become(entry, ONE._replace(weight=4))
        self.assertEqual((entry.servers, server.weight), ([server], 8))

    def test_weighed_at_run_time(self) -> None:
        """
        A weight that was set at run time stays until the record's is another.
        """
        entry = self.entry("srv+http://_a.test")
        self.become(entry, ONE._replace(weight=3))
        (server,) = entry.servers
        self.members.weigh(server.name, 9)
        self.become(entry, ONE._replace(weight=3))
        self.assertEqual(server.weight, 9)
        self.become(entry, ONE._replace(weight=4))
        self.assertEqual(server.weight, 4)

    def test_other_priority(self) -> None:
        """
        A record of another priority is another server.
        """
        entry = self.entry("srv+http://_a.test")
        self.become(entry, ONE)
        (server,) = entry.servers
        self.become(entry, ONE._replace(priority=1))
        self.assertIsNot(entry.servers[0], server)

    def test_large_weights(self) -> None:
        """
        Weights that are too large are made smaller, all by as much, and none is nothing.
        """
        entry = self.entry("srv+http://_a.test", weight=100)
        self.become(entry, ONE._replace(weight=60_000), TWO._replace(weight=30_000), TWO._replace(port=81))
        self.assertEqual([server.weight for server in entry.servers], [MOST_WEIGHT, MOST_WEIGHT // 2, 1])

    def test_one_place_twice(self) -> None:
        """
        Records that differ by their weight alone are one server.
        """
        entry = self.entry("srv+http://_a.test")
        self.become(entry, ONE._replace(weight=3), ONE._replace(weight=4))
        self.assertEqual([server.weight for server in entry.servers], [3])


class AdjustTests(EntryServersCase):
    def adjust(self, entry: EntryServers, **more: Any) -> bool:
        (settings,) = entries({"url": entry.settings.url.text, **more})
        return entry.adjust(settings)

    def test_same(self) -> None:
        """
        An entry that says the same as before is adjusted by doing nothing.
        """
        entry = self.entry("http://app.test", weight=2)
        self.become(entry, ONE)
        self.members.set_state(self.names()[0], "down")
        self.assertTrue(self.adjust(entry, weight=2))
        self.assertEqual((entry.servers[0].weight, entry.servers[0].standing.state), (2, "down"))

    def test_weight(self) -> None:
        """
        Another weight is given to the servers that there are, and to those that come.
        """
        entry = self.entry("http://app.test")
        self.become(entry, ONE)
        self.assertTrue(self.adjust(entry, weight=5))
        self.become(entry, ONE, TWO)
        self.assertEqual([server.weight for server in entry.servers], [5, 5])

    def test_state(self) -> None:
        """
        So is another state.
        """
        entry = self.entry("http://app.test")
        self.become(entry, ONE)
        self.assertTrue(self.adjust(entry, state="drain"))
        self.become(entry, ONE, TWO)
        self.assertEqual([server.standing.state for server in entry.servers], ["drain", "drain"])

    def test_others(self) -> None:
        """
        Whatever else changes needs other servers.
        """
        entry = self.entry("http://app.test")
        self.become(entry, ONE)
        for more in ({"backup": True}, {"priority": 1}, {"max_connections": 5}, {"slow_start": "5s"}):
            self.assertFalse(self.adjust(entry, **more))

    def test_removed_at_run_time(self) -> None:
        """
        Servers that were removed at run time are let be.
        """
        entry = self.entry("srv+http://_a.test")
        self.become(entry, ONE, TWO)
        self.members.remove(self.names()[0])
        self.assertTrue(self.adjust(entry, weight=5, state="drain"))
        (left,) = self.members.servers
        self.assertEqual((left.weight, left.standing.state), (5, "drain"))
