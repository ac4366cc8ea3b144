"""
How a server that has just come gets its share of the load little by little.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

STEPS: Final = 20
"""
In so many steps a server comes to its whole weight.
"""

SCALE: Final = 100
"""
What weights are multiplied with in an upstream with servers that start slowly, so that
there is something between nothing and 1.
"""


def weight_after(whole: int, step: int) -> int:
    """
    @param step: of L{STEPS}.
    @return: the weight after a step: it grows evenly, and is never nothing.
    """
    return max(1, whole * step // STEPS)


class SlowStart:
    """
    One server's way to its whole weight.
    """

    __slots__ = ("_call", "_changed", "_clock", "_pause", "_step")

    def __init__(self, clock: IReactorTime, seconds: float, changed: Callable[[int], None]) -> None:
        """
        @param seconds: how long it takes.
        @param changed: called with the number of the step, from 1 to L{STEPS}.
        """
        self._clock = clock
        self._pause = seconds / STEPS
        self._changed = changed
        self._step = 0
        self._call: IDelayedCall | None = None
        self._next()

    def stop(self) -> None:
        """
        Go no further.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _next(self) -> None:
        self._call = None
        self._step += 1
        if self._step < STEPS:
            self._call = self._clock.callLater(self._pause, self._next)
        self._changed(self._step)
