"""
Every interface of the project.

The first part is what outsiders write components for; the second is how the
parts of the proxy meet: protocols and the relay know each other by it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.resource import IResource
from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from revproxy.errors import ExchangeError
    from revproxy.exchange import Exchange, Outbound, Reply, Response
    from revproxy.wire.fields import Pair


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


class IOutlet(Interface):
    """
    Where octets can go out past the protocol that writes there: a plain socket.
    """

    def descriptor() -> int:
        """
        @return: the socket's descriptor, which closes with the connection.
        """

    def unsent() -> object:
        """
        @return: something true as long as octets wait that were written before.
        """

    def moved(octets: int) -> None:
        """
        The socket took so many.
        """

    def write(data: bytes) -> None:
        """
        Send what cannot be moved.
        """

    def full() -> None:
        """
        The socket takes no more for now.
        """

    def has_room() -> None:
        """
        The socket, which was full, has taken something.
        """

    def broken() -> None:
        """
        The socket will never take any more.
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


class ITunnelEnd(Interface):
    """
    A connection that has left HTTP: bytes go through as they come.
    """

    def join(other: ITunnelEnd) -> None:
        """
        Give all bytes that come here to C{other}, those that came already first.
        """

    def tunnel_write(data: bytes) -> None:
        """
        Send bytes.
        """

    def tunnel_outlet() -> IOutlet | None:
        """
        Bytes could be moved from socket to socket.

        @return: where to; C{None} where they have to be given to L{tunnel_write}.
        """

    def tunnel_finish() -> None:
        """
        No more bytes will be sent: close this direction.
        """

    def tunnel_close() -> None:
        """
        The other end is gone: send what was written, and close both directions.
        """

    def tunnel_abort() -> None:
        """
        Close both directions at once.
        """

    def tunnel_pause() -> None:
        """
        Read no more.
        """

    def tunnel_resume() -> None:
        """
        Read on.
        """
