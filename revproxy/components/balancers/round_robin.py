"""
C{balancer: round-robin}: the servers take turns, by their weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from zope.interface import implementer

from revproxy.components.balancers.turns import EvenTurns, WeightedTurns
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.registry import Environment, Settings, component

MOST_AWAY: Final = 256
"""
Of so many servers that are away is remembered how far they were behind or ahead.
"""

DIGITS: Final = 9
"""
Those behind the point that lags are rounded to, so that those which are the same are
equal, however they came about.
"""


@implementer(IBalancer)
class RoundRobin:
    """
    Lets each server have its turn, one of weight 3 three times as often as one of
    weight 1 and those three not in a row.

    Where the candidates change, each goes on from where it was.  One that was away has
    missed its turns meanwhile, and neither comes first for that nor is it passed over
    each time that it comes back for a moment.

    @ivar _candidates: those of the last pick: the same object means the same servers.
    @ivar _turns: gives whose turn it is, without end.
    @ivar _now: where that comes from.
    @ivar _away: by how many turns servers were behind that are not candidates now, by
        their names.
    """

    def __init__(self) -> None:
        self._candidates: Sequence[IServer] = ()
        self._turns: Iterator[IServer] = iter(())
        self._now: EvenTurns | WeightedTurns | None = None
        self._away: dict[str, float] = {}

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        if candidates is not self._candidates:
            self._change(candidates)
        return next(self._turns)

    def _change(self, candidates: Sequence[IServer]) -> None:
        """
        Go on with other servers.
        """
        known = self._away
        if self._now is not None:
            known.update(self._now.lags())
        lags = [known.pop(server.name, 0.0) for server in candidates]
        while len(known) > MOST_AWAY:
            del known[next(iter(known))]
        weights = [server.weight for server in candidates]
        share = sum(lags) / sum(weights)
        lags = [round(lag - share * weight, DIGITS) for lag, weight in zip(lags, weights, strict=True)]
        self._now = EvenTurns(candidates, lags) if len(set(weights)) == 1 else WeightedTurns(candidates, lags)
        self._turns = self._now.turns()
        self._candidates = candidates


@component(Settings)
def round_robin(settings: Settings, environment: Environment) -> RoundRobin:
    """
    Make the balancer of one upstream.
    """
    return RoundRobin()
