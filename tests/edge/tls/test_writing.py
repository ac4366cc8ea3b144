"""
Tests for L{revproxy.edge.tls.writing}: what OpenSSL hardly ever does, done by a stand-in.

What it does every day is tested with L{revproxy.edge.tls.protocol}.
"""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from typing_extensions import override

from revproxy.edge.tls.engine import BURST, Engine, WriteBlocked
from revproxy.edge.tls.protocol import TLSProtocol
from revproxy.edge.turn import TurnWriter
from tests.edge.memory import MemoryConnection
from tests.edge.tls.stranger import ADDRESS, TLSTestCase
from tests.sources import on_sources


class Plain(Engine):
    """
    Encrypts nothing, and stops where it is told to.

    @ivar blocked_at: the octet before which it asks for something to read first.
    @ivar says: what OpenSSL itself would have to say.
    """

    def __init__(self) -> None:
        super().__init__(SSL.Connection(SSL.Context(SSL.TLS_METHOD), None))
        self.blocked_at: int | None = None
        self.taken = 0
        self.says = b""
        self.behind = b""

    @override
    def shake_hands(self) -> bool:
        return True

    @override
    def feed(self, data: bytes) -> None:
        self.behind += data

    @override
    def drain(self) -> bytes:
        self.stopped = SSL.WantReadError()
        return self.behind

    @override
    def decrypt(self, data: bytes) -> bytes:
        self.stopped = SSL.WantReadError()
        return b""

    @override
    def encrypt(self, data: bytes) -> bytes:
        return self.encrypt_burst(data, 0)

    @override
    def encrypt_burst(self, data: bytes, short: int) -> bytes:
        if self.blocked_at is not None and self.taken + len(data) > self.blocked_at:
            room = self.blocked_at - self.taken
            self.taken += room
            raise WriteBlocked(data[:room], room)
        self.taken += len(data)
        return data

    @override
    def output(self) -> bytes:
        said, self.says = self.says, b""
        return said


class StandInTestCase(TLSTestCase):
    def connect(self, speaks_first: bool = False) -> MemoryConnection:
        """
        @return: the transport below a connection whose encryption is replaced.
        """
        factory = self.factory()
        connection = self.below(factory)
        factory.speaks_first = speaks_first
        tls = self.ours.transport
        assert isinstance(tls, TLSProtocol)
        self.plain = tls._engine = Plain()
        return connection


@on_sources
class BlockedTests(StandInTestCase):
    """
    OpenSSL may want to read before it goes on writing.
    """

    def blocked(self, data: bytes, at: int) -> MemoryConnection:
        """
        Write, with a producer, until OpenSSL takes no more.
        """
        connection = self.connect()
        connection.send(b"")
        connection.received = b""
        self.ours.transport.registerProducer(self.ours, True)
        self.plain.blocked_at = at
        self.plain.says = b"<what?>"
        self.ours.transport.write(data)
        return connection

    def test_held(self) -> None:
        """
        What was taken goes out, and what OpenSSL asks; the rest is held, the producer
        waits, and all goes on when something has come.
        """
        for size in (100, 3 * BURST):
            data = bytes(range(100)) * (size // 100)
            connection = self.blocked(data, at=size - 40)
            self.ours.transport.write(b"more")
            self.assertEqual(connection.received, data[: size - 40] + b"<what?>")
            self.assertEqual(self.ours.told, ["handshake", "pause"])
            self.plain.blocked_at = None
            connection.received = b""
            connection.send(b"something")
            self.assertEqual(connection.received, data[size - 40 :] + b"more")
            self.assertEqual(self.ours.told, ["handshake", "pause", "resume"])

    def test_closing(self) -> None:
        """
        To close waits for what is held.
        """
        connection = self.blocked(b"goodbye", at=4)
        self.ours.transport.unregisterProducer()
        self.ours.transport.loseConnection()
        self.assertEqual(connection.received, b"good<what?>")
        self.plain.blocked_at = None
        connection.send(b"something")
        self.assertEqual(connection.received, b"good<what?>bye")
        self.ours.transport.write(b"late")
        self.assertEqual(connection.received, b"good<what?>bye")


@on_sources
class SayingTests(StandInTestCase):
    """
    What OpenSSL has to say at the end of a handshake.
    """

    def test_server(self) -> None:
        """
        A server that was asked something behind the handshake says it with the answer.
        """
        connection = self.connect()
        self.plain.says = b"<tickets>"
        connection.send(b"question")
        self.assertEqual((self.ours.heard, connection.received), (b"question", b""))

    def test_client(self) -> None:
        """
        A client says it in any case: the server waits for it.
        """
        connection = self.connect(speaks_first=True)
        self.plain.says = b"<finished>"
        connection.send(b"greeting")
        self.assertEqual((self.ours.heard, connection.received), (b"greeting", b"<finished>"))


@on_sources
class ClosingTests(TLSTestCase):
    """
    Closing the transport below.
    """

    def test_turn(self) -> None:
        """
        What the turn has brought is sent before.
        """
        order: list[str] = []

        class Turn(TurnWriter):
            def send(self) -> None:
                order.append("send")

        class Below(MemoryConnection):
            def loseConnection(self) -> None:
                order.append("close")
                super().loseConnection()

        self.turn = Turn(self.clock)
        protocol: Any = self.factory().buildProtocol(ADDRESS)
        Below(self.clock, ADDRESS, ADDRESS).join(protocol).send(b"no TLS at all")
        self.assertEqual(order, ["send", "close"])
