"""
What the exchanges of one route share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from twisted.internet.interfaces import IReactorTime

from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.deadline import Deadline
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.tunnel import Tunnel
from revproxy.interfaces import IRequestFilter, IResponseFilter


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """
    Where a route's requests go, and through which filters.

    @ivar most_body: octets of a request's body; C{None} leaves it to the listener.
    @ivar cache: how responses are kept; C{None} where they are not.
    """

    upstream: Upstream
    clock: IReactorTime
    request_filters: tuple[IRequestFilter, ...] = ()
    response_filters: tuple[IResponseFilter, ...] = ()
    most_body: int | None = None
    cache: CacheTerms | None = None

    def unfiltered(self) -> RouteSettings:
        """
        @return: the same without filters.
        """
        if not (self.request_filters or self.response_filters):
            return self
        return replace(self, request_filters=(), response_filters=())

    def tunnel(self, over: Callable[[], None]) -> Tunnel:
        """
        @return: a tunnel that is yet to be opened.
        """
        return Tunnel(lambda expired: Deadline(self.clock, expired), self.upstream.timeouts.tunnel_idle, over)
