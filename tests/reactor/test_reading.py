"""
Tests for L{revproxy.reactor.reading}.
"""

from __future__ import annotations

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.reactor.pieces import LASTING, PIECE
from revproxy.reactor.transport import StreamTransport
from tests.reactor.in_memory import Connection, Recorder, connected


class PausesAtOnce(Recorder):
    transport: StreamTransport

    @override
    def connectionMade(self) -> None:
        self.transport.pauseProducing()


@implementer(IHalfCloseableProtocol)
class KnowsOfEnds(Recorder):
    def __init__(self) -> None:
        super().__init__()
        self.ended = False

    def readConnectionLost(self) -> None:
        self.ended = True

    def writeConnectionLost(self) -> None:
        pass


class PausedAtOnceTests(SynchronousTestCase):
    """
    C{pauseProducing} in C{connectionMade}, although uvloop begins to read after that.
    """

    def setUp(self) -> None:
        self.protocol = PausesAtOnce()
        self.connection = connected(self.protocol)

    def test_takes_effect(self) -> None:
        """
        Reading stops, and what was read before that is kept.
        """
        self.connection.receive(b"one")
        self.connection.turn()
        self.assertFalse(self.connection.uv.reading)
        self.assertEqual(self.protocol.data, [])

    def test_resumed(self) -> None:
        """
        What was kept is delivered in the next turn, and more is read.
        """
        self.connection.receive(b"one")
        self.connection.receive(b"two")
        self.connection.turn()
        self.connection.resumeProducing()
        self.assertEqual(self.protocol.data, [])
        self.connection.turn()
        self.assertEqual(self.protocol.data, [b"onetwo"])
        self.assertTrue(self.connection.uv.reading)

    def test_resumed_at_once(self) -> None:
        """
        A pause that was taken back before it took effect changes nothing.
        """
        self.connection.resumeProducing()
        self.connection.turn()
        self.connection.receive(b"one")
        self.assertEqual(self.protocol.data, [b"one"])
        self.assertTrue(self.connection.uv.reading)

    def test_end_is_kept(self) -> None:
        """
        That the peer has ended is told after what it sent, when reading goes on.
        """
        self.connection.receive(b"all")
        self.connection.eof_received()
        self.connection.turn()
        self.assertFalse(self.connection.uv.aborted)
        self.connection.resumeProducing()
        self.connection.turn()
        self.assertEqual(self.protocol.data, [b"all"])
        self.assertTrue(self.connection.uv.aborted)

    def test_paused_again(self) -> None:
        """
        A protocol that pauses when it gets what was kept gets no more.
        """
        self.connection.turn()
        self.connection.resumeProducing()
        self.connection.pauseProducing()
        self.connection.turn()
        self.assertFalse(self.connection.uv.reading)


class EndTests(SynchronousTestCase):
    """
    The peer ends its direction.
    """

    def end(self, connection: Connection) -> None:
        self.assertTrue(connection.eof_received())
        connection.uv.pause_reading()

    def test_half_closeable(self) -> None:
        """
        A protocol that knows of half-closed connections is told, and can go on writing.
        """
        protocol = KnowsOfEnds()
        connection = connected(protocol)
        self.end(connection)
        self.assertTrue(protocol.ended)
        connection.write(b"still")
        self.assertEqual(connection.uv.sent, b"still")

    def test_other(self) -> None:
        """
        For any other it is the end of the connection.
        """
        connection = connected(Recorder())
        self.end(connection)
        self.assertTrue(connection.uv.aborted)

    def test_not_read_on(self) -> None:
        """
        To resume does not read on after the end.
        """
        connection = connected(KnowsOfEnds())
        self.end(connection)
        connection.resumeProducing()
        self.assertFalse(connection.uv.reading)
        self.assertFalse(connection.is_reading())


class PauseTests(SynchronousTestCase):
    def test_pause(self) -> None:
        """
        Reading stops and begins as the protocol wants.
        """
        connection = connected(Recorder())
        connection.pauseProducing()
        self.assertEqual((connection.uv.reading, connection.is_reading()), (False, False))
        connection.resumeProducing()
        self.assertEqual((connection.uv.reading, connection.is_reading()), (True, True))

    def test_closing(self) -> None:
        """
        A connection that is being closed is not read any more, whoever resumes it.
        """
        connection = connected(Recorder())
        connection.loseConnection()
        connection.uv.pause_reading()
        connection.resumeProducing()
        self.assertFalse(connection.uv.reading)


class PiecesTests(SynchronousTestCase):
    """
    Whoever wants something left in the socket has little read at a time.
    """

    def setUp(self) -> None:
        self.protocol = Recorder()
        self.connection = connected(self.protocol)
        self.connection.read_in_pieces()

    def sizes(self) -> list[int]:
        """
        How much was read, each time, since this was asked before.
        """
        sizes = [len(data) for data in self.protocol.data]
        self.protocol.data.clear()
        return sizes

    def test_no_more_than_a_piece(self) -> None:
        """
        No more than a piece is read at a time, and nothing is lost.
        """
        data = bytes(range(256)) * (PIECE // 256) + b"rest"
        self.connection.receive(data)
        self.assertEqual(b"".join(self.protocol.data), data)
        self.assertEqual(self.sizes(), [PIECE, 4])

    def test_for_a_while(self) -> None:
        """
        After a number of pieces all that has come is read at once again.
        """
        self.connection.receive(b"x" * (PIECE * LASTING))
        self.assertEqual(self.sizes(), [PIECE] * LASTING)
        self.connection.receive(b"x" * (PIECE * 2))
        self.assertEqual(self.sizes(), [PIECE * 2])

    def test_asked_for_anew(self) -> None:
        """
        Who asks again has as many pieces again.
        """
        self.connection.receive(b"x" * (PIECE * (LASTING - 1)))
        self.connection.read_in_pieces()
        self.connection.receive(b"x" * (PIECE * LASTING))
        self.assertEqual(self.sizes(), [PIECE] * (2 * LASTING - 1))

    def test_other_protocol(self) -> None:
        """
        A protocol that is put in another's place has not asked for it.
        """
        self.connection.protocol = other = Recorder()
        self.connection.receive(b"x" * (PIECE + 1))
        self.assertEqual(len(other.data), 1)

    def test_end(self) -> None:
        """
        A connection that has ended does not refer to itself: all goes at once.
        """
        self.connection.connection_lost(None)
        self.connection.read_in_pieces()
        self.assertFalse({"get_buffer", "buffer_updated"} & set(vars(self.connection)))

    def test_paused_at_once(self) -> None:
        """
        What came before a pause took effect is delivered as it would have been.
        """
        protocol = PausesAtOnce()
        connection = connected(protocol)
        connection.read_in_pieces()
        connection.receive(b"one")
        connection.turn()
        connection.resumeProducing()
        connection.turn()
        self.assertEqual(protocol.data, [b"one"])
