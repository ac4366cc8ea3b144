"""
The interfaces that outsiders write components for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IProtocol, IProtocolFactory

    from revproxy.errors import ExchangeError
    from revproxy.exchange import Exchange, Reply, Response


class IServer(Interface):
    """
    One server of an upstream, as a balancer sees it.
    """

    name: str = Attribute("Its URL as the file has it; unique within the upstream.")
    weight: int = Attribute("Its share of the load beside the others' now, at least 1.")
    whole_weight: int = Attribute("Its weight once it has started: while it starts slowly, weight is less.")
    weight_scale: int = Attribute(
        "What the weights of all servers of the upstream are multiplied with, so that there is something"
        " between nothing and 1 where they start slowly."
    )
    active: int = Attribute("How many exchanges it is answering now.")


class IBalancer(Interface):
    """
    Chooses the server of an upstream that a request goes to.

    One that also provides L{ILoadObserver}, L{IOutcomeObserver} or L{IResponseFilter} is
    called as such for the upstream that it is in.
    """

    def pick(candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Choose one of the servers that can be used now.

        Called for every request, so it must be quick and must not block.  Where one
        server alone can be used it is taken without asking, unless the balancer also
        provides L{IResponseFilter}.

        @param candidates: at least one server, in the order of the file.  The same
            object comes again as long as nothing changed; another one is not changed
            afterwards either.
        @return: one of C{candidates}.
        """


class ILoadObserver(Interface):
    """
    Hears how busy servers are, as it changes.  So a balancer need not ask each server
    for each request.
    """

    def occupied(server: IServer) -> None:
        """
        A server has one more exchange to answer: C{server.active} has grown by one.
        """

    def vacated(server: IServer) -> None:
        """
        A server has one exchange less to answer.
        """

    def forgotten(server: IServer) -> None:
        """
        A server was taken out of the upstream.
        """


class IOutcomeObserver(Interface):
    """
    Hears how servers do.
    """

    def answered(server: IServer, status: int, seconds: float) -> None:
        """
        The head of a response came.

        @param seconds: since the server was chosen.
        """

    def failed(server: IServer, error: ExchangeError, seconds: float) -> None:
        """
        An exchange with a server came to nothing, by the server's doing.

        @param error: L{revproxy.errors.UpstreamOvertaken} where another, which was asked
            later, has answered: this one would have taken longer than C{seconds}.
        """

    def forgotten(server: IServer) -> None:
        """
        A server was taken out of the upstream.
        """


class IProbeTarget(Interface):
    """
    One server of an upstream, as a health check sees it.
    """

    name: str = Attribute("Its URL as the file has it; unique within the upstream.")
    authority: bytes = Attribute("What the Host field says where nothing else is asked for.")
    host: str = Attribute("Its address, or the name that is looked up for it; the path of a UNIX socket.")
    port: int = Attribute("Its port; 0 behind a UNIX socket.")

    def connect(factory: IProtocolFactory, port: int | None = None) -> Deferred[IProtocol]:
        """
        Open a connection of the check's own, made as those of exchanges are: TLS is
        spoken and verified where it is with them.

        @param port: in place of the server's own; there is no other behind a UNIX socket.
        @return: fires with the protocol once it may write.  Over TLS what it writes goes out
            when the handshake has gone well, of which an C{IHandshakeListener} is told.
            Cancelling gives up.
        """


class IHealthChecker(Interface):
    """
    Finds out whether a server is well.
    """

    def check(target: IProbeTarget) -> Deferred[str]:
        """
        Look once.  How often, how long it may take and how many results make a
        difference is not the checker's concern.

        @return: fires with what was seen, in a few words, where the server is well; fails
            where it is not: with L{revproxy.errors.Unhealthy}, which says why, or with
            whatever hindered the check.  It is cancelled when it takes too long, and has
            to let go of all that it started; it may fail with L{Unhealthy} then, too, to
            say how far it got.
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
