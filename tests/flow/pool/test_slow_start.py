"""
Tests of L{revproxy.flow.pool.slow_start}.
"""

from __future__ import annotations

from itertools import pairwise

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.slow_start import SCALE, STEPS, SlowStart, weight_after


class WeightTests(SynchronousTestCase):
    def test_grows_evenly(self) -> None:
        """
        The weight grows by the same with each step, up to the whole.
        """
        weights = [weight_after(SCALE, step) for step in range(1, STEPS + 1)]
        self.assertEqual(weights[-1], SCALE)
        self.assertEqual({after - before for before, after in pairwise(weights)}, {5})

    def test_never_nothing(self) -> None:
        """
        There is no step at which a server gets nothing.
        """
        self.assertEqual(weight_after(1, 1), 1)


class SlowStartTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.steps: list[int] = []

    def test_steps(self) -> None:
        """
        The first step is taken at once, the last before the time is over, and then
        nothing is left to do.
        """
        SlowStart(self.clock, 20.0, self.steps.append)
        self.assertEqual(self.steps, [1])
        self.clock.pump([1.0] * 19)
        self.assertEqual(self.steps, [*range(1, STEPS + 1)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped(self) -> None:
        """
        Pitfall 44: one that is stopped leaves nothing scheduled.
        """
        start = SlowStart(self.clock, 20.0, self.steps.append)
        self.clock.advance(1.0)
        start.stop()
        start.stop()
        self.assertEqual((self.steps, self.clock.getDelayedCalls()), ([1, 2], []))
