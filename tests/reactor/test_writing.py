"""
Tests for L{revproxy.reactor.writing}.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from tests.reactor.in_memory import connected
from tests.reactor.writing_case import Halves, Producer, WritingCase


class BuggyHalves(Halves):
    @override
    def writeConnectionLost(self) -> None:
        raise ZeroDivisionError


class WriteTests(WritingCase):
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


class EndOfWritingTests(WritingCase):
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
