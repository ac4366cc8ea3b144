"""
Tests of L{bench.addresses}.
"""

from __future__ import annotations

from ipaddress import ip_address

from twisted.trial.unittest import SynchronousTestCase

from bench.addresses import loopback_addresses


class LoopbackAddressesTests(SynchronousTestCase):
    def test_one(self) -> None:
        """
        One address is that of the machine itself.
        """
        self.assertEqual(loopback_addresses(1), ["127.0.0.1"])

    def test_many(self) -> None:
        """
        Many are all different, and none can be reached from outside.
        """
        addresses = [ip_address(text) for text in loopback_addresses(1000)]
        self.assertEqual(len(set(addresses)), 1000)
        self.assertTrue(all(address.is_loopback for address in addresses))
