"""
Tests for L{revproxy.reactor.pieces}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.reactor.pieces import LASTING, PIECE, Pieces


class PiecesTests(SynchronousTestCase):
    """
    What uvloop calls, the way it calls it.
    """

    def setUp(self) -> None:
        self.heard: list[object] = []
        self.pieces = Pieces(self.heard.append, lambda: self.heard.append("enough"))

    def receive(self, data: bytes) -> None:
        self.pieces.get_buffer(-1)[: len(data)] = data
        self.pieces.buffer_updated(len(data))

    def test_size(self) -> None:
        """
        No more than a piece can be read at a time, whatever uvloop would like to read.
        """
        self.assertEqual(len(self.pieces.get_buffer(1 << 18)), PIECE)

    def test_kept(self) -> None:
        """
        Whoever keeps a piece has what came, whatever is read into the buffer after that.
        """
        self.receive(b"one")
        Pieces(self.heard.append, list).get_buffer(-1)[:3] = b"two"
        self.assertEqual(self.heard, [b"one"])

    def test_enough(self) -> None:
        """
        Before the last piece is delivered, which may lead to anything, it is told that
        it is the last.
        """
        for _ in range(LASTING):
            self.receive(b"x")
        self.assertEqual(self.heard, [b"x"] * (LASTING - 1) + ["enough", b"x"])
