"""
Tests of L{revproxy.flow.judging.window}.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.judging.window import SLOTS, Window


class WindowTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.window = Window(10.0)

    def test_counts(self) -> None:
        """
        What is tried is counted, and what fails of it.
        """
        for failed in (True, False, False):
            self.window.count(3.0, failed)
        self.assertEqual(self.window.tally(3.0), (3, 1))

    def test_forgets(self) -> None:
        """
        What has left the window counts no more.
        """
        self.window.count(1.0, True)
        self.window.count(5.0, True)
        self.assertEqual(self.window.tally(10.9), (2, 2))
        self.assertEqual(self.window.tally(11.0), (1, 1))
        self.assertEqual(self.window.tally(15.0), (0, 0))

    def test_long_pause(self) -> None:
        """
        After however long a pause nothing old is left.
        """
        for at in range(10):
            self.window.count(float(at), True)
        self.assertEqual(self.window.tally(1e9), (0, 0))

    def test_revoked(self) -> None:
        """
        What was counted as well can turn out to have failed.
        """
        window = Window(10.0)
        window.count(100.0, False)
        window.revoke(100.0)
        self.assertEqual(window.tally(100.0), (1, 1))

    def test_cleared(self) -> None:
        """
        It can be told to forget all.
        """
        self.window.count(1.0, True)
        self.window.clear()
        self.assertEqual(self.window.tally(1.0), (0, 0))

    @given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=50))
    def test_against_a_list(self, steps: list[tuple[float, bool]]) -> None:
        """
        It counts as a list of all events would, by parts of the window.
        """
        window, now, events = Window(10.0), 0.0, []
        for pause, failed in steps:
            now += pause
            window.count(now, failed)
            events.append((int(now), failed))
            recent = [failed for at, failed in events if at > int(now) - SLOTS]
            self.assertEqual(window.tally(now), (len(recent), sum(recent)))
