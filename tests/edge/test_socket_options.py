"""
Tests of L{revproxy.edge.socket_options}: what is asked of the kernel.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.task import Clock

from revproxy.edge.socket_options import set_socket_options
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import ProxiedTestCase

WANTED = {"no-delay": True, "keep-alive": True}


class SocketOptionsTests(ProxiedTestCase):
    def test_both_sides(self) -> None:
        """
        Small messages wait for no other, and a machine that vanished is noticed, on the
        client's side and the server's.
        """
        self.start()
        self.ask()
        self.assertEqual(self.client.options, WANTED)
        self.assertEqual(self.proxied.origin.options, WANTED)

    def test_unix(self) -> None:
        """
        A UNIX socket has no such options.
        """
        address = UNIXAddress(b"/run/app.sock")
        transport = MemoryConnection(Clock(), address, address)
        set_socket_options(transport)
        self.assertEqual(transport.options, {})

    def test_ip(self) -> None:
        """
        A TCP socket has both.
        """
        address = IPv4Address("TCP", "192.0.2.7", 50000)
        transport = MemoryConnection(Clock(), address, address)
        set_socket_options(transport)
        self.assertEqual(transport.options, WANTED)
