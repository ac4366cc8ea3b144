"""
Tests of L{revproxy.flow.transport}: that all that we listen and connect with is such a
transport.
"""

from __future__ import annotations

from twisted.internet import tcp, unix
from twisted.internet.address import IPv4Address
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from revproxy.flow.transport import IStreamTransport
from tests.edge.memory import MemoryConnection
from tests.service.network import Network

ADDRESS = IPv4Address("TCP", "192.0.2.1", 4321)


class StreamTransportTests(SynchronousTestCase):
    """
    Twisted's transports say nothing of an interface of ours, but have all that is in it.
    """

    def setUp(self) -> None:
        self.made: list[Protocol] = []
        self.factory = Factory.forProtocol(self.make)

    def make(self) -> Protocol:
        protocol = Protocol()
        self.made.append(protocol)
        return protocol

    def check(self) -> None:
        (protocol,) = self.made
        self.assertTrue(verifyObject(IStreamTransport, protocol.transport, tentative=True))

    def test_sockets(self) -> None:
        """
        The connections of TCP and of UNIX sockets have it, whoever connected.
        """
        for transport in (tcp.Server, tcp.Client, unix.Server, unix.Client):
            self.assertTrue(verifyClass(IStreamTransport, transport, tentative=True), transport)

    def test_tls(self) -> None:
        """
        TLS has it, whoever connected.
        """
        for client in (False, True):
            factory = TLSMemoryBIOFactory(CertificateOptions(), client, self.factory, Clock())
            MemoryConnection(Clock(), ADDRESS, ADDRESS).join(factory.buildProtocol(ADDRESS))
            self.check()
            self.made.clear()

    def test_haproxy(self) -> None:
        """
        Pitfall 9: connections that begin with a PROXY header have it.
        """
        network = Network()
        serverFromString(network, "haproxy:tcp:8080").listen(self.factory)
        network.client(8080)
        self.check()

    def test_memory(self) -> None:
        """
        So does what stands for them in tests, and says so.
        """
        connection = MemoryConnection(Clock(), ADDRESS, ADDRESS)
        self.assertTrue(verifyObject(IStreamTransport, connection))
