"""
C{balancer: least-connections}: the server that is the least busy for its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heapreplace
from typing import TypeAlias

from zope.interface import implementer

from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, ILoadObserver, IServer
from revproxy.registry import Environment, Settings, component

Entry: TypeAlias = tuple[float, float, int]
"""
How busy a server was for its weight, when it is due among those that are as busy, and
its place among the candidates.
"""

STALE_BESIDE = 64
"""
So many entries that count no more are kept in any case.
"""


@implementer(IBalancer, ILoadObserver)
class LeastConnections:
    """
    Takes the server with the least exchanges for its weight; those that are equal take
    turns, by their weights.

    The servers are in a heap.  That one is busier than its entry says is seen when it
    comes to the top; for one that has become less busy there is a new entry, and the
    old one counts no more.  That needs to be told of it: while nobody tells, the heap
    is made anew for each pick.

    @ivar _entries: the entry of each candidate that counts, by its place.
    @ivar _due: when each candidate is due among those that are as busy: it moves on by
        less with each pick the more weight it has, and is never in the past.
    @ivar _now: when the server was due that was picked last.
    @ivar _untold: the server that was picked last, until it is told that it is busier.
    """

    def __init__(self) -> None:
        self._candidates: Sequence[IServer] = ()
        self._heap: list[Entry] = []
        self._entries: list[Entry] = []
        self._places: dict[IServer, int] = {}
        self._due: dict[IServer, float] = {}
        self._now = 0.0
        self._untold: IServer | None = None

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        if candidates is not self._candidates or self._untold is not None:
            self._change(candidates)
        heap, entries = self._heap, self._entries
        while True:
            entry = heap[0]
            load, due, place = entry
            if entries[place] is not entry:
                heappop(heap)
                continue
            server = candidates[place]
            busy = server.active / server.weight
            if busy <= load:
                break
            entries[place] = entry = (busy, due, place)
            heapreplace(heap, entry)
        self._now = now = max(self._now, due)
        self._due[server] = due = now + 1 / server.weight
        entries[place] = entry = ((server.active + 1) / server.weight, due, place)
        heapreplace(heap, entry)
        self._untold = server
        return server

    def occupied(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.occupied}.
        """
        if server is self._untold:
            self._untold = None

    def vacated(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.vacated}.
        """
        place = self._places.get(server)
        if place is None:
            return
        load, due, _ = self._entries[place]
        busy = server.active / server.weight
        if busy < load:
            self._entries[place] = entry = (busy, due, place)
            heappush(self._heap, entry)
            if len(self._heap) > 2 * len(self._entries) + STALE_BESIDE:
                self._sort_out()

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.forgotten}.  With the next candidates it is not here any more.
        """

    def _change(self, candidates: Sequence[IServer]) -> None:
        """
        Go on with other servers, or with all that is known of these looked up anew.
        """
        self._candidates = candidates
        self._places = {server: place for place, server in enumerate(candidates)}
        self._due = {server: self._due.get(server, self._now) for server in candidates}
        self._entries = [
            (server.active / server.weight, self._due[server], place)
            for server, place in self._places.items()
        ]
        self._untold = None
        self._sort_out()

    def _sort_out(self) -> None:
        """
        Keep the entries that count alone.
        """
        self._heap = list(self._entries)
        heapify(self._heap)


@component(Settings)
def least_connections(settings: Settings, environment: Environment) -> LeastConnections:
    """
    Make the balancer of one upstream.
    """
    return LeastConnections()
