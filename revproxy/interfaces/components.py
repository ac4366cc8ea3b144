"""
The interfaces that outsiders write components for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from revproxy.exchange import Exchange, Reply, Response


class IServer(Interface):
    """
    One server of an upstream, as a balancer sees it.
    """

    name: str = Attribute("Its URL as the file has it; unique within the upstream.")
    weight: int = Attribute("Its share of the load beside the others', at least 1.")
    active: int = Attribute("How many exchanges it is answering now.")


class IBalancer(Interface):
    """
    Chooses the server of an upstream that a request goes to.
    """

    def pick(candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Choose one of the servers that can be used now.

        Called for every request, so it must be quick and must not block.

        @param candidates: at least one server, in the order of the file.  The same
            object comes again as long as nothing changed.
        @return: one of C{candidates}.
        """


class IRequestFilter(Interface):
    """
    Looks at a request before a server is chosen, and may change or answer it.
    """

    def filter_request(exchange: Exchange) -> Reply | Deferred[Reply | None] | None:
        """
        Change C{exchange.outbound}, or answer in the upstream's place.

        Hop-by-hop fields are gone already, so what is added here survives.

        @return: L{None} to go on, or the answer; a L{Deferred} of either where it
            must wait.  It is cancelled when the client leaves.
        """


class IResponseFilter(Interface):
    """
    Looks at the head of a response before it goes to the client.
    """

    def filter_response(exchange: Exchange, response: Response) -> object:
        """
        Change C{response}.  What is returned is not looked at: nothing waits for it.
        """
