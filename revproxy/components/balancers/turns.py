"""
Whose turn it is, among servers that stay the same.

Both kinds of turns say how far each server is behind its share, so that others can go
on from there when the servers change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import Final

from revproxy.interfaces import IServer

TOLERANCE: Final = 1e-6
"""
What times may be off by without meaning anything, in picks.
"""


class EvenTurns:
    """
    The turns of servers that all have the same weight: one after another.

    @ivar _begun: how many have had their turn in this round.
    """

    def __init__(self, servers: Sequence[IServer], lags: Sequence[float]) -> None:
        """
        @param lags: how many turns each is behind; who is most so comes first.
        """
        ahead = [-lag for lag in lags]
        order = sorted(range(len(servers)), key=ahead.__getitem__)
        self._servers = [servers[place] for place in order]
        self._lags = [lags[place] for place in order]
        self._begun = 0

    def turns(self) -> Iterator[IServer]:
        """
        @return: whose turn it is, without end.
        """
        numbered = list(enumerate(self._servers, 1))
        while True:
            for self._begun, server in numbered:
                yield server

    def lags(self) -> dict[str, float]:
        """
        @return: by how many turns each server is behind its share, by its name; less than
            0 for one that is ahead.
        """
        begun = self._begun
        gained = begun / len(self._servers)
        found = {server.name: lag + gained for server, lag in zip(self._servers, self._lags, strict=True)}
        for server in self._servers[:begun]:
            found[server.name] -= 1
        return found


class WeightedTurns:
    """
    The turns of servers by their weights.

    Each turn has a window: from when it would put its server less than a whole turn
    ahead of its share, until without it the server would be a whole turn behind.  Of
    the turns that may be taken the one is whose window ends first.  So no server is ever
    a whole turn off its share, and in as many picks as all weights together each has as
    many as its weight (Baruah, Cohen, Plaxton and Varvel, "Proportionate Progress",
    1996).  A pick takes time by the logarithm of the number of servers.

    Times are counted in picks.

    @ivar _periods: from one turn of each server to its next.
    @ivar _taken: how many turns each has had.
    @ivar _now: how many have been had in all.
    """

    def __init__(self, servers: Sequence[IServer], lags: Sequence[float]) -> None:
        """
        @param lags: how many turns each is behind.
        """
        self._servers = servers
        self._lags = lags
        total = sum(server.weight for server in servers)
        self._periods = [total / server.weight for server in servers]
        self._taken = [0] * len(servers)
        self._now = 0

    def turns(self) -> Iterator[IServer]:
        """
        @return: as L{EvenTurns.turns}.
        """
        servers, lags, periods, taken = self._servers, self._lags, self._periods, self._taken
        coming: defaultdict[int, list[int]] = defaultdict(list)
        for place, lag in enumerate(lags):
            coming[max(0, int(TOLERANCE - lag * periods[place]))].append(place)
        due: list[tuple[float, int]] = []
        while True:
            now = self._now
            for place in coming.pop(now if due or now in coming else min(coming), ()):
                heappush(due, ((taken[place] + 1 - lags[place]) * periods[place], place))
            _, place = heappop(due)
            self._now = now = now + 1
            taken[place] += 1
            begin = int((taken[place] - lags[place]) * periods[place] + TOLERANCE)
            coming[begin if begin > now else now].append(place)
            yield servers[place]

    def lags(self) -> dict[str, float]:
        """
        @return: as L{EvenTurns.lags}.
        """
        now = self._now
        return {
            server.name: self._lags[place] + now / self._periods[place] - self._taken[place]
            for place, server in enumerate(self._servers)
        }
