"""
Tests for L{revproxy.edge.tls.protocol}: how connections end, at either side's wish and at nobody's.
"""

from __future__ import annotations

import gc
import ssl

from OpenSSL import SSL
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost

from revproxy.edge.tls.protocol import TLSProtocol
from tests.edge.tls.stranger import VERSIONS, TLSTestCase


def how_many(kind: type) -> int:
    """
    The objects of a class that there are.
    """
    return sum(type(each) is kind for each in gc.get_objects())


class EndTests(TLSTestCase):
    """
    How a connection ends.
    """

    def test_we_close(self) -> None:
        """
        What was written goes out, then the notice, and the connection is closed: nobody has
        to wait for the other side's notice.
        """
        for version in VERSIONS:
            client = self.client(version)
            self.ours.transport.write(b"goodbye")
            self.ours.transport.loseConnection()
            self.ours.transport.loseConnection()
            self.ours.transport.write(b"too late")
            client.exchange()
            self.assertEqual(client.tls.read(100), b"goodbye")
            self.assertRaises(ssl.SSLZeroReturnError, client.hear)
            self.clock.advance(0)
            self.assertEqual(self.ours.events, ["handshake", ConnectionDone])
            self.assertEqual((client.connection.gone, client.connection.reset), (True, False))

    def test_we_close_and_wait(self) -> None:
        """
        Where it is to be so, what still comes is heard until the other side has closed,
        too.
        """
        for version in VERSIONS:
            client = self.client(version)
            self.ours.transport.factory.waits = True  # type: ignore[attr-defined]
            self.ours.transport.write(b"goodbye")
            self.ours.transport.loseConnection()
            self.ours.transport.loseConnection()
            self.ours.transport.write(b"too late")
            client.say(b"you, too")
            client.exchange()
            self.assertEqual(client.tls.read(100), b"goodbye")
            self.assertRaises(ssl.SSLZeroReturnError, client.hear)
            self.assertEqual(self.ours.events, ["handshake", b"you, too"])
            client.close()
            self.assertEqual(self.ours.told, ["handshake", ConnectionDone])
            self.assertFalse(client.connection.reset)

    def test_half(self) -> None:
        """
        To close our direction alone is the same: the notice says no more.
        """
        client = self.client()
        self.ours.transport.loseWriteConnection()
        self.assertRaises(ssl.SSLZeroReturnError, client.hear)
        client.say(b"go on")
        self.assertEqual(self.ours.events, ["handshake", b"go on"])

    def test_they_close(self) -> None:
        """
        The other side's notice is answered by ours, and is an end in good order.
        """
        for version in VERSIONS:
            client = self.client(version)
            octets = client.encrypted(b"last words")
            self.assertRaises(ssl.SSLWantReadError, client.tls.unwrap)
            client.connection.send(octets + client.encrypted())
            client.exchange()
            client.tls.unwrap()
            self.assertEqual(self.ours.events, ["handshake", b"last words", ConnectionDone])

    def test_cut(self) -> None:
        """
        An end without the notice may be anybody's who cut the connection, so it is no end
        in good order.
        """
        for version in VERSIONS:
            client = self.client(version)
            client.say(b"half a mess")
            client.connection.finish()
            self.assertEqual(self.ours.events, ["handshake", b"half a mess", ConnectionLost])

    def test_lost(self) -> None:
        """
        What the transport below says of a lost connection is told.
        """
        client = self.client()
        client.connection.leave()
        self.assertEqual(self.ours.told, ["handshake", ConnectionLost])

    def test_abort(self) -> None:
        """
        An abort sends no notice, so that nobody takes what came for all, and nothing is
        heard after it.
        """
        client = self.client()
        client.exchange()
        self.ours.transport.write(b"half")
        self.ours.transport.abortConnection()
        client.exchange()
        client.connection.paused = False
        client.connection.send_in_turn(client.encrypted(b"more"))
        self.clock.advance(0)
        self.assertEqual(client.hear(), b"half")
        self.assertEqual(self.ours.events, ["handshake", ConnectionAborted])

    def test_close_early(self) -> None:
        """
        To close before the handshake is done, with nothing written, is to abort.
        """
        connection = self.below()
        self.ours.transport.loseConnection()
        self.clock.advance(0)
        self.assertEqual((self.ours.events, connection.reset), ([ConnectionAborted], True))

    def test_changed(self) -> None:
        """
        A record that was changed on its way ends the connection; what came before it is
        heard, and the other side is told.
        """
        client = self.client()
        client.exchange()
        octets = client.encrypted(b"good", b"bad")
        client.connection.send(octets[:-1] + bytes([octets[-1] ^ 1]))
        self.assertEqual(self.ours.events, ["handshake", b"good", SSL.Error])
        self.assertIn("bad record mac", str(self.assertRaises(ssl.SSLError, client.hear)).lower())

    def test_after(self) -> None:
        """
        Nothing that is asked of a connection that is lost does harm.
        """
        client = self.client()
        client.connection.leave()
        tls = self.ours.transport
        tls.write(b"late")
        tls.writeSequence([b"late", b"r"])
        tls.loseConnection()
        tls.abortConnection()
        tls.registerProducer(self.ours, True)
        tls.unregisterProducer()
        self.assertEqual(self.ours.told, ["handshake", ConnectionLost, "stop"])
        self.assertEqual(client.hear(), b"")

    def test_nothing_left(self) -> None:
        """
        A connection that has ended, by whatever side, leaves nothing for the collector.
        """
        self.addCleanup(gc.enable)
        gc.disable()
        for end in ("loseConnection", "abortConnection", None):
            before = how_many(TLSProtocol)
            client = self.client()
            if end is None:
                client.connection.send(b"\x17\x03\x03\x00\x05hello")
            else:
                getattr(self.ours.transport, end)()
            client.close() if end == "loseConnection" else self.clock.advance(0)
            self.assertEqual(len(self.ours.told), 2, end)
            self.ours = type(self.ours)()
            del client
            self.assertEqual(how_many(TLSProtocol), before, end)

    def test_nothing_left_by_a_producer(self) -> None:
        """
        So does one that is lost while somebody may write to it.
        """
        self.addCleanup(gc.enable)
        gc.disable()
        before = how_many(TLSProtocol)
        client = self.client()
        self.ours.transport.registerProducer(self.ours, True)
        client.connection.leave()
        self.ours = type(self.ours)()
        del client
        self.assertEqual(how_many(TLSProtocol), before)
