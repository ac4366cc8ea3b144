"""
Tests for L{revproxy.reactor.addresses}.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.trial.unittest import SynchronousTestCase

from revproxy.reactor.addresses import internet_address


class InternetAddressTests(SynchronousTestCase):
    def test_version_4(self) -> None:
        """
        What has two parts is of version 4.
        """
        self.assertEqual(internet_address(("192.0.2.1", 80)), IPv4Address("TCP", "192.0.2.1", 80))

    def test_version_6(self) -> None:
        """
        What has four parts is of version 6.
        """
        self.assertEqual(
            internet_address(("2001:db8::1", 80, 3, 0)), IPv6Address("TCP", "2001:db8::1", 80, 3, 0)
        )

    def test_scope(self) -> None:
        """
        The name of the interface that an address belongs to is part of the host.
        """
        address = internet_address(("fe80::1", 80, 0, 1))
        self.assertEqual(address.host, "fe80::1%lo")
