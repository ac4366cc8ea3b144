"""
The servers of one entry of the file, as they are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from revproxy.config.servers import ServerSettings
from revproxy.discovery.answers import Place
from revproxy.flow.pool.membership import Membership
from revproxy.flow.pool.server import Server

MOST_WEIGHT = 10_000
"""
The largest weight that a server of an entry gets: that of an entry times that of an SRV
record.
"""

Identity: TypeAlias = tuple[str, int, str, int] | None


class MakeServer(Protocol):
    """
    Makes servers.
    """

    def __call__(
        self, settings: ServerSettings, address: str | None = None, port: int | None = None
    ) -> Server:
        """
        @param address: the IP address, where it was looked up.
        @param port: the port, where it was looked up.
        """


class EntryServers:
    """
    Has a server for each place, which is the same object as long as the place stays.

    @ivar servers: in the order of the places.
    @ivar settings: what the entry says.
    @ivar _made: the servers by their places' identity.
    @ivar _weights: the weight that each was given here.
    """

    def __init__(self, settings: ServerSettings, make: MakeServer, members: Membership) -> None:
        self.servers: list[Server] = []
        self.settings = settings
        self._make = make
        self._members = members
        self._places: Sequence[Place | None] = ()
        self._made: dict[Identity, Server] = {}
        self._weights: dict[Identity, int] = {}

    def become(self, places: Sequence[Place | None]) -> bool:
        """
        @param places: where the servers are now; C{None} for where the entry itself says.
        @return: whether there are others than before.
        """
        weights = _weights(places, self.settings.weight)
        made: dict[Identity, Server] = {}
        for place in places:
            identity = None if place is None else place.identity
            if identity not in made:
                known = self._made.get(identity)
                made[identity] = self._new(place, weights[identity]) if known is None else known
        before, self.servers = self.servers, list(made.values())
        self._places, self._made = places, made
        self._weigh(weights)
        return self.servers != before

    def adjust(self, settings: ServerSettings) -> bool:
        """
        Do as the entry says now, if that is possible with the servers that there are.

        @return: whether it is.
        """
        before = self.settings
        if settings != before.model_copy(update={"weight": settings.weight, "state": settings.state}):
            return False
        self.settings = settings
        self._weigh(_weights(self._places, settings.weight))
        if settings.state != before.state:
            for server in self.servers:
                if server in self._members.servers:
                    self._members.set_state(server.name, settings.state, "its entry says so")
        return True

    def _new(self, place: Place | None, weight: int) -> Server:
        settings, url = self.settings, self.settings.url
        if place is None:
            return self._make(settings)
        if url.service:
            url = url.of_target(place.host, place.port)
            priority = settings.priority + place.priority
            settings = settings.model_copy(update={"url": url, "weight": weight, "priority": priority})
        return self._make(settings, place.address, place.port)

    def _weigh(self, weights: dict[Identity, int]) -> None:
        """
        Give other weights to those for which they have changed: what was set at run time
        stays until then.
        """
        for identity, weight in weights.items():
            server = self._made[identity]
            if self._weights.get(identity, weight) != weight and server in self._members.servers:
                self._members.weigh(server.name, weight)
        self._weights = weights


def _weights(places: Sequence[Place | None], whole: int) -> dict[Identity, int]:
    """
    @param whole: the weight of the entry.
    """
    weights: dict[Identity, int] = {}
    for place in places:
        if place is None:
            weights[None] = whole
        else:
            weights.setdefault(place.identity, whole * place.weight)
    largest = max(weights.values(), default=0)
    if largest > MOST_WEIGHT:
        return {identity: max(1, weight * MOST_WEIGHT // largest) for identity, weight in weights.items()}
    return weights
