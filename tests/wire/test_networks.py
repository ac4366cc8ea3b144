"""
Tests of L{revproxy.wire.networks}.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.networks import UNIX, Networks, parse_address

PRIVATE = ["10.0.0.0/8", "192.168.1.0/24", "203.0.113.7", "2001:db8::/32", "::1"]

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

some_networks: st.SearchStrategy[Network] = st.tuples(st.ip_addresses(), st.integers(0, 128)).map(
    lambda drawn: ip_network(f"{drawn[0]}/{drawn[1] % (drawn[0].max_prefixlen + 1)}", strict=False)
)


class NetworksTests(SynchronousTestCase):
    def test_members(self) -> None:
        """
        An address belongs to the set exactly if one of the networks holds it.
        """
        networks = Networks(PRIVATE)
        for address, expected in [
            ("10.0.0.0", True),
            ("10.255.255.255", True),
            ("11.0.0.0", False),
            ("192.168.1.255", True),
            ("192.168.2.0", False),
            ("203.0.113.7", True),
            ("203.0.113.8", False),
            ("2001:db8::", True),
            ("2001:DB8:ffff::1", True),
            ("2001:db9::", False),
            ("::1", True),
            ("::2", False),
            ("0.0.0.1", False),
            ("fe80::1%eth0", False),
        ]:
            for _ in range(2):
                self.assertEqual(address in networks, expected, address)

    def test_versions_are_apart(self) -> None:
        """
        A network of all IPv4 addresses holds no IPv6 address, and the other way round.
        """
        self.assertIn("1.2.3.4", Networks(["0.0.0.0/0"]))
        self.assertNotIn("::1", Networks(["0.0.0.0/0"]))
        self.assertIn("::1", Networks(["::/0"]))
        self.assertNotIn("1.2.3.4", Networks(["::/0"]))

    def test_mapped_addresses(self) -> None:
        """
        Pitfall 9: an IPv4 client of an IPv6 socket is the IPv4 client.
        """
        self.assertIn("::ffff:10.1.2.3", Networks(["10.0.0.0/8"]))
        self.assertNotIn("::ffff:11.1.2.3", Networks(["10.0.0.0/8"]))

    def test_zones(self) -> None:
        """
        The zone of a link-local address does not matter.
        """
        self.assertIn("fe80::1%eth0", Networks(["fe80::/10"]))

    def test_unix_peers(self) -> None:
        """
        The empty address of a peer on a UNIX socket belongs where C{unix:} was given.
        """
        self.assertNotIn("", Networks(["0.0.0.0/0", "::/0"]))
        self.assertIn("", Networks([UNIX]))
        self.assertTrue(Networks([UNIX]))

    def test_what_is_no_address(self) -> None:
        """
        Pitfall 9: what is no address belongs to no set.
        """
        networks = Networks(["0.0.0.0/0", "::/0"])
        for text in ["a", "10.0.0", "010.0.0.1", "10.0.0.1:80", "[::1]", "unix:", " 10.0.0.1", "1" * 10000]:
            self.assertNotIn(text, networks)

    def test_empty_set(self) -> None:
        """
        A set without networks is false and holds nobody.
        """
        self.assertFalse(Networks())
        self.assertTrue(Networks(["::/0"]))
        self.assertNotIn("127.0.0.1", Networks())

    def test_malformed_networks(self) -> None:
        """
        What is no network is refused, and so is one with bits behind its prefix.
        """
        for network in ["10.0.0.1/8", "10.0.0.0/33", "example.com", "::/129", ""]:
            self.assertRaises(ValueError, Networks, [network])

    def test_memory_is_bounded(self) -> None:
        """
        Many clients do not fill the memory, and answers stay right.
        """
        networks = Networks(["10.0.0.0/8", UNIX])
        for number in range(10000):
            self.assertIn(str(IPv4Address((10 << 24) + number)), networks)
        self.assertLessEqual(len(networks._remembered), 4096)
        self.assertIn("", networks)
        self.assertNotIn("11.0.0.1", networks)

    @settings(deadline=None)
    @given(st.ip_addresses(), st.lists(some_networks, max_size=5))
    def test_agrees_with_the_standard_library(self, address: Address, networks: list[Network]) -> None:
        """
        The answer is that of L{ipaddress} for each network by itself, asked for the
        IPv4 address where one is mapped into IPv6.
        """
        asked = getattr(address, "ipv4_mapped", None) or address
        expected = any(asked in network for network in networks)
        self.assertEqual(str(address) in Networks(networks), expected)


class ParseAddressTests(SynchronousTestCase):
    def test_addresses(self) -> None:
        """
        Addresses are read strictly; a mapped one gives the IPv4 address.
        """
        self.assertEqual(parse_address("192.0.2.1"), IPv4Address("192.0.2.1"))
        self.assertEqual(parse_address("2001:DB8::1"), IPv6Address("2001:db8::1"))
        self.assertEqual(parse_address("::ffff:192.0.2.1"), IPv4Address("192.0.2.1"))
        self.assertEqual(parse_address("fe80::1%eth0"), IPv6Address("fe80::1"))

    def test_what_is_no_address(self) -> None:
        """
        There is no address in what is none.
        """
        for text in [
            "",
            "a",
            "1.2.3",
            "1.2.3.4 ",
            "01.2.3.4",
            "1.2.3.4%eth0",
            "[::1]",
            "\N{ARABIC-INDIC DIGIT ONE}.2.3.4",
            ":" * 1000,
        ]:
            self.assertIsNone(parse_address(text), text)
