"""
Tests of L{revproxy.edge.turn}.
"""

from __future__ import annotations

import errno
from typing import Any, cast

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IReactorFDSet
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.tcp import Connection
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.edge.http1 import Http1Connection
from revproxy.edge.turn import LARGE, TurnWriter, collects_for
from tests.edge.proxied import Proxied
from tests.reactor.in_memory import connected


class ScriptedSocket:
    """
    A socket that takes so many octets and no more.
    """

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.room = 1_000_000
        self.shut = False
        self.failure: Exception | None = None

    def send(self, data: bytes) -> int:
        if self.failure is not None:
            raise self.failure
        if not self.room:
            raise OSError(errno.EWOULDBLOCK, "full")
        taken = bytes(data[: self.room])
        self.room -= len(taken)
        self.sent.append(taken)
        return len(taken)

    def setblocking(self, blocking: bool) -> None:
        pass

    def shutdown(self, how: int) -> None:
        self.shut = True

    def fileno(self) -> int:
        return -1

    def setsockopt(self, *option: object) -> None:
        pass

    def close(self) -> None:
        self.shut = True


@implementer(IReactorFDSet)
class PollingClock(Clock):
    """
    A clock that watches descriptors, too, as far as they wait for writing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writers: set[object] = set()

    def addReader(self, reader: object) -> None:
        pass

    def removeReader(self, reader: object) -> None:
        pass

    def addWriter(self, writer: object) -> None:
        self.writers.add(writer)

    def removeWriter(self, writer: object) -> None:
        self.writers.discard(writer)

    def removeAll(self) -> list[Any]:
        return []

    def getReaders(self) -> list[Any]:
        return []

    def getWriters(self) -> list[Any]:
        return list(self.writers)


class AddressedConnection(Connection):
    """
    A connection that knows who is at its ends.
    """

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", "192.0.2.7", 50000)

    getHost = getPeer


class TurnTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = PollingClock()
        self.turn = TurnWriter(self.clock)
        self.socket, self.transport = self.connection()
        self.write = self.turn.writer(self.transport)

    def connection(self) -> tuple[ScriptedSocket, Connection]:
        socket = ScriptedSocket()
        transport = Connection(cast(Any, socket), Protocol(), self.clock)
        transport.connected = True
        return socket, transport

    def writable(self) -> None:
        """
        The socket takes more, as the reactor finds out.
        """
        self.socket.room = 1_000_000
        if self.transport in self.clock.writers:
            self.transport.doWrite()

    def test_at_the_end_of_the_turn(self) -> None:
        """
        What is written during a turn is sent at its end, in order, to whom it belongs.
        """
        socket, transport = self.connection()
        self.write(b"1")
        self.turn.writer(transport)(b"a")
        self.write(b"2")
        self.assertEqual((self.socket.sent, socket.sent), ([], []))
        self.clock.advance(0)
        self.assertEqual((b"".join(self.socket.sent), socket.sent), (b"12", [b"a"]))
        self.assertEqual(self.clock.writers, set())

    def test_one_call_a_turn(self) -> None:
        """
        One call is scheduled, however much is written, and none when it was made.
        """
        self.write(b"1")
        self.write(b"2")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_full(self) -> None:
        """
        What the socket does not take waits in the transport, and what is written later
        waits behind it.
        """
        self.socket.room = 2
        self.write(b"123")
        self.write(b"456")
        self.clock.advance(0)
        self.socket.room = 1_000_000
        self.write(b"789")
        self.clock.advance(0)
        self.assertEqual(self.socket.sent, [b"12"])
        self.writable()
        self.assertEqual(b"".join(self.socket.sent), b"123456789")

    def test_one_that_fails(self) -> None:
        """
        A transport that raises is given up, and what was written to others is sent.
        """
        self.socket.failure = ValueError("broken")
        other = connected(Protocol())
        self.write(b"1")
        self.turn.writer(other)(b"2")
        self.clock.advance(0)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.assertTrue(self.socket.shut)
        self.assertEqual(other.uv.sent, b"2")

    def test_one_after_the_other(self) -> None:
        """
        What is written to a connection in a row, a response and the notice of closing for
        one, goes out in one piece.
        """
        self.write(b"1")
        self.write(b"2")
        self.clock.advance(0)
        self.assertEqual(self.socket.sent, [b"12"])

    def test_lost(self) -> None:
        """
        What is written to a connection that is gone by the end of the turn goes nowhere.
        """
        self.write(b"1")
        self.transport.connected = False
        self.clock.advance(0)
        self.assertEqual(self.socket.sent, [])
        self.assertEqual(self.clock.writers, set())

    def test_closed_in_the_same_turn(self) -> None:
        """
        What was written before a connection was closed is sent before it is.
        """
        self.write(b"1")
        self.transport.loseConnection()
        self.clock.advance(0)
        self.writable()
        self.assertEqual(self.socket.sent, [b"1"])

    def test_sent_before_closing(self) -> None:
        """
        Where earlier octets wait in the transport, which may be found writable in this very
        turn, what was written is handed over before the connection is closed.
        """
        self.socket.room = 0
        self.write(b"1")
        self.clock.advance(0)
        self.write(b"2")
        self.turn.send()
        self.transport.loseConnection()
        self.writable()
        self.assertEqual(b"".join(self.socket.sent), b"12")
        self.clock.advance(0)
        self.assertEqual(b"".join(self.socket.sent), b"12")

    def test_other_transports(self) -> None:
        """
        Transports that are not Twisted's own TCP are written to at once.
        """
        transport = StringTransport()
        self.turn.writer(transport)(b"1")
        self.assertEqual(transport.value(), b"1")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_without_a_writer(self) -> None:
        """
        Whoever keeps no writer can write as well, where it may wait for the turn's end.
        """
        kinds = (self.transport, connected(Protocol()), StringTransport())
        self.assertEqual([collects_for(transport) for transport in kinds], [True, True, False])
        self.write(b"1")
        self.turn.write(self.transport, b"2")
        self.assertEqual(self.socket.sent, [])
        self.clock.advance(0)
        self.assertEqual(self.socket.sent, [b"12"])

    def test_last_octets_of_a_slow_client(self) -> None:
        """
        A client's connection hands over the end of the last answer before it closes.
        """
        proxied = Proxied()
        protocol, socket = Http1Connection(proxied.settings), ScriptedSocket()
        transport = AddressedConnection(cast(Any, socket), protocol, self.clock)
        transport.connected = True
        protocol.makeConnection(transport)
        protocol.dataReceived(b"GET / HTTP/1.0\r\n\r\n")
        socket.room = 0
        proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        proxied.origin.send_in_turn(b"cd")
        socket.room = 1_000_000
        transport.doWrite()
        proxied.advance(0)
        self.assertTrue(b"".join(socket.sent).endswith(b"\r\n\r\nabcd"))


class OurTransportsTests(SynchronousTestCase):
    """
    The transports of our reactor.
    """

    def setUp(self) -> None:
        self.connection = connected(Protocol())
        self.turn = TurnWriter(cast(Any, self.connection.reactor))
        self.write = self.turn.writer(self.connection)

    def test_at_the_end_of_the_turn(self) -> None:
        """
        What is written during a turn is sent at its end, and again in the next.
        """
        self.write(b"1")
        self.write(b"2")
        self.assertEqual(self.connection.uv.sent, b"")
        self.connection.turn()
        self.assertEqual(self.connection.uv.sent, b"12")
        self.write(b"3")
        self.connection.turn()
        self.assertEqual(self.connection.uv.sent, b"123")

    def test_large(self) -> None:
        """
        A large piece goes at once, and all that was written before it.
        """
        self.write(b"1")
        self.write(b"2" * (LARGE + 1))
        self.assertEqual(len(self.connection.uv.sent), LARGE + 2)
        self.connection.turn()
        self.assertEqual(len(self.connection.uv.sent), LARGE + 2)

    def test_ended_in_the_turn(self) -> None:
        """
        What was written to a connection that has ended since is dropped.
        """
        self.write(b"1")
        self.connection.connection_lost(None)
        self.connection.turn()
        self.assertEqual(self.connection.uv.sent, b"")
