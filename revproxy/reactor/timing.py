"""
Timers, and calls from other threads.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify
from math import inf
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.base import DelayedCall
from twisted.internet.posixbase import PosixReactorBase
from typing_extensions import override

_HALF_A_MILLISECOND = 0.0005
"""
uvloop rounds to milliseconds: with this it rounds up, and no call comes too early.
"""

_MOST_CANCELLED = 50


class TimingReactor(AsyncioSelectorReactor):
    """
    Twisted's heap of delayed calls with one timer of the loop for the soonest.

    The asyncio reactor asks two clocks at each call; here a call that is not the
    soonest costs no more than on other reactors.

    @ivar loop: uvloop's loop.
    @ivar _due: when the timer fires, on the clock of L{seconds}.
    @ivar _called: that there are calls from threads was told to the loop.
    """

    loop: Any
    _due = inf
    _timer: Any = None
    _called = False

    @override
    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kwargs: Any) -> DelayedCall:
        call = PosixReactorBase.callLater(self, delay, callable, *args, **kwargs)
        if call.time < self._due:
            self._wake_at(call.time)
        return call

    @override
    def callFromThread(self, callable: Any, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        self.threadCallQueue.append((callable, args, kwargs))
        if not self._called:
            self._called = True
            self.loop.call_soon_threadsafe(self._called_from_thread)

    @override
    def _cancelCallLater(self, delayedCall: DelayedCall) -> None:
        """
        Let go of cancelled calls once they are most of all.  Otherwise they stay until the
        next call is due, which may be seconds: of busy clients' connections, each with a
        deadline of its own, that would be megabytes.
        """
        super()._cancelCallLater(delayedCall)
        waiting = len(self._newTimedCalls) + len(self._pendingTimedCalls)
        if self._cancellations > _MOST_CANCELLED and self._cancellations > waiting >> 1:
            self._cancellations = 1  # this one, which will be marked only now
            self._newTimedCalls = [call for call in self._newTimedCalls if not call.cancelled]
            self._pendingTimedCalls = [call for call in self._pendingTimedCalls if not call.cancelled]
            heapify(self._pendingTimedCalls)

    def call_soon(self, function: Callable[[], object]) -> None:
        """
        Call a function at the end of the turn: when all has been read that came with it,
        and before the next is waited for.
        """
        self.loop.call_soon(function)

    def _wake_at(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        delay = due - self.seconds()
        if delay > 0:
            self._timer = self.loop.call_later(delay + _HALF_A_MILLISECOND, self._onTimer)
        else:
            self._timer = self.loop.call_soon(self._onTimer)

    @override
    def _onTimer(self) -> None:
        self._due, self._timer = inf, None
        self._run_due()

    def _called_from_thread(self) -> None:
        self._called = False
        self._run_due()

    def _run_due(self) -> None:
        self.runUntilCurrent()
        self._reschedule()

    @override
    def _reschedule(self) -> None:
        self._insertNewDelayedCalls()
        pending = self._pendingTimedCalls
        if pending and pending[0].time < self._due:
            self._wake_at(pending[0].time)

    def _schedule_again(self) -> None:
        """
        Ask a new loop for what the old one was asked for.
        """
        self._due, self._timer = inf, None
        self._reschedule()
        if self.threadCallQueue:
            self.loop.call_soon(self._called_from_thread)
