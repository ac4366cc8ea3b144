"""
What the connections of one listener share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from revproxy.edge.turn import TurnWriter
from revproxy.exchange import Exchange
from revproxy.flow.splice.splicer import Splicer
from revproxy.interfaces import IReceiver
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.hop_by_hop import REQUEST_REMOVED
from revproxy.wire.request_head import DEFAULT_LIMITS, HeadLimits, RequestHeads

if TYPE_CHECKING:
    from revproxy.edge.client_connection import ClientConnection


@dataclass(slots=True)
class Http1Settings:
    """
    Limits, deadlines and where exchanges go.

    @ivar answer: takes each exchange and says who receives its body.
    @ivar finished: called once for each exchange that is over.
    @ivar most_body: octets of a request's body, unless the route says otherwise.
    @ivar least_body_rate: octets a second that a body has to come with, once
        C{body_grace} seconds have passed.
    @ivar most_requests: on one connection.
    @ivar asks_for_certificates: whether clients show certificates, or may.
    @ivar subject_field: the name of the field that tells the upstream the subject
        of the client's certificate, where the listener asks for one.
    @ivar own_fields: names that the upstream believes because only the proxy sends
        them; what a client sends under them is removed, on every listener.
    @ivar connections: those that are open; with C{most_connections} of them a new
        one is closed at once.
    @ivar splicer: moves large bodies from socket to socket, where that is possible.
    @ivar draining: whether connections end with the exchange that they carry.
    """

    clock: IReactorTime
    answer: Callable[[Exchange], IReceiver]
    finished: Callable[[Exchange], None]
    forwarded: ForwardedPolicy
    turn: TurnWriter
    listener: str = ""
    secure: bool = False
    asks_for_certificates: bool = False
    subject_field: bytes | None = None
    own_fields: frozenset[bytes] = frozenset()
    head_limits: HeadLimits = DEFAULT_LIMITS
    most_body: int = 2**30
    least_body_rate: int = 500
    most_requests: int = 1000
    most_connections: int = 10000
    handshake_timeout: float = 10.0
    head_timeout: float = 10.0
    body_grace: float = 10.0
    idle_timeout: float = 75.0
    slow_reader_timeout: float = 60.0
    continue_timeout: float = 1.0
    half_closed_timeout: float = 1.0
    draining: bool = False
    splicer: Splicer | None = None
    connections: set[ClientConnection] = field(default_factory=set)
    _heads: dict[frozenset[bytes], RequestHeads] = field(default_factory=dict)

    def heads_for(self, peer: str) -> RequestHeads:
        """
        @return: the parser for a peer, by whether it is trusted.
        """
        removed = self.forwarded.removed(peer)
        heads = self._heads.get(removed)
        if heads is None:
            whole = removed | REQUEST_REMOVED | self.own_fields
            heads = self._heads[removed] = RequestHeads(self.head_limits, whole)
        return heads
