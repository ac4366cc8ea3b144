"""
Tests for L{revproxy.reactor.writing}.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from tests.reactor.in_memory import Recorder, connected

LARGE = b"x" * 100_000


@implementer(IHalfCloseableProtocol)
class Halves(Recorder):
    told = 0

    def readConnectionLost(self) -> None:
        pass

    def writeConnectionLost(self) -> None:
        self.told += 1


class BuggyHalves(Halves):
    @override
    def writeConnectionLost(self) -> None:
        raise ZeroDivisionError


class Producer:
    """
    Remembers what it was told, and writes what it is to write when it is resumed.
    """

    def __init__(self, connection: Any, *pieces: bytes) -> None:
        self.connection = connection
        self.pieces = list(pieces)
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")
        if self.pieces:
            self.connection.write(self.pieces.pop(0))

    def stopProducing(self) -> None:
        self.told.append("stop")


class Buggy(Producer):
    @override
    def resumeProducing(self) -> None:
        raise ZeroDivisionError


class Case(SynchronousTestCase):
    """
    A connection of a protocol that knows of half-closed ones.
    """

    def setUp(self) -> None:
        self.protocol = Halves()
        self.connection = connected(self.protocol)
        self.uv = self.connection.uv


class WriteTests(Case):
    def test_is_uvloops(self) -> None:
        """
        To write is to call uvloop's own method.
        """
        self.assertEqual(self.connection.write, self.uv.write)

    def test_sequence(self) -> None:
        """
        A sequence goes out as one piece.
        """
        self.connection.writeSequence([b"a", b"b"])
        self.assertEqual(self.uv.sent, b"ab")

    def test_sequence_of_text(self) -> None:
        """
        What is not bytes is refused, and nothing is sent.
        """
        wrong: list[Any] = [b"a", "b"]
        self.assertRaises(TypeError, self.connection.writeSequence, wrong)
        self.assertEqual(self.uv.sent, b"")

    def test_after_closing(self) -> None:
        """
        Nothing is sent after C{loseConnection}, nor after the end.
        """
        self.connection.loseConnection()
        self.connection.write(b"late")
        self.connection.connection_lost(None)
        self.connection.write(b"later")
        self.connection.writeSequence([b"later"])
        self.assertEqual(self.uv.sent, b"")
        self.assertTrue(self.uv.closed)


class StreamingProducerTests(Case):
    def setUp(self) -> None:
        super().setUp()
        self.producer = Producer(self.connection)

    def test_pauses(self) -> None:
        """
        It is paused when more waits than 64 KiB, and resumed when all has gone.
        """
        self.connection.registerProducer(self.producer, True)
        self.uv.room = 0
        self.connection.write(LARGE)
        self.assertEqual(self.producer.told, ["pause"])
        self.uv.take_all()
        self.assertEqual(self.producer.told, ["pause", "resume"])

    def test_registered_late(self) -> None:
        """
        One that comes while too much waits is paused at once.
        """
        self.uv.room = 0
        self.connection.write(LARGE)
        self.connection.registerProducer(self.producer, True)
        self.assertEqual(self.producer.told, ["pause"])

    def test_one_at_a_time(self) -> None:
        """
        A second one is refused.
        """
        self.connection.registerProducer(self.producer, True)
        self.assertRaises(RuntimeError, self.connection.registerProducer, self.producer, True)

    def test_after_the_end(self) -> None:
        """
        One that comes after the end is stopped.
        """
        self.connection.connection_lost(None)
        self.connection.registerProducer(self.producer, True)
        self.assertEqual(self.producer.told, ["stop"])

    def test_stopped_at_the_end(self) -> None:
        """
        The end of the connection stops it.
        """
        self.connection.registerProducer(self.producer, True)
        self.connection.connection_lost(None)
        self.assertEqual(self.producer.told, ["stop"])

    def test_not_waited_for(self) -> None:
        """
        One that could write and has not does not hold up closing.
        """
        self.connection.registerProducer(self.producer, True)
        self.connection.loseConnection()
        self.assertTrue(self.uv.closed)

    def test_waited_for(self) -> None:
        """
        One that is paused may write the rest, and closing waits until it has ended.
        """
        self.producer.pieces = [b"the rest"]
        self.connection.registerProducer(self.producer, True)
        self.uv.room = 0
        self.connection.write(LARGE)
        self.connection.loseConnection()
        self.uv.take_all()
        self.assertEqual((self.uv.sent, self.uv.closed), (LARGE + b"the rest", False))
        self.connection.unregisterProducer()
        self.assertTrue(self.uv.closed)

    def test_buffer_size(self) -> None:
        """
        Where C{bufferSize} was set, more than that in one piece pauses it for a turn,
        though all of it has gone.
        """
        self.connection.bufferSize = 10
        self.connection.registerProducer(self.producer, True)
        self.connection.write(b"ten octets")
        self.assertEqual(self.producer.told, [])
        self.connection.write(b"eleven octe")
        self.assertEqual(self.producer.told, ["pause"])
        self.connection.turn()
        self.assertEqual(self.producer.told, ["pause", "resume"])

    def test_bug(self) -> None:
        """
        What it raises is logged, and ends the connection.
        """
        self.connection.registerProducer(Buggy(self.connection), True)
        self.uv.room = 0
        self.connection.write(LARGE)
        self.uv.take_all()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertTrue(self.uv.aborted)


class PullProducerTests(Case):
    def test_asked_again(self) -> None:
        """
        It is asked at once, and then a turn after it has written, not otherwise.
        """
        producer = Producer(self.connection, b"a", b"b")
        self.connection.registerProducer(producer, False)
        self.assertEqual(self.uv.sent, b"a")
        self.connection.turn()
        self.assertEqual(self.uv.sent, b"ab")
        self.connection.turn()
        self.connection.turn()
        self.assertEqual(producer.told, ["resume"] * 3)

    def test_waits(self) -> None:
        """
        It is not asked while anything waits to be sent.
        """
        producer = Producer(self.connection, b"a", b"b")
        self.uv.room = 0
        self.connection.registerProducer(producer, False)
        self.connection.turn()
        self.assertEqual(producer.told, ["resume"])
        self.uv.take_all()
        self.assertEqual(producer.told, ["resume", "resume"])

    def test_unregistered(self) -> None:
        """
        After it writing is uvloop's again, and it is not asked any more.
        """
        producer = Producer(self.connection, b"a")
        self.connection.registerProducer(producer, False)
        self.connection.unregisterProducer()
        self.connection.turn()
        self.assertEqual(producer.told, ["resume"])
        self.assertEqual(self.connection.write, self.uv.write)

    def test_waited_for(self) -> None:
        """
        Closing waits until it has ended.
        """
        producer = Producer(self.connection, b"a", b"b")
        self.connection.registerProducer(producer, False)
        self.connection.loseConnection()
        self.connection.turn()
        self.assertEqual((self.uv.sent, self.uv.closed), (b"ab", False))
        self.connection.stopConsuming()
        self.assertTrue(self.uv.closed)


class EndOfWritingTests(Case):
    def test_at_once(self) -> None:
        """
        Where nothing waits our direction ends, and the protocol is told in the next turn.
        """
        self.connection.loseWriteConnection()
        self.assertTrue(self.uv.ended)
        self.assertEqual(self.protocol.told, 0)
        self.connection.turn()
        self.assertEqual(self.protocol.told, 1)

    def test_after_the_rest(self) -> None:
        """
        What waits goes first, and nothing comes after it.
        """
        self.uv.room = 0
        self.connection.write(b"the rest")
        self.connection.loseWriteConnection()
        self.assertFalse(self.uv.ended)
        self.uv.take_all()
        self.assertTrue(self.uv.ended)
        self.connection.write(b"late")
        self.assertEqual(self.uv.sent, b"the rest")

    def test_producer_is_waited_for(self) -> None:
        """
        Our direction does not end while a pull producer has more.
        """
        producer = Producer(self.connection, b"a", b"b")
        self.connection.registerProducer(producer, False)
        self.connection.loseWriteConnection()
        self.connection.turn()
        self.assertEqual((self.uv.sent, self.uv.ended), (b"ab", False))
        self.connection.unregisterProducer()
        self.assertTrue(self.uv.ended)

    def test_twice(self) -> None:
        """
        To ask twice is to ask once.
        """
        self.connection.loseWriteConnection()
        self.connection.loseWriteConnection()
        self.connection.turn()
        self.assertEqual(self.protocol.told, 1)

    def test_bug(self) -> None:
        """
        What the protocol raises is logged, and ends the connection.
        """
        connection = connected(BuggyHalves())
        connection.loseWriteConnection()
        connection.turn()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertTrue(connection.uv.aborted)
