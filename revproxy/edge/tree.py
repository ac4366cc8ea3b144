"""
The tree of resources: from a request to the resource that answers it.

The most specific route wins: an exact host before a wildcard, a longer wildcard
before a shorter, any host last; then the longest path; then the most conditions
(methods, headers, query, listeners); then the order of the file.  A request that
meets no route of its host goes on to the less specific hosts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from twisted.web.resource import IResource, getChildForRequest
from zope.interface import classImplements

from revproxy.edge.index import Group, HostIndex
from revproxy.edge.match import Route
from revproxy.edge.site import Refusal, descend, request_from
from revproxy.errors import ExchangeError, NoRoute

if TYPE_CHECKING:
    from twisted.web import server

    from revproxy.exchange import Request

MOST_REMEMBERED: Final = 4096
"""
How many look-ups are remembered at once.
"""

LONGEST_REMEMBERED: Final = 256
"""
How many octets the host and path of a remembered look-up may have together.  What
is remembered has at most C{MOST_REMEMBERED * LONGEST_REMEMBERED} octets of names.
"""


class RouteTree:
    """
    Finds the route of a request.

    A look-up is remembered, so that the next request for the same host and path
    costs one.  When as many are remembered as may be, all are forgotten: whoever
    asks for ever new paths costs others a look-up, and no memory.

    It is an L{IResource} too, for the root of a stock L{twisted.web.server.Site}.
    Paths are those of the whole request also where it is put further down.  No
    listener has a name there, so routes for certain listeners are not found.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        """
        @param routes: in the order of the file.
        """
        routes = tuple(routes)
        self._named = {
            listener: HostIndex(
                route for route in routes if not route.listeners or listener in route.listeners
            )
            for listener in frozenset[str]().union(*(route.listeners for route in routes))
        }
        self._unnamed = HostIndex(route for route in routes if not route.listeners)
        self._remembered: dict[tuple[str, bytes, bytes], tuple[Group, ...]] = {}

    def find(self, request: Request, listener: str) -> Route | None:
        """
        Find the most specific route of a request (0.2 microseconds, where the
        look-up is remembered and the route has no conditions).

        @param listener: the name of the listener that the request came to.
        """
        key = (listener, request.host, request.path)
        for group in self._remembered.get(key) or self._look_up(key):
            for route in group:
                if not route.conditional or route.accepts(request):
                    return route
        return None

    @property
    def remembered(self) -> int:
        """
        How many look-ups are remembered.
        """
        return len(self._remembered)

    # What twisted.web calls, where the tree is in a Site of its own.

    isLeaf = False
    server: Any  # set by the resource that it is put below

    def getChildWithDefault(self, name: bytes, request: server.Request) -> IResource:
        """
        Implement L{IResource.getChildWithDefault}: find the resource for the whole
        request in one step, and leave it what is below the route's path.

        @param name: not looked at, for the request has the whole path.
        """
        try:
            asked = request_from(request)
        except ExchangeError as error:
            return Refusal(error)
        route = self.find(asked, "")
        if route is None:
            return Refusal(NoRoute("no route matches"))
        descend(request, asked.path, route.path)
        return route.resource

    def putChild(self, path: bytes, child: IResource) -> NoReturn:
        """
        Implement L{IResource.putChild}: routes are given once and for all.
        """
        raise NotImplementedError("a tree of routes takes no children")

    def render(self, request: server.Request) -> int | bytes:
        """
        Implement L{IResource.render}: for a tree that is found with nothing of the
        path left.
        """
        found = self.getChildWithDefault(b"", request)
        return cast("int | bytes", getChildForRequest(found, request).render(request))

    def _look_up(self, key: tuple[str, bytes, bytes]) -> tuple[Group, ...]:
        listener, host, path = key
        groups = self._named.get(listener, self._unnamed).find(host, path)
        if len(host) + len(path) <= LONGEST_REMEMBERED:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = groups
        return groups


classImplements(RouteTree, IResource)
