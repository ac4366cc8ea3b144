"""
Tests for L{revproxy.edge.tls.records}.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.records import LARGEST, SEGMENT, RecordCounter, RecordPace


def record(length: int) -> bytes:
    return b"\x17\x03\x03" + length.to_bytes(2) + bytes(length)


class RecordCounterTests(SynchronousTestCase):
    """
    Tests for L{RecordCounter}.
    """

    @given(st.lists(st.integers(0, 40)), st.lists(st.integers(1, 30)))
    def test_pieces(self, lengths: list[int], sizes: list[int]) -> None:
        """
        However records are cut into pieces, each counts with the piece that completes it.
        """
        stream = b"".join(map(record, lengths))
        ends = {len(b"".join(map(record, lengths[: count + 1]))) for count in range(len(lengths))}
        counter = RecordCounter()
        at = 0
        for size in [*sizes, len(stream) + 1]:
            piece = stream[at : at + size]
            whole = sum(at < end <= at + len(piece) for end in ends)
            self.assertEqual(counter.count(piece), whole)
            at += len(piece)
            self.assertEqual(counter.between, at == 0 or at in ends)

    def test_too_long(self) -> None:
        """
        A record that claims to be longer than any may be counts at once: who waited for
        the rest of it would keep what comes until then.
        """
        self.assertEqual(RecordCounter().count(b"\x17\x03\x03\xff\xff"), 1)
        self.assertEqual(RecordCounter().count(b"\x17\x03\x03\x48\x00"), 0)


class RecordPaceTests(SynchronousTestCase):
    """
    Tests for L{RecordPace}.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.pace = RecordPace(self.clock.seconds)

    def test_new(self) -> None:
        """
        What a new connection begins with goes in short records, what follows does not.
        """
        self.assertEqual(self.pace.short(SEGMENT), SEGMENT)
        begun = self.pace.short(4 * LARGEST)
        self.assertTrue(LARGEST / 2 < begun < LARGEST)
        self.assertEqual(self.pace.short(LARGEST), 0)

    def test_idle(self) -> None:
        """
        So it is again when nothing was sent for a second, and not before.
        """
        first = self.pace.short(4 * LARGEST)
        for _ in range(3):
            self.clock.advance(0.9)
            self.assertEqual(self.pace.short(4 * LARGEST), 0)
        self.clock.advance(1.0)
        self.assertEqual(self.pace.short(4 * LARGEST), first)
