"""
Tests of L{revproxy.wire.forbidden}.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.forbidden import ForbiddenNetworks, meanings

METADATA = "169.254.169.254"

IN_DISGUISE = (
    "::ffff:169.254.169.254",  # mapped
    "::169.254.169.254",  # compatible
    "::ffff:0:169.254.169.254",  # translated
    "64:ff9b::169.254.169.254",  # NAT64
    "64:ff9b:1::169.254.169.254",  # NAT64 of one's own
    "64:ff9b:1:abcd::a9fe:a9fe",
    "2002:a9fe:a9fe::1",  # 6to4
    "2001:0:a9fe:a9fe::",  # Teredo, the server
    "2001:0:1:2::5601:5601",  # Teredo, the client
    "fe80::5efe:a9fe:a9fe",  # ISATAP
    "2001:db8::200:5efe:a9fe:a9fe",
)


class ForbiddenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.forbidden = ForbiddenNetworks([ip_network("169.254.0.0/16"), ip_network("fd00:ec2::254")])

    def test_inside(self) -> None:
        """
        The network that an address is in is given.
        """
        self.assertEqual(self.forbidden.network_of(METADATA), ip_network("169.254.0.0/16"))
        self.assertEqual(self.forbidden.network_of("FD00:EC2::254"), ip_network("fd00:ec2::254"))

    def test_outside(self) -> None:
        """
        Other addresses may be connected to, be there an IPv4 address in them or not.
        """
        for address in ("10.0.0.1", "169.253.255.255", "::1", "2001:db8::a9fe:a9fe", "::ffff:10.0.0.1"):
            self.assertIsNone(self.forbidden.network_of(address), address)

    def test_disguised(self) -> None:
        """
        Pitfall 39: a forbidden IPv4 address is one in every form that IPv6 has for it.
        """
        for address in IN_DISGUISE:
            self.assertEqual(self.forbidden.network_of(address), ip_network("169.254.0.0/16"), address)

    def test_zone(self) -> None:
        """
        A zone makes no other address of it.
        """
        link_local = ForbiddenNetworks([ip_network("fe80::/10")])
        self.assertIsNotNone(link_local.network_of("fe80::1%eth0"))

    def test_this_machine(self) -> None:
        """
        The address that names no machine leads to this one, in whichever form.
        """
        loopback = ForbiddenNetworks([ip_network("127.0.0.0/8"), ip_network("::1")])
        for address in ("0.0.0.0", "::", "::ffff:0.0.0.0", "::ffff:127.0.0.1", "127.8.9.10"):
            self.assertIsNotNone(loopback.network_of(address), address)

    def test_none(self) -> None:
        """
        Where nothing is forbidden everything is let through.
        """
        self.assertIsNone(ForbiddenNetworks().network_of(METADATA))

    def test_no_address(self) -> None:
        """
        Whether a name is forbidden cannot be told.
        """
        self.assertRaises(ValueError, self.forbidden.network_of, "app.internal")


class MeaningsTests(SynchronousTestCase):
    def test_itself_first(self) -> None:
        """
        An address means itself, and nothing else where nothing is in it.
        """
        for address in map(ip_address, ("192.0.2.1", "2001:db8::1", "::1")):
            self.assertEqual(list(meanings(address)), [address])
