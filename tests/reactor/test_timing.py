"""
Tests for L{revproxy.reactor.timing}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.reactor.timing import TimingReactor


class Timer:
    """
    What a loop returns for what it is asked to call.
    """

    def __init__(self, delay: float, function: Callable[[], object]) -> None:
        self.delay = delay
        self.call = function
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """
    Remembers what it is asked to call.
    """

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def call_later(self, delay: float, function: Callable[[], object]) -> Timer:
        self.timers.append(Timer(delay, function))
        return self.timers[-1]

    def call_soon(self, function: Callable[[], object]) -> Timer:
        return self.call_later(0, function)

    call_soon_threadsafe = call_soon

    def waiting(self) -> list[float]:
        """
        The delays of timers that are still to fire.
        """
        return [timer.delay for timer in self.timers if not timer.cancelled]


class Timing(TimingReactor):
    """
    The timers alone, on a loop and a clock in memory.
    """

    def __init__(self) -> None:
        self.loop = Loop()
        self.now = 100.0
        self.threadCallQueue = []
        self._pendingTimedCalls = []
        self._newTimedCalls = []
        self._cancellations = 0
        self._justStopped = False
        self.waker = None

    @override
    def seconds(self) -> float:
        return self.now

    def fire(self) -> None:
        """
        Have the last timer fire, at its time.
        """
        timer = self.loop.timers[-1]
        self.now += timer.delay
        timer.call()


class TimingCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.reactor = Timing()
        self.calls: list[Any] = []

    def call_later(self, delay: float) -> Any:
        return self.reactor.callLater(delay, self.calls.append, delay)


class CallLaterTests(TimingCase):
    def test_rounded_up(self) -> None:
        """
        uvloop is asked for half a millisecond more: it rounds to whole ones, and a call
        that is due at 1.4 ms would come 0.4 ms too early, and another timer be set.
        """
        self.call_later(0.0014)
        [delay] = self.reactor.loop.waiting()
        self.assertAlmostEqual(delay, 0.0019)
        self.assertGreaterEqual(round(delay, 3), 0.0014)

    def test_at_once(self) -> None:
        """
        What is due already waits for the next turn, and for no time.
        """
        self.call_later(0)
        self.assertEqual(self.reactor.loop.waiting(), [0])
        self.reactor.fire()
        self.assertEqual(self.calls, [0])

    def test_later_one(self) -> None:
        """
        A call that is not the soonest costs no timer; it gets one when the soonest is done.
        """
        self.call_later(1)
        self.call_later(2)
        self.assertEqual(len(self.reactor.loop.timers), 1)
        self.reactor.fire()
        self.assertEqual(self.calls, [1])
        self.assertEqual(len(self.reactor.loop.timers), 2)
        self.reactor.fire()
        self.assertEqual(self.calls, [1, 2])

    def test_sooner_one(self) -> None:
        """
        A call that is sooner than all others takes the timer over.
        """
        self.call_later(2)
        self.call_later(1)
        self.assertEqual(len(self.reactor.loop.waiting()), 1)
        self.reactor.fire()
        self.assertEqual(self.calls, [1])

    def test_cancelled(self) -> None:
        """
        One that was cancelled is not made.
        """
        self.call_later(1).cancel()
        self.reactor.fire()
        self.assertEqual(self.calls, [])

    def test_many_cancelled(self) -> None:
        """
        Cancelled calls do not pile up until the next one is due, whether it was asked for
        before them or after; those that are left are made.
        """
        kept = [self.call_later(delay) for delay in (9, 5)]
        self.reactor._insertNewDelayedCalls()
        kept.append(self.call_later(7))
        for _ in range(3):
            for call in [self.call_later(1000) for _ in range(100)]:
                call.cancel()
        self.reactor._insertNewDelayedCalls()
        for call in [self.call_later(1000) for _ in range(100)]:
            call.cancel()
        waiting = [*self.reactor._pendingTimedCalls, *self.reactor._newTimedCalls]
        self.assertLess(len(waiting), 110)
        self.assertEqual(self.reactor._cancellations, len(waiting) - len(kept))
        for _ in kept:
            self.reactor.fire()
        self.assertEqual(self.calls, [5, 7, 9])

    def test_put_off(self) -> None:
        """
        One that was put off has a timer again after its first has fired.
        """
        self.call_later(1).delay(5)
        self.reactor.fire()
        self.assertEqual(self.calls, [])
        self.reactor.fire()
        self.assertEqual(self.calls, [1])


class CallFromThreadTests(TimingCase):
    def test_woken_once(self) -> None:
        """
        The loop is woken once for all calls that wait; they are made in order.
        """
        self.reactor.callFromThread(self.calls.append, "one")
        self.reactor.callFromThread(self.calls.append, "two")
        self.assertEqual(len(self.reactor.loop.timers), 1)
        self.reactor.fire()
        self.assertEqual(self.calls, ["one", "two"])

    def test_woken_again(self) -> None:
        """
        It is woken again for what comes after, from within a call too.
        """
        self.reactor.callFromThread(self.reactor.callFromThread, self.calls.append, "inner")
        self.reactor.fire()
        self.assertEqual(len(self.reactor.loop.timers), 2)
        self.reactor.fire()
        self.assertEqual(self.calls, ["inner"])

    def test_that_calls_later(self) -> None:
        """
        What a call from a thread asks for later has its timer.
        """
        self.reactor.callFromThread(self.call_later, 3)
        self.reactor.fire()
        self.reactor.fire()
        self.assertEqual(self.calls, [3])


class NewLoopTests(TimingCase):
    """
    A new loop, as in a process that has become a daemon.
    """

    def exchange_loops(self) -> None:
        self.reactor.loop = Loop()
        self.reactor._schedule_again()

    def test_timer(self) -> None:
        """
        The soonest call has a timer of the new loop.
        """
        self.call_later(1)
        self.call_later(2)
        self.exchange_loops()
        self.assertEqual(len(self.reactor.loop.timers), 1)
        self.reactor.fire()
        self.assertEqual(self.calls, [1])

    def test_from_thread(self) -> None:
        """
        Calls from threads that the old loop was woken for are made.
        """
        self.reactor.callFromThread(self.calls.append, "one")
        self.exchange_loops()
        self.reactor.fire()
        self.assertEqual(self.calls, ["one"])

    def test_nothing(self) -> None:
        """
        Where nothing was asked for, it is asked for nothing.
        """
        self.exchange_loops()
        self.assertEqual(self.reactor.loop.timers, [])
