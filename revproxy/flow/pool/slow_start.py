"""
How a server that has just come gets its share of the load little by little.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.flow.pool.server import Server

STEPS: Final = 20
"""
In so many steps a server comes to its whole weight.
"""

SCALE: Final = 100
"""
What weights are multiplied with in an upstream with servers that start slowly, so that
there is something between nothing and 1.
"""

TOLERANCE: Final = 1e-6
"""
What times may be off by without meaning anything, in steps.
"""


def weight_after(whole: int, step: int) -> int:
    """
    @param step: of L{STEPS}.
    @return: the weight after a step: it grows evenly, and is never nothing.
    """
    return max(1, whole * step // STEPS)


class SlowStarts:
    """
    The servers of an upstream that are on their way to their whole weights.

    Many may come at once: all take their steps together, so that there is one call for
    all of them and balancers are given other candidates once.  With servers that began
    at other times, a step may be late by the length of one.

    @ivar _began: when each began.
    @ivar _pause: how long it is between two looks at them.
    """

    __slots__ = ("_began", "_call", "_changed", "_clock", "_pause")

    def __init__(self, clock: IReactorTime, changed: Callable[[], None]) -> None:
        """
        @param changed: called when weights have changed, but for those in L{begin} and L{stop}.
        """
        self._clock = clock
        self._changed = changed
        self._began: dict[Server, float] = {}
        self._call: IDelayedCall | None = None
        self._pause = inf

    def begin(self, server: Server) -> None:
        """
        Let a server begin with little.
        """
        self._began[server] = self._clock.seconds()
        server.weight = weight_after(server.whole_weight, 1)
        if _pause(server) < self._pause:
            self._look_in(_pause(server))

    def stop(self, server: Server) -> None:
        """
        Let a server that is on its way have its whole weight.
        """
        if self._began.pop(server, None) is not None:
            server.weight = server.whole_weight
            if not self._began:
                self.close()

    def close(self) -> None:
        """
        Go no further.
        """
        self._began.clear()
        self._look_in(inf)

    def _look_in(self, pause: float) -> None:
        """
        @param pause: infinity for never.
        """
        if self._call is not None:
            self._call.cancel()
        self._pause = pause
        self._call = self._clock.callLater(pause, self._look) if pause < inf else None

    def _look(self) -> None:
        self._call = None
        now = self._clock.seconds()
        for server, began in list(self._began.items()):
            step = 1 + int((now - began) / _pause(server) + TOLERANCE)
            server.weight = weight_after(server.whole_weight, min(step, STEPS))
            if step >= STEPS:
                del self._began[server]
        self._look_in(min(map(_pause, self._began), default=inf))
        self._changed()


def _pause(server: Server) -> float:
    """
    @return: how many seconds a step of a server takes.
    """
    return server.slow_start / STEPS
