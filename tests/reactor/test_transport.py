"""
Tests for L{revproxy.reactor.transport}; what needs sockets is in C{tests/live}.
"""

from __future__ import annotations

from errno import EBADF

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.main import CONNECTION_LOST
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.reactor.in_memory import PEER, Recorder, connected


class Named(Protocol):
    @override
    def logPrefix(self) -> str:
        return "a name"


def raised(error: Exception) -> Exception:
    """
    An exception that was raised somewhere.
    """
    try:
        raise error
    except type(error) as caught:
        return caught


class EndTests(SynchronousTestCase):
    """
    What a protocol is told at the end of its connection.
    """

    def setUp(self) -> None:
        self.protocol = Recorder()
        self.connection = connected(self.protocol)

    def assertLost(self, *kinds: type[Exception]) -> None:
        self.assertEqual([type(each) for each in self.protocol.lost], list(kinds))

    def test_in_good_order(self) -> None:
        """
        uvloop knows of no error.
        """
        self.connection.connection_lost(None)
        self.assertLost(ConnectionDone)

    def test_by_the_network(self) -> None:
        """
        An error of the network is Twisted's L{ConnectionLost}.
        """
        self.connection.connection_lost(ConnectionResetError(104, "reset"))
        self.assertLost(ConnectionLost)

    def test_by_the_protocol(self) -> None:
        """
        What the protocol has raised is the reason; it is logged once, here if it looks
        like an error of the network.
        """
        self.connection.connection_lost(raised(OSError("a bug")))
        self.assertLost(OSError)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_by_the_reactor(self) -> None:
        """
        The reactor stops: the protocol is told at once, and only once.
        """
        self.connection.connectionLost(Failure(CONNECTION_LOST))
        self.connection.connection_lost(None)
        self.assertLost(ConnectionLost)
        self.assertTrue(self.connection.uv.aborted)

    def test_forgotten(self) -> None:
        """
        The reactor and the connection let go of each other and of the protocol; the
        peer's address stays known.
        """
        self.connection.connection_lost(None)
        self.assertEqual(self.connection.reactor.streams, set())
        self.assertIsNone(self.connection.protocol)
        self.assertEqual(self.connection.getPeer(), PEER)
        self.assertEqual((self.connection.connected, self.connection.disconnected), (False, True))


class AfterTheEndTests(SynchronousTestCase):
    """
    What is left of the socket, which nobody had asked for, after the end: uvloop still has
    the descriptor as it tells us, and closes it then.
    """

    def setUp(self) -> None:
        self.connection = connected(Recorder())
        self.connection.connection_lost(None)

    def test_descriptor(self) -> None:
        """
        There is none.
        """
        self.assertEqual(self.connection.fileno(), -1)
        self.assertEqual(self.connection.getHandle().fileno(), -1)

    def test_duplicate(self) -> None:
        """
        What is not there cannot be duplicated.
        """
        self.assertRaises(OSError, self.connection.getHandle().duplicate)

    def test_options(self) -> None:
        """
        The options of a closed socket cannot be read, nor set.
        """
        for read in (self.connection.getTcpNoDelay, self.connection.getTcpKeepAlive):
            self.assertEqual(self.assertRaises(OSError, read).errno, EBADF)
        for write in (self.connection.setTcpNoDelay, self.connection.setTcpKeepAlive):
            self.assertEqual(self.assertRaises(OSError, write, True).errno, EBADF)

    def test_close(self) -> None:
        """
        To end it again does no harm.
        """
        self.connection.abortConnection()
        self.connection.loseConnection()
        self.assertFalse(self.connection.uv.closed)


class ProtocolTests(SynchronousTestCase):
    def test_another(self) -> None:
        """
        A protocol that is put in the place of another gets what comes then.
        """
        first, second = Recorder(), Recorder()
        connection = connected(first)
        connection.receive(b"one")
        connection.protocol = second
        connection.receive(b"two")
        self.assertEqual((first.data, second.data), ([b"one"], [b"two"]))

    def test_another_method(self) -> None:
        """
        So does a method that a protocol puts in the place of its own.
        """
        protocol = Recorder()
        connection = connected(protocol)
        data: list[bytes] = []
        protocol.dataReceived = data.append  # type: ignore[method-assign, assignment]
        connection.receive(b"two")
        self.assertEqual((protocol.data, data), ([], [b"two"]))

    def test_prefix(self) -> None:
        """
        The log's prefix is the protocol's.
        """
        self.assertEqual(connected(Named()).logPrefix(), "a name")
        self.assertEqual(connected(Recorder()).logPrefix(), "Recorder")
