"""
The leaf of the tree that relays to an upstream.
"""

from __future__ import annotations

from typing import NoReturn

from twisted.web.resource import IResource
from twisted.web.server import Request as SiteRequest
from zope.interface import classImplements

from revproxy.compiled import mypyc_attr
from revproxy.edge.site import DEFAULTS, SiteSettings, render_exchange
from revproxy.exchange import Exchange
from revproxy.flow.caching.receiving import answer_with_cache
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IExchangeResource, IReceiver


@mypyc_attr(allow_interpreted_subclasses=True)
class ReverseProxyResource:
    """
    Answers requests by relaying them to the servers of an upstream.

    It is a plain L{IResource} too, for a C{twisted.web} site of one's own, and may be
    inherited from.

    @ivar server: Twisted's parent resource sets it; nothing here asks for it.
    """

    isLeaf = True
    server: object

    def __init__(self, route: RouteSettings, site: SiteSettings = DEFAULTS) -> None:
        """
        @param site: for the requests of a C{twisted.web} site.
        """
        self._route = route
        self._site = site

    def close(self) -> None:
        """
        Drop the connections to servers that are not in use, and keep none from now on.
        """
        self._route.upstream.close()

    def answer(self, exchange: Exchange) -> IReceiver:
        """
        Implement L{IExchangeResource.answer}.
        """
        route = self._route
        if route.most_body is not None:
            exchange.most_body = route.most_body
        if route.cache is not None:
            return answer_with_cache(exchange, route, route.cache)
        relay = Relay(exchange, route)
        relay.start()
        return relay

    def getChildWithDefault(self, name: bytes, request: SiteRequest) -> IResource:
        """
        Implement L{IResource}: everything below is answered here.
        """
        return self

    def putChild(self, path: bytes, child: IResource) -> NoReturn:
        """
        Implement L{IResource}.
        """
        raise NotImplementedError("a leaf takes no children")

    def render(self, request: SiteRequest) -> int | bytes:
        """
        Implement L{IResource.render}, for a C{twisted.web} site.
        """
        return render_exchange(self, request, self._site)


classImplements(ReverseProxyResource, IExchangeResource)
