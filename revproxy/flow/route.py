"""
What the exchanges of one route share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.interfaces import IReactorTime

from revproxy.flow.deadline import Deadline
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.tunnel import Tunnel
from revproxy.interfaces import IRequestFilter, IResponseFilter


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """
    Where a route's requests go, and through which filters.

    @ivar most_body: octets of a request's body; C{None} leaves it to the listener.
    """

    upstream: Upstream
    clock: IReactorTime
    request_filters: tuple[IRequestFilter, ...] = ()
    response_filters: tuple[IResponseFilter, ...] = ()
    most_body: int | None = None

    def tunnel(self, over: Callable[[], None]) -> Tunnel:
        """
        @return: a tunnel that is yet to be opened.
        """
        return Tunnel(lambda expired: Deadline(self.clock, expired), self.upstream.timeouts.tunnel_idle, over)
