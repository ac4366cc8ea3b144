"""
What the connections to the servers of one upstream share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from twisted.internet.interfaces import IReactorTime

from revproxy.edge.turn import TurnWriter
from revproxy.flow.pool.terms import DEFAULT_TIMEOUTS, UpstreamTimeouts
from revproxy.flow.splice.splicer import Splicer


@dataclass(slots=True)
class UpstreamHttp1Settings:
    """
    Limits, deadlines, and what they write through.  There may be a thousand connections
    that take turns: what is here is at hand, what each has for itself has to be fetched.

    @ivar most_head: octets of a response's head.
    @ivar most_requests: after so many exchanges a connection is closed.
    @ivar idle_timeout: seconds that an unused connection is kept.
    @ivar splicer: moves large bodies from socket to socket, where that is possible.
    @ivar seconds: tells the time.
    @ivar first_wait: seconds to the head of a response to a request without a body.
    """

    clock: IReactorTime
    turn: TurnWriter
    timeouts: UpstreamTimeouts = DEFAULT_TIMEOUTS
    most_head: int = 65536
    most_requests: int = 10000
    idle_timeout: float = 30.0
    splicer: Splicer | None = None
    seconds: Callable[[], float] = field(init=False)
    first_wait: float = field(init=False)

    def __post_init__(self) -> None:
        self.seconds = self.clock.seconds
        self.first_wait = min(self.timeouts.first_byte, self.timeouts.response)
