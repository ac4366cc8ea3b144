"""
Servers that come and go while the proxy runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from revproxy.flow.pool.events import Events
from revproxy.flow.pool.roster import Roster
from revproxy.flow.pool.server import Server

RUN_TIME = "run time"
"""
The source of servers that were added one by one.
"""


class UnknownServer(Exception):
    """
    The upstream has no server of the name.
    """


class ServerExists(Exception):
    """
    The upstream has a server of the name already.
    """


class Membership:
    """
    Has the servers of an upstream from their sources: the file, look-ups of names, other
    files, and what is added at run time.  Those of a source stay in their order, and
    sources in the order in which they first came.

    @ivar joined: each is called with a server that has come, before it is used.
    @ivar left: each is called with a server that has gone, after it was used last.
    @ivar _removed: names that were removed at run time, and stay so whatever sources say.
    @ivar _states: what was said of the states of servers before others were set, and what
        was set, by their names.
    @ivar _weights: so of their weights.
    """

    def __init__(self, roster: Roster, events: Events) -> None:
        self.joined: list[Callable[[Server], object]] = []
        self.left: list[Callable[[Server], object]] = []
        self._roster = roster
        self._events = events
        self._sources: dict[str, tuple[Server, ...]] = {}
        self._removed: set[str] = set()
        self._states: dict[str, tuple[str, str]] = {}
        self._weights: dict[str, tuple[int, int]] = {}

    @property
    def servers(self) -> tuple[Server, ...]:
        """
        All of them.
        """
        return self._roster.servers

    def named(self, name: str) -> Server:
        """
        @raise UnknownServer: there is none.
        """
        for server in self.servers:
            if server.name == name:
                return server
        raise UnknownServer(name)

    def expect(self, expected: bool) -> None:
        """
        Say whether servers are being looked for that nobody knows yet: exchanges wait for
        them.
        """
        self._roster.expected = expected
        self._roster.changed()

    def have(
        self, source: str, servers: Iterable[Server], reason: str = "", slowly: bool | None = None
    ) -> None:
        """
        Take what a source says now.

        @param servers: those that are to stay must be the same objects as before.  One
            with the name of another source's is left out.
        @param reason: why they are others than before, for the log; empty where that is
            not worth telling, as at the start.
        @param slowly: whether those that come start slowly, where they are to; C{None} for
            where there is a reason.
        """
        self._sources[source] = tuple(servers)
        self._replace(reason, bool(reason) if slowly is None else slowly)

    def _replace(self, reason: str, slowly: bool) -> None:
        """
        Have the servers of all sources in place of those before.
        """
        before = dict.fromkeys(self.servers)
        after = dict.fromkeys(self._together())
        for server in after:
            if server not in before:
                self._join(server, reason)
        self._roster.replace(after, slowly)
        for server in before:
            if server not in after:
                self._leave(server, reason)

    def inherit(self, before: Membership, is_checked: bool = True) -> None:
        """
        Believe of servers what was known of those of the same names: a new configuration
        makes no server well, and what was removed or set at run time stays so, unless it
        says something else of the server than before.  What was added at run time has to be
        added again: it was made as the configuration before had it.

        @param is_checked: whether there are health checks.
        """
        self._removed = before._removed & {server.name for source in self._others() for server in source}
        self._replace("", False)
        for server, other in self.same_as(before):
            name, standing = server.name, server.standing
            if is_checked:
                standing.inherit(other.standing)
            said, state = before._states.get(name, ("", ""))
            if said == standing.state:
                self._states[name] = said, state
                standing.administer(state)
            weight, now = before._weights.get(name, (0, 0))
            if weight == self._roster.said_weight(server):
                self._weights[name] = weight, now
                self._roster.weigh(server, now)

    def same_as(self, before: Membership) -> list[tuple[Server, Server]]:
        """
        @return: the servers that another has by the same names, each with that.
        """
        known = {server.name: server for server in before.servers}
        return [(server, known[server.name]) for server in self.servers if server.name in known]

    def add(self, server: Server) -> None:
        """
        Add a server.

        @raise ServerExists: there is one of its name.
        """
        if any(server.name == other.name for other in self.servers):
            raise ServerExists(server.name)
        self._removed.discard(server.name)
        self.have(RUN_TIME, (*self._sources.get(RUN_TIME, ()), server), "added at run time")

    def remove(self, name: str) -> None:
        """
        Take a server out: it finishes what it has, and does not come back before it is added.

        @raise UnknownServer: there is none.
        """
        self.named(name)
        if any(name == server.name for source in self._others() for server in source):
            self._removed.add(name)
        added = (server for server in self._sources.get(RUN_TIME, ()) if server.name != name)
        self.have(RUN_TIME, tuple(added), "removed at run time")

    def set_state(self, name: str, state: str, reason: str = "set at run time") -> None:
        """
        Let a server be used (C{up}), finish what it has and get nothing new (C{drain}), or
        get nothing and not be checked either (C{down}).

        @param reason: for the log.
        @raise UnknownServer: there is none.
        """
        server = self.named(name)
        if server.standing.state != state:
            tell = self._events.better if state == "up" else self._events.worse
            tell(f"state-{state}", name, reason)
            said, _ = self._states.get(name, (server.standing.state, ""))
            self._states[name] = said, state
            server.standing.administer(state)

    def weigh(self, name: str, weight: int) -> None:
        """
        Give a server another weight, at least 1.

        @raise UnknownServer: there is none.
        """
        server = self.named(name)
        self._events.better("weighed", name, f"weight {weight} from now on")
        said, _ = self._weights.get(name, (self._roster.said_weight(server), 0))
        self._weights[name] = said, weight
        self._roster.weigh(server, weight)

    def _together(self) -> tuple[Server, ...]:
        """
        @return: the servers of all sources.  One that was added stands for that of its name
            which was removed before.
        """
        found: dict[str, Server] = {}
        for servers in self._sources.values():
            for server in servers:
                if server.name not in self._removed:
                    found.setdefault(server.name, server)
        found.update((server.name, server) for server in self._sources.get(RUN_TIME, ()))
        return tuple(found.values())

    def _others(self) -> list[tuple[Server, ...]]:
        """
        @return: what the sources say, but for what was added at run time.
        """
        return [servers for source, servers in self._sources.items() if source != RUN_TIME]

    def _join(self, server: Server, reason: str) -> None:
        if reason:
            self._events.better("joined", server.name, reason)
        for hear in self.joined:
            hear(server)

    def _leave(self, server: Server, reason: str) -> None:
        if reason:
            self._events.worse("left", server.name, reason)
        self._states.pop(server.name, None)
        self._weights.pop(server.name, None)
        server.close()
        for hear in self.left:
            hear(server)
