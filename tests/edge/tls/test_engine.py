"""
Tests for L{revproxy.edge.tls.engine} and for L{revproxy.edge.tls.raw_engine}, which has to
behave alike.
"""

from __future__ import annotations

import _ssl
import ctypes
import ssl
from typing import Any, cast

from OpenSSL import SSL

from revproxy.edge.tls.engine import BURST, Engine, WriteBlocked
from revproxy.edge.tls.raw_engine import AVAILABLE, RawEngine, engine_for
from revproxy.edge.tls.records import LARGEST, SEGMENT
from tests.edge.tls.handshake import listener
from tests.edge.tls.stranger import VERSIONS, Stranger, TLSTestCase, lengths

LENGTHENING = "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384"
"""
Ciphers that make a record longer by 80 octets and more.
"""


class Held:
    """
    Stands for the transport below: an engine, driven by hand.

    @ivar late: what has come since the handshake was done.
    """

    def __init__(self, connection: SSL.Connection, kind: type[Engine]) -> None:
        self.openssl = connection
        self.engine = kind(connection)
        self.received = self.late = b""
        self.done = False

    def send(self, data: bytes) -> None:
        if self.done:
            self.late += data
        else:
            self.engine.feed(data)
            self.shake_hands()

    def shake_hands(self) -> None:
        try:
            self.openssl.do_handshake()
            self.done = True
        except SSL.WantReadError:
            pass
        self.received += self.engine.output()


def misleading(record: bytes) -> int:
    """
    @return: where to cut a record so that its rest has the length that it seems to say, or 0.
    """
    for at in range(5, len(record) - 5):
        if record[at + 3] << 8 | record[at + 4] == len(record) - at - 5:
            return at
    return 0


def want_short_records(context: ssl.SSLContext) -> None:
    """
    Have a client ask for records of 512 octets (RFC 6066 section 4), each made much longer.
    C{ssl} has no method for it, but OpenSSL's own context inside.
    """
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(LENGTHENING)
    inside = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    assert ctypes.CDLL(_ssl.__file__).SSL_CTX_set_tlsext_max_fragment_length(inside, 1) == 1


class EngineTests(TLSTestCase):
    """
    Tests for L{Engine}.
    """

    kind: type[Engine] = Engine

    def connect(self, version: Any = VERSIONS[1]) -> tuple[Stranger, Engine]:
        return self.connect_by(self.client_context(version))

    def connect_by(self, context: ssl.SSLContext, **options: Any) -> tuple[Stranger, Engine]:
        """
        @return: a client, and the engine that it has shaken hands with.
        """
        connection = listener(self.pair, **options).serverConnectionForTLS(None)
        connection.set_accept_state()
        held = Held(connection, self.kind)
        stranger = Stranger(cast("Any", held), context).shake_hands()
        self.assertEqual(held.engine.drain(), b"")
        self.assertIsInstance(held.engine.stopped, SSL.WantReadError)
        held.engine.stopped = None
        self.held = held
        return stranger, held.engine

    def test_whole(self) -> None:
        """
        A record that comes whole is decrypted, and nobody is asked for more.
        """
        for version in VERSIONS:
            stranger, engine = self.connect(version)
            self.assertEqual(engine.decrypt(stranger.encrypted(b"hello")), b"hello")
            self.assertIsNone(engine.stopped)

    def test_cut(self) -> None:
        """
        One that comes byte by byte is decrypted with its last.
        """
        stranger, engine = self.connect()
        octets = stranger.encrypted(b"hello")
        heard = [engine.decrypt(octets[at : at + 1]) for at in range(len(octets))]
        self.assertEqual(heard, [b""] * (len(octets) - 1) + [b"hello"])
        self.assertIsNone(engine.stopped)

    def test_notices(self) -> None:
        """
        The notice of closing is ready when it was asked for, and it is known whether the
        other side has sent its own; before the handshake there is none.
        """
        stranger, engine = self.connect()
        self.assertFalse(engine.notify())
        self.held.received = engine.output()
        self.assertRaises(ssl.SSLZeroReturnError, stranger.hear)
        stranger.close()
        engine.decrypt(self.held.late)
        self.assertIsInstance(engine.stopped, SSL.ZeroReturnError)
        self.assertTrue(engine.notify())
        connection = listener(self.pair).serverConnectionForTLS(None)
        connection.set_accept_state()
        early = self.kind(connection)
        self.assertEqual((early.notify(), early.output()), (False, b""))

    def test_looks_whole(self) -> None:
        """
        The rest of a record may look like a record of its own: it is none.
        """
        stranger, engine = self.connect()
        for _ in range(1000):
            octets = stranger.encrypted(bytes(LARGEST))
            cut = misleading(octets)
            self.assertEqual(engine.decrypt(octets[:cut]) + engine.decrypt(octets[cut:]), bytes(LARGEST))
            if cut:
                break
        self.assertTrue(cut, "no record of so many could be cut so")
        self.assertEqual(engine.decrypt(stranger.encrypted(b"next")), b"next")
        octets = stranger.encrypted(b"last")
        self.assertEqual(engine.decrypt(octets[:7]) + engine.decrypt(octets[7:]), b"last")

    def test_many(self) -> None:
        """
        Many that come at once are decrypted at once, whatever their sizes.
        """
        stranger, engine = self.connect()
        pieces = [bytes([size % 251]) * size for size in (1, LARGEST, 700, 2, LARGEST, LARGEST, 3)]
        octets = stranger.encrypted(*pieces)
        self.assertEqual(engine.decrypt(octets[:-10]), b"".join(pieces[:-1]))
        self.assertEqual(engine.decrypt(octets[-10:]), pieces[-1])
        self.assertIsNone(engine.stopped)

    def test_notice(self) -> None:
        """
        The notice of closing stops the reading, and what came before it is not lost.
        """
        for version in VERSIONS:
            stranger, engine = self.connect(version)
            octets = stranger.encrypted(b"last")
            self.assertRaises(ssl.SSLWantReadError, stranger.tls.unwrap)
            self.assertEqual(engine.decrypt(octets + stranger.encrypted()), b"last")
            self.assertIsInstance(engine.stopped, SSL.ZeroReturnError)

    def test_broken(self) -> None:
        """
        A record that was changed on its way stops the reading, and says why.
        """
        stranger, engine = self.connect()
        octets = stranger.encrypted(b"good", b"bad")
        self.assertEqual(engine.decrypt(octets[:-1] + bytes([octets[-1] ^ 1])), b"good")
        self.assertIn("bad record mac", str(engine.stopped))

    def test_too_long(self) -> None:
        """
        So does one that is too long, before it has come.
        """
        _, engine = self.connect()
        engine.decrypt(b"\x17\x03\x03\xff\xff")
        self.assertIn("length too long", str(engine.stopped))

    def test_other_records(self) -> None:
        """
        Session tickets, which come as records too, are not taken for application data:
        all that comes with them is decrypted, although reading was stopped once.
        """
        connection = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
        connection.set_connect_state()
        held = Held(connection, self.kind)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair)
        held.shake_hands()
        stranger = Stranger(cast("Any", held), context, server=True).shake_hands()
        pieces = (b"hello", bytes(LARGEST), bytes(LARGEST), b"end")
        self.assertEqual(held.engine.decrypt(held.late + stranger.encrypted(*pieces)), b"".join(pieces))
        self.assertIsInstance(held.engine.stopped, SSL.WantReadError)

    def test_one_record(self) -> None:
        """
        What fits into one record becomes one.
        """
        for version in VERSIONS:
            stranger, engine = self.connect(version)
            for size in (1, SEGMENT, LARGEST):
                octets = engine.encrypt(b"x" * size)
                self.assertEqual(len(lengths(octets)), 1)
                self.held.received = octets
                self.assertEqual(stranger.hear(), b"x" * size)

    def test_burst(self) -> None:
        """
        More becomes short records for as much as is asked for, then long ones.
        """
        stranger, engine = self.connect()
        data = bytes(range(256)) * (BURST // 256)
        octets = engine.encrypt_burst(data, 2 * SEGMENT)
        sizes = lengths(octets)
        self.assertEqual([sizes[0], sizes[1], sizes[2]], [SEGMENT + 17, SEGMENT + 17, LARGEST + 17])
        self.assertEqual(len(sizes), 2 + BURST // LARGEST)
        self.held.received = octets
        self.assertEqual(stranger.hear(), data)

    def test_short_records(self) -> None:
        """
        Where the other side wants records so short that a burst becomes much more, all of it
        is there at once.
        """
        want_short_records(self.context)
        stranger, engine = self.connect_by(self.context, ciphers=LENGTHENING)
        data = bytes(range(256)) * (BURST // 256)
        octets = engine.encrypt_burst(data, 2 * SEGMENT)
        self.assertGreater(len(octets), BURST + LARGEST)
        self.held.received = octets
        self.assertEqual(stranger.hear(), data)
        self.assertEqual(engine.output(), b"")

    def test_said_before(self) -> None:
        """
        What OpenSSL had to say before goes before, however much there is of it.
        """
        stranger, engine = self.connect()
        for _ in range(3):
            self.held.openssl.send(b"s" * LARGEST)
        self.held.received = engine.encrypt_burst(b"b" * BURST, 0)
        self.assertEqual(stranger.hear(), b"s" * 3 * LARGEST + b"b" * BURST)

    def test_blocked(self) -> None:
        """
        Before the handshake is done nothing is taken, and nothing is wrong.
        """
        connection = listener(self.pair).serverConnectionForTLS(None)
        connection.set_accept_state()
        engine = self.kind(connection)
        for encrypt in (lambda: engine.encrypt(b"early"), lambda: engine.encrypt_burst(b"early", 0)):
            blocked = self.assertRaises(WriteBlocked, encrypt)
            self.assertEqual((blocked.encrypted, blocked.taken), (b"", 0))

    def test_writing_broken(self) -> None:
        """
        What OpenSSL does not let out any more is an error.
        """
        _, engine = self.connect()
        self.held.openssl.shutdown()
        self.assertRaises(SSL.Error, engine.encrypt, b"late")
        self.assertRaises(SSL.Error, engine.encrypt_burst, b"late", 0)


class RawEngineTests(EngineTests):
    """
    Tests for L{RawEngine}.
    """

    kind = RawEngine

    def test_available(self) -> None:
        """
        The pyOpenSSL that we are tested with has what it needs, and real connections get it.
        """
        self.assertTrue(AVAILABLE)
        self.assertIs(type(engine_for(SSL.Connection(SSL.Context(SSL.TLS_METHOD), None))), RawEngine)

    def test_not_available(self) -> None:
        """
        What has nothing inside is served by what it shows.
        """
        self.assertIs(type(engine_for(cast("Any", object()))), Engine)

    def test_nothing(self) -> None:
        """
        Nothing becomes nothing, above all nothing of other connections.
        """
        _, engine = self.connect()
        self.assertEqual((engine.encrypt(b""), engine.output(), engine.decrypt(b"")), (b"", b"", b""))
