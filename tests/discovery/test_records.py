"""
Tests of L{revproxy.discovery.records}.
"""

from __future__ import annotations

from twisted.names import dns
from twisted.trial.unittest import SynchronousTestCase

from revproxy.discovery.records import Records
from tests.discovery.resolvers import service


def a(name: str, address: str, ttl: int = 60) -> dns.RRHeader:
    return dns.RRHeader(name.encode(), dns.A, dns.IN, ttl, dns.Record_A(address))


def aaaa(name: str, address: str, ttl: int = 60) -> dns.RRHeader:
    return dns.RRHeader(name.encode(), dns.AAAA, dns.IN, ttl, dns.Record_AAAA(address))


def cname(name: str, target: str, ttl: int = 60) -> dns.RRHeader:
    return dns.RRHeader(name.encode(), dns.CNAME, dns.IN, ttl, dns.Record_CNAME(target.encode()))


def srv(name: str, priority: int, weight: int, port: int, target: bytes, ttl: int = 60) -> dns.RRHeader:
    return dns.RRHeader(name.encode(), dns.SRV, dns.IN, ttl, dns.Record_SRV(priority, weight, port, target))


class AddressesTests(SynchronousTestCase):
    def test_addresses(self) -> None:
        """
        The addresses of the version that is asked for, and the shortest time that they hold.
        """
        records = Records(
            "app.test",
            [a("app.test", "192.0.2.1", 9), a("App.Test", "192.0.2.2", 5), aaaa("app.test", "::2")],
        )
        self.assertEqual(records.addresses(4), (["192.0.2.1", "192.0.2.2"], 5.0))
        self.assertEqual(records.addresses(6), (["::2"], 60.0))

    def test_aliases(self) -> None:
        """
        A name may stand for another, as often as there are aliases; they hold no longer
        than the shortest of all.
        """
        records = [cname("app.test", "B.test", 7), cname("b.test", "c.test"), a("c.test", "192.0.2.1")]
        self.assertEqual(Records("APP.test", records).addresses(4), (["192.0.2.1"], 7.0))

    def test_aliases_in_a_circle(self) -> None:
        """
        Aliases that lead to themselves lead nowhere.
        """
        records = [cname("a.test", "b.test"), cname("b.test", "a.test")]
        self.assertEqual(Records("a.test", records).addresses(4)[0], [])

    def test_of_other_names(self) -> None:
        """
        Pitfall 39: records of other names, which a server may send along, count for nothing.
        """
        records = [a("app.test", "192.0.2.1"), a("other.test", "192.0.2.66")]
        self.assertEqual(Records("app.test", records).addresses(4)[0], ["192.0.2.1"])

    def test_nonsensical_times(self) -> None:
        """
        A time to live of more than 31 bits counts as none, RFC 2181 section 8.
        """
        self.assertEqual(Records("a", [a("a", "192.0.2.1", 2**31)]).addresses(4)[1], 0.0)


class ServicesTests(SynchronousTestCase):
    def test_services(self) -> None:
        """
        Each record with all that it says, the target in lower case.
        """
        records = [srv("_a.test", 1, 2, 3, b"One.test", 9), srv("_a.test", 4, 5, 6, b"10.0.0.1")]
        self.assertEqual(
            Records("_a.test", records).services(),
            ([service("one.test", 3, 1, 2), service("10.0.0.1", 6, 4, 5)], 9.0),
        )

    def test_not_to_be_had(self) -> None:
        """
        A target of a dot alone has no name.
        """
        for target in (b".", b""):
            ((found,), _) = Records("_a.test", [srv("_a.test", 0, 0, 0, target)]).services()
            self.assertEqual(found.target, "")

    def test_unusable(self) -> None:
        """
        A target that is no host, and a port that is none, are left out: they would come
        into a Host field.
        """
        for port, target in ((80, b"a b.test"), (80, b"a\r\nx: y.test"), (80, b"\xe4.test"), (0, b"a.test")):
            self.assertEqual(Records("_a.test", [srv("_a.test", 0, 0, port, target)]).services()[0], [])
