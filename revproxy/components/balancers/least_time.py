"""
C{balancer: least-time}: the server that is likely to answer soonest.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from random import Random
from typing import Final

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from revproxy.components.balancers.draw import Draw
from revproxy.config.units import Duration
from revproxy.errors import ExchangeError, UpstreamOvertaken
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IOutcomeObserver, IServer
from revproxy.registry import Environment, Settings, component, option

FAILURES: Final = frozenset((500, 502, 503, 504))
"""
Statuses that count as failures: a server that is sick often says so quickly.
"""

UNKNOWN: Final = 1e9
"""
What an exchange counts as, in seconds, of a server that has not answered yet.
"""

STRANGERS_BESIDE: Final = 64
"""
So many servers that are no candidates are remembered in any case.
"""


class LeastTimeSettings(Settings):
    """
    Takes the server that is likely to answer soonest.
    """

    decay: Duration = option("10s", "How long it takes until an answer counts for a third.")
    failure: Duration = option(
        "1s", "What a failure counts as, where it took less; so do 500, 502, 503 and 504."
    )


class Taken:
    """
    How long one server takes of late: a mean in which what is newer counts for more, by
    time and not by number.  What took longer than the mean becomes the mean at once.

    @ivar seconds: the mean when something was last heard; less than 0 where nothing was.
    @ivar heard: when that was.
    """

    __slots__ = ("heard", "seconds")

    def __init__(self) -> None:
        self.seconds = -1.0
        self.heard = 0.0

    def add(self, seconds: float, now: float, decay: float) -> None:
        """
        An answer took so long.

        @param decay: after so many seconds an answer counts for a third.
        """
        if seconds < self.seconds:
            kept = exp((self.heard - now) / decay)
            seconds = self.seconds * kept + seconds * (1 - kept)
        self.seconds, self.heard = seconds, now

    def left_alone(self, now: float, decay: float) -> float:
        """
        @return: the mean for a server without exchanges: less with time, so that one that
            was slow is tried again.  Of one that has exchanges and is silent nothing good
            is to be believed.
        """
        return self.seconds * exp((self.heard - now) / decay)


@implementer(IBalancer, IOutcomeObserver)
class LeastTime:
    """
    Draws two servers by their weights, and takes the one that costs less: the time to its
    first byte of late, once for each exchange that it would have, for its weight (peak
    EWMA, as in Finagle and Linkerd).

    A server that nothing is known of comes first, but gets one request alone before
    something is.

    @ivar _taken: what servers take.  Candidates are taken in; others are kept until they
        are forgotten, or until there are many that nothing is known of.
    """

    def __init__(self, random: Random, clock: IReactorTime, decay: float, failure: float) -> None:
        """
        @param decay: in seconds, see L{Taken.add}.
        @param failure: what a failure counts as, in seconds.
        """
        self._random = random
        self._clock = clock
        self._decay = decay
        self._failure = failure
        self._draw = Draw(random, ())
        self._taken: dict[IServer, Taken] = {}

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        if candidates is not self._draw.servers:
            self._change(candidates)
        one, other = self._draw.two()
        now = self._clock.seconds()
        return one if self._cost(one, now) <= self._cost(other, now) else other

    def answered(self, server: IServer, status: int, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.answered}.
        """
        self._learn(server, max(seconds, self._failure) if status in FAILURES else seconds)

    def failed(self, server: IServer, error: ExchangeError, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.failed}.  A connection that is refused is refused
        quickly, and is no reason to send more there.  Of one that was overtaken it is known
        that it takes longer.
        """
        if isinstance(error, UpstreamOvertaken):
            taken = self._taken.get(server)
            if taken is not None and seconds > taken.seconds:
                self._learn(server, seconds)
            return
        self._learn(server, max(seconds, self._failure))

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{IOutcomeObserver.forgotten}.
        """
        self._taken.pop(server, None)

    def _learn(self, server: IServer, seconds: float) -> None:
        """
        Take in how long a server took, unless it was forgotten before it had finished.
        """
        taken = self._taken.get(server)
        if taken is not None:
            taken.add(seconds, self._clock.seconds(), self._decay)

    def _cost(self, server: IServer, now: float) -> float:
        taken, active = self._taken[server], server.active
        if taken.seconds < 0:
            return UNKNOWN * active / server.weight
        if not active:
            return taken.left_alone(now, self._decay) / server.weight
        return taken.seconds * (active + 1) / server.weight

    def _change(self, candidates: Sequence[IServer]) -> None:
        """
        Go on with other servers.
        """
        self._draw = Draw(self._random, candidates)
        for server in candidates:
            if server not in self._taken:
                self._taken[server] = Taken()
        if len(self._taken) > 2 * len(candidates) + STRANGERS_BESIDE:
            present = frozenset(candidates)
            self._taken = {
                server: taken
                for server, taken in self._taken.items()
                if taken.seconds >= 0 or server in present
            }


@component(LeastTimeSettings)
def least_time(settings: LeastTimeSettings, environment: Environment) -> LeastTime:
    """
    Make the balancer of one upstream.
    """
    return LeastTime(environment.random, environment.clock, settings.decay, settings.failure)
