"""
Which servers an upstream has, and which of them can be picked now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from twisted.internet.interfaces import IReactorTime
from typing_extensions import override

from revproxy.flow.pool.events import Events
from revproxy.flow.pool.server import Server, Watch
from revproxy.flow.pool.slow_start import STEPS, SlowStart, weight_after

MOST_TOLD: Final = 5
"""
Of so many servers is told why they are passed over.
"""


class Roster(Watch):
    """
    The servers of an upstream as they come and go.

    Those of the first tier that has any with room can be picked.  Where more than a
    given share is ejected, the upstream rather than its servers is to blame, or the
    rest could not bear the load: then all are used again.

    @ivar servers: all of them, in the order of the file.
    @ivar candidates: those that can be picked now; the same object as long as nothing
        changed.  C{None} as long as nobody asked since something did.
    @ivar changed: called whenever more or fewer servers may be picked.
    @ivar expected: whether servers are looked for that nobody knows yet.
    @ivar panics: whether ejections are not heeded.
    @ivar _usable: which servers could be used when they were last looked at.
    @ivar _starting: those that have yet to come to their whole weight.
    """

    def __init__(
        self, clock: IReactorTime, events: Events, most_ejected: float = 1.0, weight_scale: int = 1
    ) -> None:
        """
        @param most_ejected: the share of the servers that may be ejected at once.
        @param weight_scale: what weights are multiplied with.
        """
        self.servers: tuple[Server, ...] = ()
        self.candidates: tuple[Server, ...] | None = None
        self.changed: Callable[[], None] = _nothing
        self.expected = False
        self.panics = False
        self._clock = clock
        self._events = events
        self._most_ejected = most_ejected
        self._weight_scale = weight_scale
        self._usable: set[Server] = set()
        self._starting: dict[Server, SlowStart] = {}

    def replace(self, servers: Iterable[Server], slowly: bool = True) -> None:
        """
        Have other servers; those that are among them already stay as they are.

        @param slowly: whether the new ones start slowly, where they are to.
        """
        self.servers = tuple(servers)
        for server in self.servers:
            server.watch = self
            server.weight_scale = self._weight_scale
            if not slowly and self._can_use(server):
                self._usable.add(server)
        for server in self._usable - set(self.servers):
            self._usable.discard(server)
            self._stop_starting(server)
        for server in self.servers:
            self._heed(server)
        self._look()

    def weigh(self, server: Server, weight: int) -> None:
        """
        Give a server another weight.
        """
        self._stop_starting(server)
        server.weight = server.whole_weight = weight * self._weight_scale
        self._look()

    def choose(self) -> tuple[Server, ...]:
        """
        Find out who can be picked, once for many requests.
        """
        self.candidates = candidates = _first_tier(self._with_room())
        return candidates

    def besides(self, tried: Collection[Server]) -> tuple[Server, ...]:
        """
        @return: who can be picked, but for those who were tried.
        """
        return _first_tier(server for server in self._with_room() if server not in tried)

    def has_others(self, tried: Collection[Server]) -> bool:
        """
        Whether some server that was not tried can be used, or could if only it had room.
        """
        return self.expected or any(self._can_use(server) for server in self.servers if server not in tried)

    def why(self) -> str:
        """
        In a few words, who is passed over and why.
        """
        passed = [server for server in self.servers if not self._can_use(server)]
        told = ", ".join(f"{server.name}: {server.standing.reason}" for server in passed[:MOST_TOLD])
        return told + (f" and {len(passed) - MOST_TOLD} others" if len(passed) > MOST_TOLD else "")

    def close(self) -> None:
        """
        Let go of all servers.
        """
        for start in self._starting.values():
            start.stop()
        self._starting.clear()
        for server in self.servers:
            server.close()

    def _with_room(self) -> Iterator[Server]:
        return (server for server in self.servers if server.active < server.most and self._can_use(server))

    def _can_use(self, server: Server) -> bool:
        standing = server.standing
        return standing.wanted and (self.panics or not standing.ejected)

    @override
    def room_changed(self) -> None:
        self.candidates = None
        self.changed()

    @override
    def standing_changed(self, server: Server) -> None:
        self._heed(server)
        self._look()

    def _heed(self, server: Server) -> None:
        """
        See whether a server has become usable, and is to start slowly; or has ceased to be.
        """
        usable = self._can_use(server)
        if usable == (server in self._usable):
            return
        if not usable:
            self._usable.discard(server)
            self._stop_starting(server)
            return
        self._usable.add(server)
        if server.slow_start:
            self._starting[server] = SlowStart(
                self._clock, server.slow_start, lambda step: self._step(server, step)
            )

    def _step(self, server: Server, step: int) -> None:
        server.weight = weight_after(server.whole_weight, step)
        if step == STEPS:
            self._starting.pop(server, None)
        self._look()

    def _stop_starting(self, server: Server) -> None:
        start = self._starting.pop(server, None)
        if start is not None:
            start.stop()
            server.weight = server.whole_weight

    def _look(self) -> None:
        """
        Something has changed.
        """
        self.candidates = None
        self._panic()
        self.changed()

    def _panic(self) -> None:
        """
        Heed ejections, or do not, by the share of the servers that they are of.
        """
        wanted = sum(server.standing.wanted for server in self.servers)
        ejected = sum(server.standing.wanted and server.standing.ejected for server in self.servers)
        panics = ejected > self._most_ejected * wanted
        if panics == self.panics:
            return
        self.panics = panics
        said = f"{ejected} of {wanted} servers are ejected"
        if panics:
            self._events.worse("panics", "all servers are used again", said)
        else:
            self._events.better("calms-down", "ejections are heeded again", said)
        for server in self.servers:
            self._heed(server)


def _first_tier(servers: Iterable[Server]) -> tuple[Server, ...]:
    """
    @return: those of the first tier that has any.
    """
    found = tuple(servers)
    if not found:
        return found
    tier = min(server.tier for server in found)
    return tuple(server for server in found if server.tier == tier)


def _nothing() -> None:
    """
    Nobody cares.
    """
