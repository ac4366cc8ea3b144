"""
How the client's side of an exchange and whoever answers it meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.resource import IResource
from zope.interface import Interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from revproxy.errors import ExchangeError
    from revproxy.exchange import Exchange, Response
    from revproxy.interfaces.tunnels import IOutlet, ITunnelEnd
    from revproxy.wire.fields import Pair


class IExchangeResource(IResource):
    """
    A leaf of the resource tree that answers exchanges itself.

    A plain L{IResource} in the tree is given a C{twisted.web} request instead.
    """

    def answer(exchange: Exchange) -> IReceiver:
        """
        Begin to answer.

        @return: who receives the request's body and what becomes of the client.
        """


class IReceiver(Interface):
    """
    Hears from the client's side of an exchange.
    """

    def request_body(data: bytes) -> None:
        """
        More of the request's body has come.
        """

    def request_flush() -> None:
        """
        What was read is used up; a head may be waiting for its body.
        """

    def request_outlet(octets: int) -> IOutlet | None:
        """
        The next so many octets of the request's body could be moved from socket to
        socket.

        @return: where to; C{None} where they have to be given to L{request_body}.
        """

    def request_ended(trailers: Sequence[Pair]) -> None:
        """
        The request's body is complete.
        """

    def request_failed(error: ExchangeError) -> None:
        """
        The rest of the request's body will not come, and why.
        """

    def client_left() -> None:
        """
        The client is gone; everything that the exchange started has to end.
        """

    def pause_response() -> None:
        """
        The client reads slower than the response comes.
        """

    def resume_response() -> None:
        """
        The client takes more.
        """


class IDownstream(Interface):
    """
    The client's side of one exchange: takes the response.
    """

    def interim(status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Send a 1xx response other than 101 (RFC 9110 section 15.2).
        """

    def begin(response: Response) -> None:
        """
        Send the head of the final response.  It may be held until L{flush},
        L{write} or L{end}, so that it leaves in one write with the body.
        """

    def write(data: bytes) -> None:
        """
        Send a part of the body.
        """

    def flush() -> None:
        """
        Let go of a head that is held.
        """

    def outlet(octets: int) -> IOutlet | None:
        """
        The next so many octets of the body could be moved from socket to socket.

        @return: where to; C{None} where they have to be given to L{write}.
        """

    def end(trailers: Sequence[Pair] = ()) -> None:
        """
        The response is complete.
        """

    def cut() -> None:
        """
        The response will not be completed: make sure that the client can tell.
        """

    def refuse(error: ExchangeError) -> None:
        """
        Answer with the error's status and a small body.  Where the response has
        begun it is cut instead.
        """

    def switch(response: Response) -> ITunnelEnd:
        """
        Send a 101 response and leave HTTP.

        @return: this connection, as one end of a tunnel.
        """

    def pause_body() -> None:
        """
        Ask for no more of the request's body.
        """

    def resume_body() -> None:
        """
        Ask for more of the request's body.
        """
