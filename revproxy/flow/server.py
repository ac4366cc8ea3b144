"""
One server of an upstream: its connections and how busy it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from twisted.internet.defer import Deferred
from zope.interface import classImplements

from revproxy.interfaces import IConnectionOwner, IServer, IUpstreamClient, IUpstreamConnection


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
    @ivar watch: called whenever it becomes full, or has room again.
    """

    __slots__ = ("_client", "_idle", "_open", "active", "authority", "limits", "name", "watch", "weight")

    def __init__(
        self, name: str, authority: bytes, weight: int, limits: ConnectionLimits, client: IUpstreamClient
    ) -> None:
        """
        @param authority: what C{Host} says where the server is to be named.
        """
        self.name = name
        self.authority = authority
        self.weight = weight
        self.limits = limits
        self.active = 0
        self.watch: Callable[[], None] = _nothing
        self._client = client
        self._idle: deque[IUpstreamConnection] = deque()
        self._open: set[IUpstreamConnection] = set()

    @property
    def full(self) -> bool:
        """
        Whether it takes no more now.
        """
        return self.active >= self.limits.most

    def occupy(self) -> None:
        """
        It has one more exchange to answer.
        """
        self.active += 1
        if self.active == self.limits.most:
            self.watch()

    def vacate(self) -> None:
        """
        It has one exchange less to answer.
        """
        self.active -= 1
        if self.active == self.limits.most - 1:
            self.watch()

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
        idle = list(self._idle)
        self._idle.clear()
        for connection in idle:
            connection.drop()


classImplements(Server, IServer, IConnectionOwner)


def _nothing() -> None:
    """
    Nobody watches.
    """
