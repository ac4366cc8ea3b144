"""
How an upstream is dealt with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

PASS: Final = b"pass"
UPSTREAM: Final = b"upstream"


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


@dataclass(frozen=True, slots=True)
class UpstreamTerms:
    """
    What is the same for all servers of an upstream.

    @ivar host: L{PASS}, L{UPSTREAM} or what the C{Host} field says.
    @ivar upgrades: the protocols that may become tunnels, in lower case.
    @ivar most_waiting: how many exchanges may wait for a server with room.
    @ivar queue_timeout: for how many seconds.
    @ivar most_ejected: the share of the servers that may be ejected at once.
    @ivar weight_scale: what the weights of servers are multiplied with.
    """

    host: bytes = PASS
    upgrades: frozenset[bytes] = frozenset((b"websocket",))
    timeouts: UpstreamTimeouts = DEFAULT_TIMEOUTS
    most_waiting: int = 0
    queue_timeout: float = 5.0
    most_ejected: float = 1.0
    weight_scale: int = 1


DEFAULT_TERMS: Final = UpstreamTerms()
