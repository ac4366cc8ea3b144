"""
Keeping the servers of an upstream what its entries say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twisted.application.service import MultiService

from revproxy.discovery.sources import LookedUpEntry, Source
from revproxy.flow.pool.membership import Membership
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.upstream import CONFIGURED


class Discovery(MultiService):
    """
    Hands the servers of all entries, in the order of the file, to the upstream.

    As long as some have not been looked for yet, exchanges wait for them.
    """

    def __init__(self, sources: Sequence[Source], members: Membership) -> None:
        super().__init__()
        self._sources = sources
        self._members = members
        self._had: list[Server] = []
        self._expects = False
        for source in sources:
            source.changed = self._changed
            source.setServiceParent(self)
        self._changed("", False)

    def look(self) -> None:
        """
        Look now whether there are other servers: in files, and by names.
        """
        for source in self._sources:
            source.look()

    def inherit(self, before: Discovery) -> None:
        """
        Begin with what another has found out of the same names.
        """
        known = {each.settings.url.text: each for each in before.looked_up()}
        for entry in self.looked_up():
            if entry.settings.url.text in known:
                entry.inherit(known[entry.settings.url.text])
        self._changed("", False)

    def looked_up(self) -> Iterator[LookedUpEntry]:
        """
        @return: the names that are looked up.
        """
        for source in self._sources:
            yield from source.looked_up()

    def _changed(self, reason: str, slowly: bool) -> None:
        servers = [server for source in self._sources for server in source.servers]
        if servers != self._had:
            self._had = servers
            self._keep_health(servers)
            self._members.have(CONFIGURED, servers, reason, slowly)
        expects = not all(source.settled for source in self._sources)
        if expects != self._expects:
            self._expects = expects
            self._members.expect(expects)

    def _keep_health(self, servers: Sequence[Server]) -> None:
        """
        A server whose entry says something else now is no better for that.
        """
        known = {server.name: server for server in self._members.servers}
        for server in servers:
            before = known.get(server.name, server)
            if before is not server:
                server.standing.inherit(before.standing)
