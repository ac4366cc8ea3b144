"""
Tests for L{revproxy.reactor.writing}: what writes as fast as the peer reads.
"""

from __future__ import annotations

from typing_extensions import override

from tests.reactor.writing_case import Producer, WritingCase

LARGE = b"x" * 100_000


class Buggy(Producer):
    @override
    def resumeProducing(self) -> None:
        raise ZeroDivisionError


class StreamingProducerTests(WritingCase):
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


class PullProducerTests(WritingCase):
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
