"""
Tests for L{revproxy.edge.tls.protocol}, against TLS of another make.
"""

from __future__ import annotations

import ssl

from OpenSSL import SSL
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import INegotiated, IProtocol, ISSLTransport
from zope.interface.verify import verifyObject

from revproxy.edge.tls.protocol import TLSProtocol
from revproxy.flow.transport import IStreamTransport
from tests.edge.memory import MemoryConnection
from tests.edge.tls.handshake import client_context
from tests.edge.tls.stranger import VERSIONS, Stranger, TLSTestCase


def no_connection(protocol: TLSProtocol) -> SSL.Connection:
    raise SSL.Error([("SSL routines", "", "out of memory")])


class HandshakeTests(TLSTestCase):
    """
    How a connection begins.
    """

    def test_interfaces(self) -> None:
        """
        It has all that our protocols ask of a transport, and what Twisted's have.
        """
        self.client()
        for interface in (IStreamTransport, ISSLTransport, INegotiated, IProtocol):
            self.assertTrue(verifyObject(interface, self.ours.transport), interface)

    def test_told(self) -> None:
        """
        The protocol is told when the handshake is done, once, and then hears.
        """
        for version in VERSIONS:
            client = self.client(version)
            client.say(b"hello")
            client.say(b"again")
            self.assertEqual(self.ours.events, ["handshake", b"hello", b"again"])

    def test_byte_by_byte(self) -> None:
        """
        Nothing depends on how the octets come.
        """
        for version in VERSIONS:
            connection = self.below()
            client = Stranger(connection, self.client_context(version))
            for _ in range(3):
                try:
                    client.tls.do_handshake()
                except ssl.SSLWantReadError:
                    connection.drip(client.encrypted())
                    client.exchange()
            connection.drip(client.encrypted(b"hello", b"world"))
            self.assertEqual(self.ours.heard, b"helloworld")

    def test_with_its_end(self) -> None:
        """
        What comes with the end of the handshake is heard after it, and its answer goes
        out together with the session tickets.
        """
        connection = self.below()
        client = Stranger(connection, self.context)
        self.assertRaises(ssl.SSLWantReadError, client.tls.do_handshake)
        client.exchange()
        client.tls.do_handshake()
        writes: list[bytes] = []
        self.ours.transport._send = writes.append  # type: ignore[attr-defined]
        self.ours.dataReceived = lambda data: self.ours.transport.write(b"echo: " + data)  # type: ignore[method-assign]
        connection.send(client.encrypted(b"hello"))
        (answer,) = writes
        connection.received = answer
        self.assertEqual(client.hear(), b"echo: hello")

    def test_early(self) -> None:
        """
        What is written before the handshake is done is sent after it.
        """
        factory = self.factory()
        self.ours.greeting = b"welcome"
        client = Stranger(self.below(factory), self.context).shake_hands()
        self.assertEqual(client.hear(), b"welcome")

    def test_no_tls(self) -> None:
        """
        Who speaks something else is not listened to, and the protocol hears why it ended.
        """
        connection = self.below()
        connection.send(b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
        (reason,) = self.ours.events
        self.assertIs(reason, SSL.Error)
        self.assertTrue(connection.gone)

    def test_endless(self) -> None:
        """
        A client that goes on and on with its first message is not listened to, however
        it cuts it: little of it is kept.
        """
        connection = self.below()
        connection.send(b"\x16\x03\x01\x40\x00" + b"\x01\xff\xff\xff" + bytes(16380))
        self.assertEqual((self.ours.events, connection.gone), ([SSL.Error], True))

    def test_no_context(self) -> None:
        """
        Where OpenSSL's connection cannot be made the protocol never hears of the
        connection, which is closed at once.
        """
        factory = self.factory()
        factory.new_connection = no_connection
        connection = self.below(factory)
        connection.send_in_turn(b"\x16\x03\x01")
        self.assertEqual(len(self.flushLoggedErrors(SSL.Error)), 1)
        self.clock.advance(0)
        self.assertEqual((self.ours.events, self.ours.connected), ([], 0))
        self.assertEqual((connection.reset, connection.gone), (True, True))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_truncated(self) -> None:
        """
        An end in the middle of the handshake is no end in good order.
        """
        connection = self.below()
        client = Stranger(connection, self.context)
        self.assertRaises(ssl.SSLWantReadError, client.tls.do_handshake)
        client.exchange()
        connection.finish()
        self.assertEqual(self.ours.events, [ConnectionLost])

    def test_resumption(self) -> None:
        """
        Tickets are sent although nothing is written, and resume the session.
        """
        for version in VERSIONS:
            factory = self.factory()
            context = self.client_context(version)
            first = Stranger(self.below(factory), context).shake_hands()
            self.assertEqual(first.hear(), b"")
            self.ours = type(self.ours)()
            again = Stranger(self.below(factory), context)
            again.tls.session = first.tls.session
            self.assertTrue(again.shake_hands().tls.session_reused, version)

    def test_no_renegotiation(self) -> None:
        """
        A client of TLS 1.2 that wants to shake hands again is told no, and the
        connection goes on.
        """
        connection = self.below()
        client = SSL.Connection(client_context(self.authority.certificate, SSL.TLS1_2_VERSION), None)
        client.set_connect_state()
        for _ in range(2):
            self.assertRaises(SSL.WantReadError, client.do_handshake)
            self.carry(client, connection)
        client.do_handshake()
        client.renegotiate()
        self.assertRaises(SSL.WantReadError, client.do_handshake)
        self.carry(client, connection)
        error = self.assertRaises(SSL.Error, client.do_handshake)
        self.assertIn("no renegotiation", str(error))
        self.assertEqual((self.ours.told, connection.gone), (["handshake"], False))

    def carry(self, client: SSL.Connection, connection: MemoryConnection) -> None:
        connection.send(client.bio_read(1 << 16))
        client.bio_write(connection.received)
        connection.received = b""


class AboutTests(TLSTestCase):
    """
    What a connection tells of itself.
    """

    def test_encryption(self) -> None:
        """
        OpenSSL's connection, and what was agreed on, until the connection is lost.
        """
        self.context.set_alpn_protocols(["http/1.1"])
        client = Stranger(self.below(), self.context).shake_hands()
        tls = self.ours.transport
        assert isinstance(tls, TLSProtocol)
        self.assertIsInstance(tls.getHandle(), SSL.Connection)
        self.assertEqual(tls.negotiatedProtocol, b"http/1.1")
        self.assertIsNone(tls.getPeerCertificate())
        client.connection.leave()
        self.assertEqual((tls.getHandle(), tls.negotiatedProtocol, tls.getPeerCertificate()), (None,) * 3)

    def test_nothing_agreed(self) -> None:
        """
        Where the client offers no protocols, none is agreed on.
        """
        self.client()
        assert isinstance(self.ours.transport, TLSProtocol)
        self.assertIsNone(self.ours.transport.negotiatedProtocol)

    def test_transport(self) -> None:
        """
        All else is that of the transport below.
        """
        connection = self.client().connection
        tls = self.ours.transport
        tls.setTcpNoDelay(True)
        tls.setTcpKeepAlive(True)
        self.assertEqual(connection.options, {"no-delay": True, "keep-alive": True})
        self.assertEqual((tls.getTcpNoDelay(), tls.getTcpKeepAlive()), (True, False))
        self.assertEqual((tls.getPeer(), tls.getHost()), (connection.getPeer(), connection.getHost()))

    def test_paused(self) -> None:
        """
        One that is paused reads nothing until it is resumed.
        """
        client = self.client()
        self.ours.transport.pauseProducing()
        client.say(b"hello")
        self.assertEqual(self.ours.heard, b"")
        self.ours.transport.resumeProducing()
        self.clock.advance(0)
        self.assertEqual(self.ours.heard, b"hello")


class ProducerTests(TLSTestCase):
    """
    Who writes, and how fast.
    """

    def test_slow(self) -> None:
        """
        Pitfall 7: when the transport below is full the producer pauses, once, and goes on
        when there is room: no more waits than it has written since.
        """
        client = self.client()
        client.exchange()
        client.connection.stall()
        self.ours.transport.registerProducer(self.ours, True)
        for _ in range(3):
            self.ours.transport.write(bytes(50000))
        self.assertEqual(self.ours.told, ["handshake", "pause"])
        client.connection.take()
        self.assertEqual(self.ours.told, ["handshake", "pause", "resume"])
        self.assertEqual(len(client.hear()), 150000)

    def test_early(self) -> None:
        """
        So it is while the handshake is not done.
        """
        connection = self.below()
        self.ours.transport.registerProducer(self.ours, True)
        self.ours.transport.write(b"x")
        self.ours.transport.write(b"y")
        client = Stranger(connection, self.context).shake_hands()
        self.assertEqual(self.ours.told, ["pause", "handshake", "resume"])
        self.assertEqual(client.hear(), b"xy")

    def test_close(self) -> None:
        """
        To close waits for the producer, which may still write.
        """
        client = self.client()
        self.ours.transport.registerProducer(self.ours, True)
        self.ours.transport.loseConnection()
        self.ours.transport.write(b"the rest")
        self.assertEqual(client.hear(), b"the rest")
        self.ours.transport.unregisterProducer()
        self.assertRaises(ssl.SSLZeroReturnError, client.hear)

    def test_second(self) -> None:
        """
        There is one producer at a time, as the transport below says, and any number after
        each other.
        """
        self.client()
        tls = self.ours.transport
        tls.registerProducer(self.ours, True)
        tls.unregisterProducer()
        tls.unregisterProducer()
        tls.registerProducer(self.ours, True)

    def test_large(self) -> None:
        """
        What is written in one go is heard as it was, and goes out in parts of bounded size.
        """
        client = self.client()
        client.exchange()
        writes: list[int] = []
        send = self.ours.transport._send  # type: ignore[attr-defined]

        def counted(data: bytes) -> None:
            writes.append(len(data))
            send(data)

        self.ours.transport._send = counted  # type: ignore[attr-defined]
        data = bytes(range(256)) * 5000
        self.ours.transport.writeSequence([data, b"", b"."])
        self.assertEqual(client.hear(), data + b".")
        self.assertEqual(len(writes), 10)
        self.assertLess(max(writes), 140000)
