"""
One server of an upstream: its connections and how busy it is.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple, TypeAlias

from twisted.internet.defer import Deferred
from zope.interface import classImplements

from revproxy.flow.pool.standing import UP, Standing
from revproxy.interfaces import (
    IConnectionOwner,
    ILoadObserver,
    IProbeTarget,
    IServer,
    IUpstreamClient,
    IUpstreamConnection,
)

Tier: TypeAlias = tuple[bool, int]
"""
Whether it is a backup, and its priority.
"""

FIRST_TIER: Final[Tier] = (False, 0)


class Watch:
    """
    Who wants to know when a server changes; this one does not.
    """

    __slots__ = ()

    def filled(self, server: Server) -> None:
        """
        A server has become full.
        """

    def freed(self, server: Server) -> None:
        """
        A server that was full has room again.
        """

    def standing_changed(self, server: Server) -> None:
        """
        A server may be given exchanges and might not before, or the other way about.
        """


NOBODY: Final = Watch()


class ConnectionLimits(NamedTuple):
    """
    @ivar most: how many exchanges, so connections, a server may have at once.
    @ivar idle: how many unused connections are kept.
    @ivar idle_timeout: for how many seconds they are kept.
    @ivar requests: after how many exchanges a connection is closed.
    """

    most: int = 512
    idle: int = 64
    idle_timeout: float = 30.0
    requests: int = 10000


class Server:
    """
    A server with the connections to it that can be used again.

    The connection used last is used first, so that the others can grow old.

    @ivar active: how many exchanges it is answering now.
    @ivar most: how many it may be given at once now.
    @ivar _most_idle: how many connections are kept now.
    @ivar _tried_out: whether it is given one at a time.
    @ivar tier: servers of a higher one are for when none of a lower one can be used.
    @ivar slow_start: for how many seconds it comes to its whole weight; 0 for at once.
    @ivar standing: what is known against it.
    @ivar watch: who wants to know of changes.
    @ivar observer: hears how busy it is, where anybody wants to.
    """

    __slots__ = (
        "_client", "_idle", "_most_idle", "_open", "_tried_out", "active", "authority", "limits", "most",
        "name", "observer", "slow_start", "standing", "target", "tier", "watch", "weight", "whole_weight",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        authority: bytes,
        weight: int,
        limits: ConnectionLimits,
        client: IUpstreamClient,
        tier: Tier = FIRST_TIER,
        slow_start: float = 0.0,
        state: str = UP,
        healthy: bool = True,
        target: IProbeTarget | None = None,
    ) -> None:
        """
        @param authority: what C{Host} says where the server is to be named.
        @param state: what its operator says, see L{Standing}.
        @param healthy: what is believed of it before its first health check.
        @param target: how health checks reach it.
        """
        self.name = name
        self.authority = authority
        self.weight = self.whole_weight = weight
        self.limits = limits
        self.most = limits.most
        self.tier = tier
        self.slow_start = slow_start
        self.target = target
        self.active = 0
        self.watch: Watch = NOBODY
        self.observer: ILoadObserver | None = None
        self.standing = Standing(self._standing_changed, state, healthy)
        self._tried_out = False
        self._client = client
        self._idle: deque[IUpstreamConnection] = deque()
        self._most_idle = limits.idle if self.standing.wanted else 0
        self._open: set[IUpstreamConnection] = set()

    @property
    def full(self) -> bool:
        """
        Whether it takes no more now.
        """
        return self.active >= self.most

    def occupy(self) -> None:
        """
        It has one more exchange to answer.
        """
        self.active += 1
        if self.active == self.most:
            self.watch.filled(self)
        if self.observer is not None:
            self.observer.occupied(self)

    def vacate(self) -> None:
        """
        It has one exchange less to answer.
        """
        self.active -= 1
        if self.active == self.most - 1:
            self.watch.freed(self)
        elif self._tried_out:
            self.most = min(self.active + 1, self.limits.most)
        if self.observer is not None:
            self.observer.vacated(self)

    def try_out(self, wary: bool) -> None:
        """
        Be given one exchange at a time, or as many as ever.  Those that it has already,
        such as tunnels, may last for long and say nothing of how it is now: they do not
        count.
        """
        self._tried_out = wary
        most = self.limits.most
        self.most = min(self.active + 1, most) if wary else most

    def _standing_changed(self) -> None:
        """
        Connections are not kept to a server that gets nothing new: who knows what they
        are worth when it comes back.
        """
        standing = self.standing
        self.try_out(standing.on_trial)
        self._most_idle = self.limits.idle if standing.wanted else 0
        if not standing.wanted:
            self._drop_idle()
        self.watch.standing_changed(self)

    def take(self) -> IUpstreamConnection | None:
        """
        @return: a connection that was used before, if there is one.
        """
        return self._idle.pop() if self._idle else None

    def connect(self) -> Deferred[IUpstreamConnection]:
        """
        @return: a new connection; see L{IUpstreamClient.connect}.
        """
        return self._client.connect(self).addCallback(self._connected)

    def _connected(self, connection: IUpstreamConnection) -> IUpstreamConnection:
        self._open.add(connection)
        return connection

    def give_back(self, connection: IUpstreamConnection) -> bool:
        """
        Keep a connection whose exchange is over, in good order.

        @return: whether it is kept.
        """
        if len(self._idle) >= self._most_idle or connection not in self._open:
            return False
        self._idle.append(connection)
        return True

    def forget(self, connection: IUpstreamConnection) -> None:
        """
        A connection is closed, or about to be.
        """
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        """
        Drop the connections that are not in use, and keep none from now on.
        """
        self.limits = self.limits._replace(idle=0)
        self._most_idle = 0
        self._drop_idle()

    def _drop_idle(self) -> None:
        idle = list(self._idle)
        self._idle.clear()
        for connection in idle:
            connection.drop()


classImplements(Server, IServer, IConnectionOwner)
