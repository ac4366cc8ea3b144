"""
Tests of L{revproxy.edge.direct}.
"""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactor, StringTransport
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.edge.direct import connect_directly


class Reading(Protocol):
    """
    Keeps what comes.
    """

    @override
    def connectionMade(self) -> None:
        self.read: list[bytes] = []
        connect_directly(cast(Any, self.transport), self)

    @override
    def dataReceived(self, data: bytes) -> None:
        self.read.append(data)


class Transport(StringTransport):
    """
    Knows who reads from it, as Twisted's own transports do.
    """

    protocol: Any = None


class ConnectDirectlyTests(SynchronousTestCase):
    def test_endpoint_is_left_out(self) -> None:
        """
        A protocol that an endpoint has connected is told by the transport itself, and
        the endpoint gives it to whoever waits for it all the same.
        """
        reactor = MemoryReactor()
        connecting = TCP4ClientEndpoint(reactor, "127.0.0.1", 1).connect(Factory.forProtocol(Reading))
        wrapper, transport = cast(Any, reactor.tcpClients[0][2].buildProtocol(None)), Transport()
        transport.protocol = wrapper
        wrapper.makeConnection(transport)
        protocol = cast(Reading, self.successResultOf(connecting))
        self.assertIs(transport.protocol, protocol)
        transport.protocol.dataReceived(b"a")
        self.assertEqual(protocol.read, [b"a"])

    def test_other_transports(self) -> None:
        """
        A transport that does not say who reads from it is left as it is.
        """
        transport = StringTransport()
        protocol = Reading()
        protocol.makeConnection(transport)
        self.assertFalse(hasattr(transport, "protocol"))
