"""
Tests for L{revproxy.edge.tls.factory}.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Any

from OpenSSL import SSL
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import (
    ILoggingContext,
    IOpenSSLClientConnectionCreator,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.tls.client import CertificateRefused, UpstreamTLS
from revproxy.edge.tls.factory import TLSClientEndpoint
from revproxy.edge.tls.options import ClientTLS
from tests.edge.memory import MemoryConnection
from tests.edge.tls.stranger import ADDRESS, VERSIONS, Listener, Stranger, TLSTestCase


class TLSFactoryTests(TLSTestCase):
    """
    Tests for L{TLSFactory}.
    """

    def test_interface(self) -> None:
        """
        It is a factory like others.
        """
        for interface in (IProtocolFactory, ILoggingContext):
            self.assertTrue(verifyObject(interface, self.factory()))

    def test_refused(self) -> None:
        """
        Where the factory of the protocols makes none, there is no connection.
        """
        factory = self.factory()
        factory.wrappedFactory.buildProtocol = lambda addr: None  # type: ignore[method-assign]
        self.assertIsNone(factory.buildProtocol(ADDRESS))

    def test_started(self) -> None:
        """
        The factory of the protocols is started and stopped with it, and named in the log.
        """
        told: list[str] = []

        class Told(Factory):
            def doStart(self) -> None:
                told.append("start")

            def doStop(self) -> None:
                told.append("stop")

        factory = self.factory()
        factory.wrappedFactory = Told()
        factory.doStart()
        factory.doStop()
        self.assertEqual((told, factory.logPrefix()), (["start", "stop"], "Told (TLS)"))


@implementer(IStreamClientEndpoint)
class Endpoint:
    """
    Connects in memory.
    """

    def __init__(self, case: TLSTestCase) -> None:
        self.case = case

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        protocol = protocolFactory.buildProtocol(ADDRESS)
        self.connection = MemoryConnection(self.case.clock, ADDRESS, ADDRESS).join(protocol)  # type: ignore[arg-type]
        return succeed(protocol)


@implementer(IOpenSSLClientConnectionCreator)
class NoConnections:
    """
    Makes none of OpenSSL's connections.
    """

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        raise SSL.Error([("SSL routines", "", "out of memory")])


class TLSClientEndpointTests(TLSTestCase):
    """
    Tests for L{TLSClientEndpoint}.
    """

    def connect(self, **options: Any) -> MemoryConnection:
        """
        @return: the transport below a connection to C{one.test}.
        """
        upstream = UpstreamTLS(ClientTLS(ca=self.authority.certificate, **options), datetime.now(UTC))
        below = Endpoint(self)
        endpoint = TLSClientEndpoint(below, upstream.connections("one.test"), self.clock, self.turn)
        self.assertTrue(verifyObject(IStreamClientEndpoint, endpoint))
        self.ours = Listener()
        connected = endpoint.connect(Factory.forProtocol(lambda: self.ours))
        self.assertIs(self.successResultOf(connected), self.ours)
        return below.connection

    def server(self, connection: MemoryConnection, version: ssl.TLSVersion = VERSIONS[1]) -> Stranger:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair)
        context.maximum_version = version
        return Stranger(connection, context, server=True)

    def test_dialogue(self) -> None:
        """
        It is connected before the handshake, whose end the protocol is told of.
        """
        for version in VERSIONS:
            connection = self.connect()
            self.assertEqual(self.ours.events, [])
            server = self.server(connection, version).shake_hands()
            self.assertEqual(self.ours.events, ["handshake"])
            self.ours.transport.write(b"hello")
            self.assertEqual(server.hear(), b"hello")
            server.say(b"welcome", b"here")
            self.assertEqual(self.ours.heard, b"welcomehere")

    def test_not_trusted(self) -> None:
        """
        The protocol hears why a server is not trusted, and the server is told.
        """
        self.pair = self.authority.issue(["two.test"])
        server = self.server(self.connect())
        self.assertRaises(ssl.SSLError, server.shake_hands)
        self.assertEqual(self.ours.events, [CertificateRefused])

    def test_refused(self) -> None:
        """
        It also hears that the server refused, and why.
        """
        connection = self.connect(alpn=[b"nothing"])
        connection.send(b"\x15\x03\x03\x00\x02\x02\x78")
        self.assertEqual(self.ours.events, [SSL.Error])

    def test_injected(self) -> None:
        """
        Pitfall 32: what comes before the handshake, from anybody in between, is no answer.
        """
        connection = self.connect()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(self.ours.events, [SSL.Error])
        self.assertTrue(connection.gone)

    def test_no_context(self) -> None:
        """
        Where OpenSSL's connection cannot be made there is none to the server.
        """
        below = Endpoint(self)
        endpoint = TLSClientEndpoint(below, NoConnections(), self.clock, self.turn)
        self.failureResultOf(endpoint.connect(Factory.forProtocol(Listener)), SSL.Error)
        self.assertEqual(len(self.flushLoggedErrors(SSL.Error)), 1)
        self.assertTrue(below.connection.reset)

    def test_gone(self) -> None:
        """
        A server that leaves during the handshake is lost.
        """
        self.connect().finish()
        self.assertEqual(self.ours.events, [ConnectionLost])
