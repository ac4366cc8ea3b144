"""
From an exchange to the resource that answers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from twisted.logger import Logger
from zope.interface import implementer

from revproxy.edge.tree import RouteTree
from revproxy.errors import ExchangeError, NoRoute
from revproxy.exchange import Exchange
from revproxy.interfaces import IExchangeResource, IReceiver
from revproxy.wire.fields import Pair

log = Logger()


@implementer(IReceiver)
class Ignored:
    """
    Receives the rest of a request that was answered without it.
    """

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver}.
        """

    def request_flush(self) -> None:
        """
        Implement L{IReceiver}.
        """

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver}.
        """

    def request_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IReceiver}.
        """

    def client_left(self) -> None:
        """
        Implement L{IReceiver}.
        """

    def pause_response(self) -> None:
        """
        Implement L{IReceiver}.
        """

    def resume_response(self) -> None:
        """
        Implement L{IReceiver}.
        """


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
