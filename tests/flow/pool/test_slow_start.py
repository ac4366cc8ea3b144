"""
Tests of L{revproxy.flow.pool.slow_start}.
"""

from __future__ import annotations

from itertools import pairwise

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.server import Server
from revproxy.flow.pool.slow_start import SCALE, STEPS, SlowStarts, weight_after
from tests.flow.upstream_side import AttendedServer


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


class SlowStartsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.changes = 0
        self.starts = SlowStarts(self.clock, self.changed)

    def tearDown(self) -> None:
        """
        Pitfall 44: nothing is left scheduled.
        """
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def changed(self) -> None:
        self.changes += 1

    def server(self, seconds: float = 20.0) -> Server:
        server = AttendedServer().server
        server.slow_start, server.weight, server.whole_weight = seconds, 100, 100
        return server

    def begun(self, seconds: float = 20.0) -> Server:
        server = self.server(seconds)
        self.starts.begin(server)
        return server

    def test_steps(self) -> None:
        """
        The first step is taken at once, the last before the time is over, and then
        nothing is left to do.
        """
        server = self.begun()
        weights = [server.weight]
        for _ in range(19):
            self.clock.advance(1.0)
            weights.append(server.weight)
        self.assertEqual(weights, [*range(5, 101, 5)])

    def test_many(self) -> None:
        """
        However many come at once, there is one call, and they are told of at once.
        """
        servers = [self.begun() for _ in range(50)]
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(1.0)
        self.assertEqual(({server.weight for server in servers}, self.changes), ({10}, 1))
        self.starts.close()

    def test_different(self) -> None:
        """
        Those that began at other times, or take longer, come to their weights as if they were
        alone, but for a step.
        """
        first = self.begun(40.0)
        self.clock.advance(1.5)
        second = self.begun(10.0)
        self.clock.pump([0.5] * 19)
        self.assertEqual((first.weight, second.weight), (30, 100))
        self.clock.pump([0.5] * 60)
        self.assertEqual(first.weight, 100)

    def test_stopped(self) -> None:
        """
        One that is stopped has its whole weight, and leaves nothing scheduled.
        """
        first, second = self.begun(), self.begun()
        self.clock.advance(1.0)
        for _ in range(2):
            self.starts.stop(first)
        self.assertEqual((first.weight, second.weight), (100, 10))
        self.clock.advance(1.0)
        self.assertEqual((first.weight, second.weight), (100, 15))
        self.starts.stop(second)
