"""
Tests of L{revproxy.edge.closing}.
"""

from __future__ import annotations

import socket
import struct

from twisted.internet.address import IPv4Address
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.closing import reset
from tests.edge.memory import MemoryConnection

ADDRESS = IPv4Address("TCP", "192.0.2.7", 50000)


class ResetTests(SynchronousTestCase):
    def lingers(self, family: socket.AddressFamily, secure: bool) -> bool:
        """
        Reset a connection over a socket that is not connected to anything, and tell whether
        closing the socket resets its connection.
        """
        transport = MemoryConnection(Clock(), ADDRESS, ADDRESS)
        transport.join(Protocol())
        with socket.socket(family) as handle:
            transport.handle = handle
            reset(transport, secure)
            self.assertTrue(transport.reset)
            option = handle.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        return struct.unpack("ii", option) == (1, 0)

    def test_tcp(self) -> None:
        """
        Pitfall 13: over TCP the other side is sent a reset, not an end.
        """
        self.assertTrue(self.lingers(socket.AF_INET, secure=False))

    def test_tls(self) -> None:
        """
        Over TLS the missing notice of closing tells the same, and nothing is set on the
        socket.
        """
        self.assertFalse(self.lingers(socket.AF_INET, secure=True))

    def test_unix(self) -> None:
        """
        UNIX sockets know no reset.
        """
        self.assertFalse(self.lingers(socket.AF_UNIX, secure=False))
