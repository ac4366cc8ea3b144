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

    def room_changed(self) -> None:
        """
        A server has become full, or has room again.
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
    @ivar tier: servers of a higher one are for when none of a lower one can be used.
    @ivar slow_start: for how many seconds it comes to its whole weight; 0 for at once.
    @ivar weight_scale: what its weights are multiplied with.
    @ivar standing: what is known against it.
    @ivar watch: who wants to know of changes.
    @ivar observer: hears how busy it is, where anybody wants to.
    """

    __slots__ = (
        "_client", "_idle", "_open", "active", "authority", "limits", "most", "name", "observer",
        "slow_start", "standing", "target", "tier", "watch", "weight", "weight_scale", "whole_weight",
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
        self.weight_scale = 1
        self.limits = limits
        self.most = limits.most
        self.tier = tier
        self.slow_start = slow_start
        self.target = target
        self.active = 0
        self.watch: Watch = NOBODY
        self.observer: ILoadObserver | None = None
        self.standing = Standing(self._standing_changed, state, healthy)
        self._client = client
        self._idle: deque[IUpstreamConnection] = deque()
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
            self.watch.room_changed()
        if self.observer is not None:
            self.observer.occupied(self)

    def vacate(self) -> None:
        """
        It has one exchange less to answer.
        """
        self.active -= 1
        if self.active == self.most - 1:
            self.watch.room_changed()
        if self.observer is not None:
            self.observer.vacated(self)

    def _standing_changed(self) -> None:
        """
        Connections are not kept to a server that gets nothing new: who knows what they
        are worth when it comes back.
        """
        standing = self.standing
        self.most = 1 if standing.on_trial else self.limits.most
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
        if len(self._idle) >= self.limits.idle or connection not in self._open:
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
        self._drop_idle()

    def _drop_idle(self) -> None:
        idle = list(self._idle)
        self._idle.clear()
        for connection in idle:
            connection.drop()


classImplements(Server, IServer, IConnectionOwner)
