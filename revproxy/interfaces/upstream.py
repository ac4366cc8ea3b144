"""
How the relay and the server's side of an exchange meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from revproxy.errors import ExchangeError
    from revproxy.exchange import Outbound, Response
    from revproxy.interfaces.tunnels import IOutlet, ITunnelEnd
    from revproxy.wire.fields import Pair


class IConnectionOwner(Interface):
    """
    Keeps the connections to one server between exchanges.
    """

    def give_back(connection: IUpstreamConnection) -> bool:
        """
        The exchange on a connection is over, and it is in good order.

        @return: whether it is kept; if not, it has to be closed.
        """

    def forget(connection: IUpstreamConnection) -> None:
        """
        A connection is closed.
        """


class IUpstreamClient(Interface):
    """
    Makes connections to one server.
    """

    def connect(owner: IConnectionOwner) -> Deferred[IUpstreamConnection]:
        """
        Open a connection that is ready for a request.

        @param owner: who gets the connection back, and is told of its end.
        @return: fires with the connection, or fails with an L{ExchangeError} whose
            C{retry_safe} is true.  Cancelling gives up the attempt.
        """


class IUpstreamConnection(Interface):
    """
    A connection to a server, which carries one exchange at a time.
    """

    used: bool = Attribute("Whether it has carried an exchange before.")

    def send(
        outbound: Outbound,
        authority: bytes,
        length: int | None,
        upgrade: bytes | None,
        answer: IAnswerReceiver,
    ) -> None:
        """
        Send the head of a request.  Where a body follows it may be held until
        L{flush}, L{body} or L{end_body}, so that it leaves in one write with it.

        @param authority: what the C{Host} field says.
        @param length: the body's length in octets, C{UNKNOWN}, or C{None} for none.
        @param upgrade: the protocol to ask for, or C{None}.
        """

    def body(data: bytes) -> None:
        """
        Send a part of the request's body.
        """

    def flush() -> None:
        """
        Let go of a head that is held for its body.
        """

    def outlet(octets: int) -> IOutlet | None:
        """
        The next so many octets of the request's body could be moved from socket to
        socket.

        @return: where to; C{None} where they have to be given to L{body}.
        """

    def end_body(trailers: Sequence[Pair]) -> None:
        """
        The request's body is complete.
        """

    def pause() -> None:
        """
        Read no more of the response.
        """

    def resume() -> None:
        """
        Read on.
        """

    def drop() -> None:
        """
        Give up the exchange and close the connection.
        """


class IAnswerReceiver(Interface):
    """
    Hears from the server's side of an exchange.
    """

    def answer_interim(status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        A 1xx response other than 101 came.
        """

    def answer_begun(response: Response) -> None:
        """
        The head of the final response came.
        """

    def answer_body(data: bytes) -> None:
        """
        More of the response's body came.
        """

    def answer_flush() -> None:
        """
        What was read is used up; a head may be waiting for its body.
        """

    def answer_outlet(octets: int) -> IOutlet | None:
        """
        The next so many octets of the response's body could be moved from socket to
        socket.

        @return: where to; C{None} where they have to be given to L{answer_body}.
        """

    def answer_ended(trailers: Sequence[Pair]) -> None:
        """
        The response is complete.
        """

    def answer_switched(response: Response, tunnel: ITunnelEnd) -> None:
        """
        The server left HTTP with a valid 101.
        """

    def answer_failed(error: ExchangeError) -> None:
        """
        The exchange ended before the response was complete.
        """

    def pause_request() -> None:
        """
        The server reads slower than the request comes.
        """

    def resume_request() -> None:
        """
        The server takes more.
        """
