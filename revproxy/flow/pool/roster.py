"""
Which servers an upstream has, and which of them can be picked now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from twisted.internet.interfaces import IReactorTime
from typing_extensions import override

from revproxy.flow.pool.events import Events
from revproxy.flow.pool.server import NOBODY, Server, Watch
from revproxy.flow.pool.slow_start import SlowStarts

MOST_TOLD: Final = 5
"""
Of so many servers is told why they are passed over.
"""


class Roster(Watch):
    """
    The servers of an upstream as they come and go.

    Those of the first tier that has any with room can be picked.  Where more than a
    given share is ejected, or on trial, the upstream rather than its servers is to blame,
    or the rest could not bear the load: then all are used again.

    There may be many servers, of which each may change at any time, so what is known of
    each is taken in as it changes.

    @ivar servers: all of them, in the order of the file.
    @ivar candidates: those that can be picked now, and maybe some that have become full
        since; the same object as long as no other can be picked.  C{None} as long as
        nobody asked since one can, or cannot for another reason.
    @ivar changed: called whenever others may be picked.
    @ivar expected: whether servers are looked for that nobody knows yet.
    @ivar panics: whether ejections and trials are not heeded.
    @ivar _places: the places of all of them in that order.
    @ivar _usable: which servers could be used as ever when they were last looked at.
    @ivar _starting: those that have yet to come to their whole weight.
    @ivar _wanted: those to which exchanges may go, unless they are ejected.
    @ivar _ejected: those of them that are ejected.
    @ivar _on_trial: those of them that are on trial.
    @ivar _free: those that can be used and have room.
    @ivar _offered: the candidates.
    @ivar _passed: who cannot be used and why; C{None} as long as nobody asked.
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
        self._events = events
        self._most_ejected = most_ejected
        self._weight_scale = weight_scale
        self._usable: set[Server] = set()
        self._starting = SlowStarts(clock, self._renew)
        self._places: dict[Server, int] = {}
        self._wanted: set[Server] = set()
        self._ejected: set[Server] = set()
        self._on_trial: set[Server] = set()
        self._free: set[Server] = set()
        self._offered: frozenset[Server] = frozenset()
        self._passed: str | None = None

    def replace(self, servers: Iterable[Server], slowly: bool = True) -> None:
        """
        Have other servers; those that are among them already stay as they are.

        @param slowly: whether the new ones start slowly, where they are to.
        """
        before, self.servers = self.servers, tuple(servers)
        for server in before:
            server.watch = NOBODY
        for server in self.servers:
            server.watch = self
            if not slowly and self._can_use(server):
                self._usable.add(server)
        for server in self._usable - set(self.servers):
            self._usable.discard(server)
            self._starting.stop(server)
        self._places = {server: place for place, server in enumerate(self.servers)}
        for counted in (self._wanted, self._ejected, self._on_trial, self._free):
            counted.clear()
        for server in self.servers:
            self._heed(server)
            self._count(server)
        self._panic()
        self._renew()

    def said_weight(self, server: Server) -> int:
        """
        @return: the whole weight of a server, as the file has it.
        """
        return server.whole_weight // self._weight_scale

    def weigh(self, server: Server, weight: int) -> None:
        """
        Give a server another weight.
        """
        self._starting.stop(server)
        server.weight = server.whole_weight = weight * self._weight_scale
        self._renew()

    def choose(self) -> tuple[Server, ...]:
        """
        Find out who can be picked, once for many requests.
        """
        self.candidates = candidates = _first_tier(self._in_order(self._free))
        self._offered = frozenset(candidates)
        return candidates

    def besides(self, tried: Collection[Server]) -> tuple[Server, ...]:
        """
        @return: who can be picked, but for those who were tried.
        """
        return _first_tier(self._in_order(self._free.difference(tried)))

    def has_others(self, tried: Collection[Server]) -> bool:
        """
        Whether some server that was not tried can be used, or could if only it had room.
        """
        return self.expected or any(self._can_use(server) for server in self.servers if server not in tried)

    @property
    def has_room(self) -> bool:
        """
        Whether any server can be picked.
        """
        return bool(self._free)

    def why(self) -> str:
        """
        In a few words, who is passed over and why.
        """
        if self._passed is None:
            self._passed = self._told()
        full = len(self._wanted) - (0 if self.panics else len(self._ejected)) - len(self._free)
        told = [self._passed] if self._passed else []
        if full:
            told.append(f"{full} full")
        if self._on_trial and not self.panics:
            told.append(f"{len(self._on_trial)} on trial")
        if self.panics:
            told.append("ejections are not heeded")
        return ", ".join(told)

    def _told(self) -> str:
        passed = [server for server in self.servers if not self._can_use(server)]
        told = ", ".join(f"{server.name}: {server.standing.reason}" for server in passed[:MOST_TOLD])
        return told + (f" and {len(passed) - MOST_TOLD} others" if len(passed) > MOST_TOLD else "")

    def close(self) -> None:
        """
        Let go of all servers.  Exchanges that still come are chosen for anew: the balancer
        may have been told to forget.
        """
        self.candidates = None
        self._starting.close()
        for server in self.servers:
            server.close()

    def _in_order(self, servers: Collection[Server]) -> Sequence[Server]:
        if len(servers) == len(self.servers):
            return self.servers
        return sorted(servers, key=self._places.__getitem__)

    def _can_use(self, server: Server) -> bool:
        standing = server.standing
        return standing.wanted and (self.panics or not standing.ejected)

    @override
    def filled(self, server: Server) -> None:
        self._free.discard(server)

    @override
    def freed(self, server: Server) -> None:
        if self._can_use(server):
            self._free.add(server)
            if server not in self._offered:
                self.candidates = None
            self.changed()

    @override
    def standing_changed(self, server: Server) -> None:
        if self.panics:
            server.try_out(False)
        self._heed(server)
        self._count(server)
        self._panic()
        self._renew()

    def _renew(self) -> None:
        """
        Servers can be picked otherwise than before.
        """
        self.candidates = None
        self._passed = None
        self.changed()

    def _count(self, server: Server) -> None:
        standing = server.standing
        wanted = standing.wanted
        _have(self._wanted, server, wanted)
        _have(self._ejected, server, wanted and standing.ejected)
        _have(self._on_trial, server, wanted and standing.on_trial)
        _have(self._free, server, not server.full and self._can_use(server))

    def _heed(self, server: Server) -> None:
        """
        See whether a server has become usable, and is to start slowly; or has ceased to be.
        One on trial may wait for long until somebody comes: it starts when it is in again.
        """
        usable = self._can_use(server) and (self.panics or not server.standing.on_trial)
        if usable == (server in self._usable):
            return
        if not usable:
            self._usable.discard(server)
            self._starting.stop(server)
            return
        self._usable.add(server)
        if server.slow_start:
            self._starting.begin(server)

    def _panic(self) -> None:
        """
        Heed ejections, or do not, by the share of the servers that they are of.  One on
        trial has not come back yet.
        """
        wanted, out = len(self._wanted), len(self._ejected) + len(self._on_trial)
        panics = out > self._most_ejected * wanted
        if panics == self.panics:
            return
        self.panics = panics
        said = f"{out} of {wanted} servers are ejected or on trial"
        if panics:
            self._events.worse("panics", "all servers are used again", said)
        else:
            self._events.better("calms-down", "ejections are heeded again", said)
        for server in self.servers:
            server.try_out(server.standing.on_trial and not panics)
            self._heed(server)
            self._count(server)


def _first_tier(servers: Sequence[Server]) -> tuple[Server, ...]:
    """
    @return: those of the first tier that has any; another object than before, where there
        are any.
    """
    if not servers:
        return ()
    tier = min(server.tier for server in servers)
    return tuple([server for server in servers if server.tier == tier])


def _have(servers: set[Server], server: Server, among: bool) -> None:
    """
    Have a server among others, or not.
    """
    if among:
        servers.add(server)
    else:
        servers.discard(server)


def _nothing() -> None:
    """
    Nobody cares.
    """
