"""
Round robin: the servers take turns, by their weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zope.interface import implementer

from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.registry import Environment, Settings, component


@implementer(IBalancer)
class RoundRobin:
    """
    Lets each server have its turn, one of weight 3 three times as often as one of
    weight 1 and those three not in a row (the smooth weighted round robin of nginx).

    Where the candidates change, the turns go on from who was last; a server that was
    away comes back with no turns saved.

    @ivar _candidates: those of the last pick: the same object means the same servers.
    @ivar _turns: gives whose turn it is, without end.
    @ivar _credits: how far each candidate is behind its share of turns; not kept
        while all have the same weight.
    @ivar _last: who was picked last.
    """

    def __init__(self) -> None:
        self._candidates: Sequence[IServer] = ()
        self._turns: Iterator[IServer] = iter(())
        self._credits: dict[IServer, int] = {}
        self._last: IServer | None = None

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
        if len({server.weight for server in candidates}) == 1:
            self._turns = self._alike(self._after_last(candidates))
        else:
            self._credits = {server: self._credits.get(server, 0) for server in candidates}
            self._turns = self._by_weight()
        self._candidates = candidates

    def _after_last(self, candidates: Sequence[IServer]) -> list[IServer]:
        """
        @return: the candidates, beginning with the next after who was last.
        """
        before = list(self._candidates)
        start = before.index(self._last) + 1 if self._last in before else 0
        following = [server for server in before[start:] + before[:start] if server in candidates]
        first = candidates.index(following[0]) if following else 0
        return [*candidates[first:], *candidates[:first]]

    def _alike(self, servers: Sequence[IServer]) -> Iterator[IServer]:
        while True:
            for server in servers:
                self._last = server
                yield server

    def _by_weight(self) -> Iterator[IServer]:
        """
        In each turn all gain their weight, and who then has most pays for all.
        """
        credits = self._credits
        weights = [(server, server.weight) for server in credits]
        total = sum(weight for _, weight in weights)
        while True:
            for server, weight in weights:
                credits[server] += weight
            chosen = max(credits, key=credits.__getitem__)
            credits[chosen] -= total
            self._last = chosen
            yield chosen


@component(Settings)
def round_robin(settings: Settings, environment: Environment) -> RoundRobin:
    """
    Make the balancer of one upstream.
    """
    return RoundRobin()
