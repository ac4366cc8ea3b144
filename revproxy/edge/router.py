"""
From an exchange to the resource that answers it.
"""

from __future__ import annotations

from typing import cast

from twisted.logger import Logger

from revproxy.edge.tree import RouteTree
from revproxy.errors import ExchangeError, NoRoute
from revproxy.exchange import Exchange
from revproxy.interfaces import IExchangeResource, IReceiver
from revproxy.receivers import Ignored

log = Logger(__name__)


_IGNORED = Ignored()


class Router:
    """
    Gives exchanges to the resources of a tree, which all are L{IExchangeResource}.
    """

    def __init__(self, tree: RouteTree) -> None:
        self._find = tree.find

    def answer(self, exchange: Exchange) -> IReceiver:
        """
        @return: who receives the request's body.
        """
        route = self._find(exchange.request, exchange.peer.listener)
        if route is None:
            exchange.downstream.refuse(NoRoute("no route matches"))
            return _IGNORED
        exchange.why.append(route.name)
        try:
            return cast(IExchangeResource, route.resource).answer(exchange)
        except Exception:
            log.failure("answering failed")
            exchange.downstream.refuse(ExchangeError("answering failed"))
            return _IGNORED
