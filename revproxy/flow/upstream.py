"""
A group of servers that answer alike, and which of them takes a request.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple, cast

from revproxy.errors import NoServer
from revproxy.exchange import Exchange
from revproxy.flow.server import Server
from revproxy.interfaces import IBalancer

PASS = b"pass"
UPSTREAM = b"upstream"


class UpstreamTimeouts(NamedTuple):
    """
    All in seconds.

    @ivar connect: until a connection can be used, TLS included.
    @ivar first_byte: from the end of the request to the head of the response.
    @ivar idle: for a response that has begun without a byte coming, or a request
        without a byte taken.
    @ivar response: for the whole exchange.
    @ivar tunnel_idle: without a byte either way in a tunnel.
    """

    connect: float = 5.0
    first_byte: float = 60.0
    idle: float = 300.0
    response: float = 86400.0
    tunnel_idle: float = 3600.0


DEFAULT_TIMEOUTS: Final = UpstreamTimeouts()


class Upstream:
    """
    Servers with the balancer that chooses among them.
    """

    def __init__(
        self,
        name: str,
        servers: Sequence[Server],
        balancer: IBalancer,
        host: bytes = PASS,
        upgrades: Collection[bytes] = (b"websocket",),
        timeouts: UpstreamTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """
        @param host: L{PASS}, L{UPSTREAM} or what the C{Host} field says.
        @param upgrades: the protocols that may become tunnels, in lower case.
        """
        self.name = name
        self.servers = tuple(servers)
        self._with_room = self.servers
        for server in self.servers:
            server.watch = self._look_for_room
        self.timeouts = timeouts
        self.upgrades = frozenset(upgrades)
        self._balancer = balancer
        self._host = host

    def pick(self, exchange: Exchange, tried: Collection[Server]) -> Server:
        """
        Choose a server that was not tried yet and has room.

        @raise NoServer: where there is none.
        """
        candidates = self._with_room
        if tried:
            candidates = tuple(server for server in candidates if server not in tried)
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            raise NoServer(f"upstream {self.name} has no server with room")
        return cast(Server, self._balancer.pick(candidates, exchange))

    def _look_for_room(self) -> None:
        """
        Find out which servers may be picked, once for many requests.
        """
        self._with_room = tuple(server for server in self.servers if not server.full)

    def authority_for(self, exchange: Exchange, server: Server) -> bytes:
        """
        @return: what the C{Host} field says; HTTP/1.0 clients may have named none.
        """
        chosen = exchange.outbound.authority
        if chosen is not None:
            return chosen
        if self._host == PASS:
            return exchange.request.authority or server.authority
        return server.authority if self._host == UPSTREAM else self._host

    def close(self) -> None:
        """
        Drop the connections that are not in use.
        """
        for server in self.servers:
            server.close()
