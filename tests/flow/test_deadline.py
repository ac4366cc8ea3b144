"""
Tests of L{revproxy.flow.deadline}.
"""

from __future__ import annotations

import gc
import weakref

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.deadline import Deadline


class CountingClock(Clock):
    """
    A clock that counts the calls that were ever scheduled.
    """

    scheduled = 0

    def callLater(self, when: float, what: object, *a: object, **kw: object) -> IDelayedCall:  # type: ignore[override]
        self.scheduled += 1
        return super().callLater(when, what, *a, **kw)  # type: ignore[arg-type]


class DeadlineTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = CountingClock()
        self.passed: list[float] = []
        self.deadline = Deadline(self.clock, lambda: self.passed.append(self.clock.seconds()))

    def test_passes_once(self) -> None:
        """
        A deadline that nobody moves passes at its time, and only once.
        """
        self.deadline.set(5)
        self.clock.pump([4.5, 0.5, 5, 5])
        self.assertEqual(self.passed, [5.0])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_moves_back(self) -> None:
        """
        A deadline that is set again later passes at the later time alone.
        """
        self.deadline.set(5)
        self.clock.advance(3)
        self.deadline.set(5)
        self.clock.pump([2, 2.5, 0.5])
        self.assertEqual(self.passed, [8.0])

    def test_moves_forward(self) -> None:
        """
        A deadline that is set again sooner passes at the sooner time alone.
        """
        self.deadline.set(60)
        self.deadline.set(5)
        self.clock.pump([5, 60])
        self.assertEqual(self.passed, [5.0])

    def test_clear(self) -> None:
        """
        A deadline that was cleared does not pass, and its call does not stay for ever.
        """
        self.deadline.set(5)
        self.deadline.clear()
        self.clock.advance(5)
        self.assertEqual(self.passed, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_set_after_clear(self) -> None:
        """
        A deadline that was cleared can be set again, sooner and later than before.
        """
        self.deadline.set(5)
        self.deadline.clear()
        self.deadline.set(2)
        self.clock.advance(2)
        self.deadline.set(5)
        self.deadline.clear()
        self.deadline.set(9)
        self.clock.pump([5, 4])
        self.assertEqual(self.passed, [2.0, 11.0])

    def test_at_once(self) -> None:
        """
        A deadline in no time passes in the reactor's next turn, not in L{Deadline.set}.
        """
        self.deadline.set(0)
        self.assertEqual(self.passed, [])
        self.clock.advance(0)
        self.assertEqual(self.passed, [0.0])

    def test_set_from_the_callback(self) -> None:
        """
        Whoever is called may set the deadline again.
        """

        def again() -> None:
            self.passed.append(self.clock.seconds())
            deadline.set(3)

        deadline = Deadline(self.clock, again)
        deadline.set(1)
        self.clock.pump([1, 3, 3])
        self.assertEqual(self.passed, [1.0, 4.0, 7.0])

    def test_few_calls(self) -> None:
        """
        However often the deadlines of a busy connection change, about one call is
        scheduled in the shortest of them.
        """
        for _ in range(1000):
            self.deadline.set(60)
            self.clock.advance(0.125)
            self.deadline.set(75)
            self.clock.advance(0.125)
        self.assertEqual(self.passed, [])
        self.assertLessEqual(self.clock.scheduled, 10)

    def test_one_call(self) -> None:
        """
        There is never more than one call, wherever the deadline moves.
        """
        for seconds in (60, 5, 75, 1, 30):
            self.deadline.set(seconds)
            self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_stop(self) -> None:
        """
        Pitfall 44: nothing remains scheduled after L{Deadline.stop}, whatever follows.
        """
        self.deadline.set(5)
        self.deadline.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.deadline.set(5)
        self.deadline.clear()
        self.deadline.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.clock.advance(10)
        self.assertEqual(self.passed, [])

    def test_stop_from_the_callback(self) -> None:
        """
        Whoever is called may stop the deadline.
        """

        def stop() -> None:
            deadline.stop()

        deadline = Deadline(self.clock, stop)
        deadline.set(1)
        self.clock.advance(1)
        deadline.set(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop_lets_go(self) -> None:
        """
        A stopped deadline keeps its owner alive no more: no cycle waits for the
        garbage collector.
        """

        class Owner:
            def __init__(self, clock: Clock) -> None:
                self.deadline = Deadline(clock, self.expired)

            def expired(self) -> None: ...

        self.addCleanup(gc.enable)
        gc.disable()
        owner = Owner(self.clock)
        owner.deadline.set(5)
        owner.deadline.stop()
        remains = weakref.ref(owner)
        del owner
        self.assertIsNone(remains())


class Naive:
    """
    The same with a call scheduled and cancelled every time.
    """

    def __init__(self, clock: Clock, passed: list[tuple[float, int]]) -> None:
        self.clock = clock
        self.passed = passed
        self.call: IDelayedCall | None = None
        self.serial = 0

    def set(self, seconds: float) -> None:
        self.clear()
        self.call = self.clock.callLater(seconds, self.expired)

    def clear(self) -> None:
        if self.call is not None and self.call.active():
            self.call.cancel()

    def expired(self) -> None:
        self.passed.append((self.clock.seconds(), self.serial))


TICKS = st.integers(0, 40).map(lambda ticks: ticks / 8)
"""
Seconds that floating point adds without a rest.
"""

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), TICKS),
        st.tuples(st.just("clear"), st.just(0.0)),
        st.tuples(st.just("advance"), TICKS),
    ),
    max_size=50,
)


class DeadlineModelTests(SynchronousTestCase):
    @given(STEPS)
    def test_like_naive_calls(self, steps: list[tuple[str, float]]) -> None:
        """
        After any history it has passed when a call scheduled anew each time would.
        """
        clock = Clock()
        expected: list[tuple[float, int]] = []
        passed: list[tuple[float, int]] = []
        naive = Naive(clock, expected)
        deadline = Deadline(clock, lambda: passed.append((clock.seconds(), naive.serial)))
        for naive.serial, (step, seconds) in enumerate(steps):
            if step == "set":
                naive.set(seconds)
                deadline.set(seconds)
            elif step == "clear":
                naive.clear()
                deadline.clear()
            else:
                clock.advance(seconds)
            self.assertEqual(passed, expected)
        naive.clear()
        deadline.stop()
        self.assertEqual(clock.getDelayedCalls(), [])
