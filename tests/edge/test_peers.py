"""
Tests of L{revproxy.edge.peers}.
"""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.peers import peer_of
from revproxy.exchange import Peer
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import Proxied

OWN = IPv4Address("TCP", "192.0.2.1", 8080)


class Named(SSL.Connection):
    """
    A connection whose client has asked for a name.
    """

    def get_servername(self) -> bytes:
        return b"WWW.Example.com"


class PeerTests(SynchronousTestCase):
    def peer(
        self,
        other: IPv4Address | IPv6Address | UNIXAddress,
        own: IPv4Address | UNIXAddress = OWN,
        handle: object = None,
    ) -> Peer:
        transport = MemoryConnection(Clock(), other, own)
        transport.handle = handle
        secure = handle is not None
        settings = Proxied(listener="web", secure=secure, asks_for_certificates=secure).settings
        return peer_of(transport, settings)

    def test_tcp(self) -> None:
        """
        Both ends of a TCP connection are known, and the listener's name.
        """
        peer = self.peer(IPv4Address("TCP", "192.0.2.7", 50000))
        self.assertEqual((peer.address, peer.port, peer.local_port), ("192.0.2.7", 50000, 8080))
        self.assertEqual((peer.listener, peer.secure, peer.server_name), ("web", False, None))

    def test_ipv6(self) -> None:
        """
        An IPv6 client has its address, an IPv4 client of an IPv6 socket that of IPv4.
        """
        for address, told in (("2001:db8::1", "2001:db8::1"), ("::ffff:192.0.2.7", "192.0.2.7")):
            self.assertEqual(self.peer(IPv6Address("TCP", address, 50000)).address, told)

    def test_unix(self) -> None:
        """
        A UNIX socket has no addresses.
        """
        peer = self.peer(UNIXAddress(None), UNIXAddress(b"/run/x"))
        self.assertEqual((peer.address, peer.port, peer.local_port), ("", 0, 0))

    def test_tls(self) -> None:
        """
        A TLS client is known by the name that it asked for, in lower case, and has no
        subject as long as it showed no certificate.
        """
        context = SSL.Context(SSL.TLS_METHOD)
        peer = self.peer(IPv4Address("TCP", "192.0.2.7", 50000), handle=Named(context, None))
        self.assertEqual((peer.secure, peer.server_name, peer.subject), (True, b"www.example.com", None))
        peer = self.peer(IPv4Address("TCP", "192.0.2.7", 50000), handle=SSL.Connection(context, None))
        self.assertIsNone(peer.server_name)
