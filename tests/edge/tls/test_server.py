"""
Tests for L{revproxy.edge.tls.server}.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IAddress, IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.test.iosim import connect as connect_protocols
from twisted.test.iosim import makeFakeClient, makeFakeServer
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.tls.client import UpstreamTLS
from revproxy.edge.tls.contexts import NoCommonProtocol
from revproxy.edge.tls.options import ClientCertificates, ClientTLS
from revproxy.edge.tls.server import ServerConnections, wrap
from revproxy.edge.turn import TurnWriter
from revproxy.errors import CertificateError
from tests.certificates import Authority
from tests.edge.tls.handshake import client_context, connect, listener, resumed, shown

NOW = datetime.now(UTC)
ADDRESS = IPv4Address("TCP", "127.0.0.1", 1)


class ServerTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.authority = Authority(self.directory)
        self.pair = self.authority.issue(["old.test"], file="one")
        self.client = client_context(self.authority.certificate)


class ServerConnectionsTests(ServerTestCase):
    """
    Tests for L{ServerConnections}.
    """

    def test_interface(self) -> None:
        """
        It is what Twisted takes for the server's side of TLS.
        """
        verifyObject(IOpenSSLServerConnectionCreator, listener(self.pair))

    def test_wrong_at_start(self) -> None:
        """
        Any file that cannot be used is an error: of the second certificate, and of
        the authorities too.
        """
        expired = self.authority.issue(since=-3, days=-1)
        error = self.assertRaises(CertificateError, listener, self.pair, expired)
        self.assertEqual(error.path, expired.certificate)
        asked = ClientCertificates(True, self.directory / "missing.pem")
        error = self.assertRaises(CertificateError, listener, self.pair, client_certificates=asked)
        self.assertEqual(error.path, asked.ca)


class TakeOverTests(ServerTestCase):
    """
    Tests for L{ServerConnections.take_over}.
    """

    def setUp(self) -> None:
        super().setUp()
        self.server = listener(self.pair)

    def shown(self, server: ServerConnections | None = None) -> str:
        return shown(connect(self.client, server or self.server))

    def test_nothing_new(self) -> None:
        """
        Where no file changed nothing does, and sessions stay.
        """
        first = connect(self.client, self.server)
        self.assertEqual(self.server.take_over(NOW), [])
        self.assertTrue(resumed(connect(self.client, self.server, session=first.client.get_session())))

    def test_renewed(self) -> None:
        """
        Later connections get the new certificate, those that are there go on.
        """
        there = connect(self.client, self.server)
        self.authority.issue(["new.test"], file="one")
        self.assertEqual(self.server.take_over(NOW), [])
        self.assertEqual(self.shown(), "CN=new.test")
        there.say(b"still here")

    def test_other_kind(self) -> None:
        """
        A certificate may be renewed with another kind of key.
        """
        self.authority.issue(["new.test"], file="one", key="rsa")
        self.assertEqual(self.server.take_over(NOW), [])
        self.assertEqual(self.shown(), "CN=new.test")

    def test_wrong(self) -> None:
        """
        While the new files are wrong the old certificate stays.
        """
        self.pair.certificate.write_bytes(self.pair.certificate.read_bytes()[:200])
        (failure,) = self.server.take_over(NOW)
        self.assertIn("is cut short", str(failure))
        self.assertEqual(self.shown(), "CN=old.test")
        self.authority.issue(["new.test"], file="one")
        self.assertEqual(self.server.take_over(NOW), [])
        self.assertEqual(self.shown(), "CN=new.test")

    def test_expired(self) -> None:
        """
        A certificate that has expired does not take the place of the old one.
        """
        self.authority.issue(["new.test"], file="one", since=-3, days=-1)
        (failure,) = self.server.take_over(NOW)
        self.assertIn("expired on", str(failure))
        self.assertEqual(self.shown(), "CN=old.test")

    def test_others_renewed(self) -> None:
        """
        What is wrong with one certificate does not keep another from being renewed.
        """
        second = self.authority.issue(["second.test"])
        server = listener(self.pair, second)
        second.key.unlink()
        self.authority.issue(["new.test"], file="one")
        (failure,) = server.take_over(NOW)
        self.assertEqual(failure.path, second.key)
        self.assertEqual(self.shown(server), "CN=new.test")
        self.assertEqual(shown(connect(self.client, server, b"second.test")), "CN=second.test")

    def test_authorities(self) -> None:
        """
        Clients of an authority that is no longer trusted are refused from then on.
        """
        old, new = Authority(self.directory, "Old"), Authority(self.directory, "New")
        asked = ClientCertificates(True, old.certificate)
        server = listener(self.pair, client_certificates=asked)
        client = client_context(self.authority.certificate, pair=old.issue(["client"], client=True))
        connect(client, server)
        new.certificate.replace(old.certificate)
        self.assertEqual(server.take_over(NOW), [])
        self.assertRaises(SSL.Error, connect, client, server)
        client = client_context(self.authority.certificate, pair=new.issue(["client"], client=True))
        connect(client, server)


class Greeter(Protocol):
    """
    Greets, and keeps what it hears and why it ended.
    """

    heard = b""
    end: Failure | None = None

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello")

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.end = reason


class _Once(Factory):
    """
    Gives out the one protocol that it has.
    """

    def __init__(self, only: Protocol) -> None:
        self.only = only

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        return self.only


class WrapTests(ServerTestCase):
    """
    Tests for L{wrap}.
    """

    def dialogue(self, offered: bytes) -> tuple[Greeter, Greeter]:
        """
        Let both sides greet each other through Twisted's TLS.

        @param offered: the protocol that the client offers.
        """
        clock = Clock()
        client, server = Greeter(), Greeter()
        upstream = UpstreamTLS(ClientTLS(ca=self.authority.certificate, alpn=[offered]), NOW)
        connections = upstream.connections("old.test")
        accepting = wrap(_Once(server), listener(self.pair), clock, TurnWriter(clock)).buildProtocol(ADDRESS)
        connecting = TLSMemoryBIOFactory(connections, True, _Once(client), clock).buildProtocol(ADDRESS)
        pump = connect_protocols(
            accepting, makeFakeServer(accepting), connecting, makeFakeClient(connecting), clock=clock
        )
        pump.flush()
        return client, server

    def test_greeting(self) -> None:
        """
        The protocols of the factory talk through TLS, without the reactor.
        """
        client, server = self.dialogue(b"http/1.1")
        self.assertEqual((client.heard, server.heard), (b"hello", b"hello"))

    def test_refusal(self) -> None:
        """
        The protocol hears why a handshake failed, and the client is told.
        """
        client, server = self.dialogue(b"smtp")
        assert server.end is not None and client.end is not None
        server.end.trap(NoCommonProtocol)
        self.assertIn("no application protocol", str(client.end.value))
