"""
The two sides of an exchange, in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from twisted.web.resource import IResource
from twisted.web.server import Request as TwistedRequest
from zope.interface import implementer

from revproxy.errors import ExchangeError
from revproxy.exchange import UNKNOWN, Exchange, Outbound, Peer, Request, Response
from revproxy.interfaces import IDownstream, IExchangeResource, IReceiver, ITunnelEnd
from revproxy.wire.fields import Fields, FrozenFields, Pair


@implementer(IDownstream)
class RecordingDownstream:
    """
    A client that keeps what it is sent.

    @ivar response: the head of the final response, once there is one.
    @ivar body: the octets of the body so far.
    @ivar calls: the names of the methods that were called, in order.
    @ivar interims: the status of each interim response.
    @ivar error: what the request was refused with.
    @ivar on_write: called with each part of the body, for a client that reads slowly.
    """

    def __init__(self, on_write: Callable[[bytes], None] | None = None) -> None:
        self.response: Response | None = None
        self.body = b""
        self.calls: list[str] = []
        self.interims: list[int] = []
        self.trailers: Sequence[Pair] = ()
        self.error: ExchangeError | None = None
        self._on_write = on_write

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        self.calls.append("interim")
        self.interims.append(status)

    def begin(self, response: Response) -> None:
        self.calls.append("begin")
        self.response = response

    def write(self, data: bytes) -> None:
        self.calls.append("write")
        self.body += data
        if self._on_write is not None:
            self._on_write(data)

    def flush(self) -> None:
        self.calls.append("flush")

    def outlet(self, octets: int) -> None:
        self.calls.append("outlet")

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        self.calls.append("end")
        self.trailers = trailers

    def cut(self) -> None:
        self.calls.append("cut")

    def refuse(self, error: ExchangeError) -> None:
        self.calls.append("refuse")
        self.error = error

    def switch(self, response: Response) -> ITunnelEnd:
        raise NotImplementedError("no tunnels here")

    def pause_body(self) -> None:
        self.calls.append("pause_body")

    def resume_body(self) -> None:
        self.calls.append("resume_body")


@implementer(IReceiver)
class RecordingReceiver:
    """
    A relay that keeps what it hears from the client's side.

    @ivar calls: the names of the methods that were called, in order.
    @ivar pieces: the parts of the body.
    @ivar trailers: those of the body, C{None} as long as it has not ended.
    @ivar on_body: called with each part of the body, for one that is slow.
    """

    def __init__(self, on_body: Callable[[bytes], None] | None = None) -> None:
        self.calls: list[str] = []
        self.pieces: list[bytes] = []
        self.trailers: Sequence[Pair] | None = None
        self.error: ExchangeError | None = None
        self._on_body = on_body

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def request_body(self, data: bytes) -> None:
        self.calls.append("request_body")
        self.pieces.append(data)
        if self._on_body is not None:
            self._on_body(data)

    def request_flush(self) -> None:
        self.calls.append("request_flush")

    def request_outlet(self, octets: int) -> None:
        self.calls.append("request_outlet")

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        self.calls.append("request_ended")
        self.trailers = trailers

    def request_failed(self, error: ExchangeError) -> None:
        self.calls.append("request_failed")
        self.error = error

    def client_left(self) -> None:
        self.calls.append("client_left")

    def pause_response(self) -> None:
        self.calls.append("pause_response")

    def resume_response(self) -> None:
        self.calls.append("resume_response")


@implementer(IExchangeResource)
class RecordingResource:
    """
    A leaf that keeps the exchanges that it is to answer.

    @ivar receiver: hears of the last one.
    """

    isLeaf = True

    def __init__(self, answer: Callable[[Exchange], None] | None = None) -> None:
        """
        @param answer: called with each exchange.
        """
        self.exchanges: list[Exchange] = []
        self.receiver = RecordingReceiver()
        self._answer = answer

    def answer(self, exchange: Exchange) -> IReceiver:
        self.exchanges.append(exchange)
        if self._answer is not None:
            self._answer(exchange)
        return self.receiver

    def getChildWithDefault(self, name: bytes, request: object) -> NoReturn:
        raise NotImplementedError("a leaf has no children")

    def putChild(self, path: bytes, child: IResource) -> NoReturn:
        raise NotImplementedError("a leaf has no children")

    def render(self, request: TwistedRequest) -> int | bytes:
        raise NotImplementedError("exchanges are answered, not rendered")


def an_exchange(
    downstream: IDownstream | None = None,
    method: bytes = b"GET",
    path: bytes = b"/",
    query: bytes | None = None,
    authority: bytes = b"example.com",
    fields: Sequence[Pair] = (),
    length: int | None = None,
    peer: Peer | None = None,
    scheme: bytes = b"http",
    expects_continue: bool = False,
    most_body: int = 2**30,
    upgrade: bytes | None = None,
) -> Exchange:
    """
    An exchange as the edge makes it; all C{fields} go on to the upstream.
    """
    request = Request(
        method, scheme, authority, authority.partition(b":")[0], path, query, b"1.1", FrozenFields(fields),
        length, upgrade, expects_continue,
    )  # fmt: skip
    outbound = Outbound(method, request.target, None, Fields(fields))
    peer = peer or Peer("192.0.2.7", 50000, 8080, "web")
    return Exchange(
        request, outbound, peer, peer.address, downstream or RecordingDownstream(), 0.0, most_body
    )


def a_response(status: int = 200, fields: Sequence[Pair] = (), length: int | None = UNKNOWN) -> Response:
    """
    The head of a response.
    """
    return Response(status, b"", Fields(fields), length)
