"""
C{balancer: consistent-hash}: requests with the same key go to the same server.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

from typing_extensions import override
from zope.interface import implementer

from revproxy.components.balancers.fallback import WithFallback
from revproxy.components.balancers.ring import Ring
from revproxy.config.components import Balancer
from revproxy.config.keys import Key, RequestKey
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, ILoadObserver, IServer
from revproxy.registry import Environment, Settings, component, option, required

MOST_LOOKED_AT: Final = 64
"""
After so many servers that have more than their share already, the least busy of them is
taken.
"""

STRANGERS_BESIDE: Final = 64
"""
So many servers that are no candidates have points on the circle in any case, while
nobody tells who is forgotten.
"""


class ConsistentHashSettings(Settings):
    """
    Lets requests with the same key go to the same server.
    """

    key: Key = required(
        "What they have in common: client-ip, path, uri (path and query), header:NAME, cookie:NAME or"
        " query:NAME."
    )
    bound: float | None = option(
        1.25,
        "A server that has so many times its share of the requests already gets no more: they go to the"
        " next; null for no such bound.",
        gt=1,
        le=1000,
    )
    fallback: Balancer = option("round-robin", "The balancer for requests that have no such key.")


@implementer(IBalancer, ILoadObserver)
class ConsistentHash(WithFallback):
    """
    Finds the server of a key on a circle.  Where a server is taken away, its keys alone
    go elsewhere, and they come back with it.

    No server has more than its share of the exchanges times the bound: a key whose
    server has as many goes to the next on the circle (Mirrokni, Thorup and Zadimoghaddam,
    "Consistent Hashing with Bounded Loads", 2016).  Shares are by the present weights,
    places on the circle by the whole ones: a server that starts slowly gets its own keys,
    but few at a time.

    The circle has all servers that were ever candidates, until they are forgotten, and is
    not made anew when one is down or full.  Where nobody tells who is forgotten it is who
    is no candidate, once these are many.

    @ivar _here: the candidates by their numbers on the circle; C{None} for others.
    @ivar _active: how many exchanges the candidates have.
    @ivar _untold: the server that was picked last, until it is told that it is busier.
        While nobody tells, exchanges are counted anew for each pick.
    """

    def __init__(self, key: RequestKey, fallback: IBalancer, bound: float | None = 1.25) -> None:
        super().__init__(fallback)
        self._key = key
        self._bound = bound
        self._ring = Ring()
        self._candidates: Sequence[IServer] = ()
        self._here: list[IServer | None] = []
        self._present: frozenset[IServer] = frozenset()
        self._weight = 0
        self._active = 0
        self._untold: IServer | None = None

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        if candidates is not self._candidates:
            self._change(candidates)
        elif self._untold is not None:
            self._count()
        key = self._key.of(exchange)
        if key is None:
            server = self.fallback.pick(candidates, exchange)
        else:
            server = self._find(key, exchange)
        self._untold = server
        return server

    def _find(self, key: bytes, exchange: Exchange) -> IServer:
        """
        Find the server of a key, if it has not more than its share.
        """
        bound = self._bound * (self._active + 1) / self._weight if self._bound is not None else inf
        server = self._here[self._ring.first(key)]
        if server is not None and server.active < bound * server.weight:
            return server
        return self._go_round(key, bound, exchange)

    def _go_round(self, key: bytes, bound: float, exchange: Exchange) -> IServer:
        """
        Find the next server on the circle that has not more than its share.

        @param bound: how many exchanges each may have for its weight.
        """
        passed: dict[IServer, float] = {}
        for number in self._ring.clockwise(key):
            server = self._here[number]
            if server is None:
                continue
            if server.active < bound * server.weight:
                break
            passed[server] = server.active / server.weight
            if len(passed) == MOST_LOOKED_AT:
                break
        if passed:
            exchange.why.append(f"consistent-hash: {next(iter(passed)).name} has more than its share")
        if server is None or server in passed:
            server = min(passed, key=passed.__getitem__)
        return server

    @override
    def occupied(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.occupied}.
        """
        if server is self._untold:
            self._untold = None
        if server in self._present:
            self._active += 1
        if self._load is not None:
            self._load.occupied(server)

    @override
    def vacated(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.vacated}.
        """
        if server in self._present:
            self._active -= 1
        if self._load is not None:
            self._load.vacated(server)

    @override
    def forgotten(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.forgotten}.
        """
        self._ring.forget((server.name,))
        super().forgotten(server)

    def _change(self, candidates: Sequence[IServer]) -> None:
        """
        Go on with other servers.
        """
        ring = self._ring
        if self._untold is not None and len(ring.numbers) > 2 * len(candidates) + STRANGERS_BESIDE:
            ring.forget(ring.numbers.keys() - {server.name for server in candidates})
        ring.have({server.name: server.whole_weight // server.weight_scale for server in candidates})
        self._here = [None] * len(ring.numbers)
        for server in candidates:
            self._here[ring.numbers[server.name]] = server
        self._candidates = candidates
        self._present = frozenset(candidates)
        self._weight = sum(server.weight for server in candidates)
        self._count()

    def _count(self) -> None:
        self._active = sum(server.active for server in self._candidates)
        self._untold = None


@component(ConsistentHashSettings)
def consistent_hash(settings: ConsistentHashSettings, environment: Environment) -> ConsistentHash:
    """
    Make the balancer of one upstream.
    """
    return ConsistentHash(settings.key, environment.build(IBalancer, settings.fallback), settings.bound)
