"""
Tests of L{revproxy.edge.socket_options}: what is asked of the kernel.
"""

from __future__ import annotations

import socket

from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.socket_options import set_listening_options, set_socket_options
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import ProxiedTestCase
from tests.service.network import Network

WANTED = {"no-delay": True, "keep-alive": True}


class SocketOptionsTests(ProxiedTestCase):
    def test_sides(self) -> None:
        """
        Small messages to a server wait for no other, and a machine that vanished is noticed.
        A client's connection has inherited that, and is asked for nothing.
        """
        self.start()
        self.ask()
        self.assertEqual(self.client.options, {})
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


class ListeningOptionsTests(SynchronousTestCase):
    def options(self, family: socket.AddressFamily) -> tuple[int, int]:
        """
        Set those of a port whose socket is not bound to anything, and read them.
        """
        with socket.socket(family) as listening:
            network = Network()
            network.listening = listening
            set_listening_options(network.listenTCP(8080, Factory()))
            kept = listening.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            if family == socket.AF_UNIX:
                return kept, 0
            return kept, listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    def test_tcp(self) -> None:
        """
        A listening socket has both, of either version of IP.
        """
        for family in (socket.AF_INET, socket.AF_INET6):
            self.assertEqual(self.options(family), (1, 1), family)

    def test_unix(self) -> None:
        """
        One of UNIX has none.
        """
        self.assertEqual(self.options(socket.AF_UNIX), (0, 0))

    def test_no_socket(self) -> None:
        """
        A port of another make stays as it is.
        """
        set_listening_options(Network().listenTCP(8080, Factory()))
