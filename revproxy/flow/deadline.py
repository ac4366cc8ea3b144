"""
A timer that is set again and again and hardly ever goes off.

A connection has a deadline at every moment, and a different one several times a
request; nearly all are met.  So the scheduled call is left where it is when the
deadline moves back, and looks again when it fires.  It settles at the shortest of
the times in use: a busy connection schedules about one call in that time, whatever
the number of requests.

Setting a deadline takes 0.10 microseconds so, and clearing it 0.04; to cancel a
call and schedule another takes 0.9, to move one forward 2.2 and more the more calls
there are (Python 3.11, epoll reactor, a thousand calls pending).
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Deadline:
    """
    Calls back once when a time passes that was not moved or cleared before.

    @ivar _when: when the deadline passes, in seconds of the clock; infinity for never.
    @ivar _fires: when the scheduled call fires: infinity while there is none, and
        minus infinity after L{stop}, so that L{set} has one comparison to make.
    """

    __slots__ = ("_call", "_clock", "_expired", "_fires", "_when")

    def __init__(self, clock: IReactorTime, expired: Callable[[], object]) -> None:
        """
        @param expired: called without arguments; it may set the deadline again.
        """
        self._clock = clock
        self._expired = expired
        self._when = inf
        self._fires = inf
        self._call: IDelayedCall | None = None

    def set(self, seconds: float) -> None:
        """
        Let the deadline be in C{seconds} from now, in place of any set before.

        After L{stop} this does nothing.
        """
        self.set_from(self._clock.seconds(), seconds)

    def set_from(self, now: float, seconds: float) -> None:
        """
        As L{set}, for whoever knows what time it is.
        """
        self._when = when = now + seconds
        if when < self._fires:
            self._schedule(seconds)

    def clear(self) -> None:
        """
        Let there be no deadline until the next L{set}.

        A scheduled call may remain for a while, and will do nothing.
        """
        self._when = inf

    def stop(self) -> None:
        """
        Let there be no deadline any more.

        Nothing remains scheduled, and the owner is let go of, so that no cycle of
        references is left for the garbage collector.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self._fires = -inf
        self._when = inf
        self._expired = _nothing

    def _schedule(self, seconds: float) -> None:
        """
        Have the call fire in C{seconds}.

        A call that fires too late is replaced, not moved: the reactor searches its
        whole queue for a call that moves forward.
        """
        if self._call is not None:
            self._call.cancel()
        self._call = self._clock.callLater(seconds, self._fire)
        self._fires = self._call.getTime()

    def _fire(self) -> None:
        """
        Look whether the deadline has passed, or when to look again.
        """
        self._call = None
        self._fires = inf
        rest = self._when - self._clock.seconds()
        if rest <= 0:
            self._when = inf
            self._expired()
        elif rest < inf:
            self._schedule(rest)


def _nothing() -> None:
    """
    What a stopped deadline calls.
    """
