"""
Drawing servers at random, by their weights.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random

from revproxy.interfaces import IServer


class Draw:
    """
    Draws among servers that stay the same.

    @ivar servers: the servers.
    @ivar _ends: for each server, the sum of the weights up to its own: it is meant by the
        numbers from the end before on, up to its end.
    """

    def __init__(self, random: Random, servers: Sequence[IServer]) -> None:
        self.servers = servers
        self._random = random.random
        self._ends = list(accumulate(server.weight for server in servers))
        self._total = self._ends[-1] if servers else 0

    def one(self) -> IServer:
        """
        Draw a server; there has to be one.
        """
        return self.servers[bisect(self._ends, int(self._random() * self._total))]

    def two(self) -> tuple[IServer, IServer]:
        """
        Draw a server, and then another among the rest.  Where there is only one it is
        drawn twice.
        """
        servers, ends = self.servers, self._ends
        place = bisect(ends, int(self._random() * self._total))
        first = servers[place]
        if len(servers) == 1:
            return first, first
        begin = ends[place - 1] if place else 0
        width = ends[place] - begin
        number = int(self._random() * (self._total - width))
        return first, servers[bisect(ends, number if number < begin else number + width)]
