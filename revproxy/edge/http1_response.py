"""
The client's side of one exchange over HTTP/1: writes the response.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twisted.web.http import datetimeToString
from zope.interface import implementer

from revproxy.errors import ExchangeError
from revproxy.exchange import UNKNOWN, Exchange, Response
from revproxy.flow.replies import refusal_reply, respond
from revproxy.flow.tunnel import TunnelEnd
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Fields, Pair
from revproxy.wire.framing import response_has_body
from revproxy.wire.refusal import REASONS
from revproxy.wire.serialize import chunk_bytes, head_bytes, last_chunk_bytes

if TYPE_CHECKING:
    from revproxy.edge.http1 import Http1Connection


@implementer(IDownstream)
class Http1Response:
    """
    Writes one response to the connection that the request came from.

    @ivar persistent: whether the connection may go on after this response.
    @ivar begun: whether the final head was made; from then on an error can only
        cut the response.
    @ivar over: whether nothing more will be written.
    """

    __slots__ = (
        "_bodyless", "_chunked", "_connection", "_head", "_left", "_transport", "begun", "exchange", "over", "persistent",
    )  # fmt: skip

    exchange: Exchange

    def __init__(self, connection: Http1Connection, persistent: bool) -> None:
        self._connection = connection
        self._transport = connection.transport
        self.persistent = persistent
        self.begun = False
        self.over = False
        self._head: bytes | None = None
        self._bodyless = False
        self._chunked = False
        self._left = 0

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        if self.begun or self.over or self.exchange.request.version == b"1.0":
            return
        if status == 100 and not self._connection.continue_is_awaited():
            return
        line = b"HTTP/1.1 %d %b" % (status, reason or REASONS.get(status, b""))
        self._transport.write(head_bytes(line, fields))

    def begin(self, response: Response) -> None:
        if self.begun or self.over:
            return
        head = self._make_head(response)
        self._head = head
        self.begun = True
        exchange = self.exchange
        exchange.response = response
        exchange.first_byte = self._connection.seconds()

    def _make_head(self, response: Response) -> bytes:
        request = self.exchange.request
        length = response.length
        fields = list(response.fields)
        self._bodyless = not response_has_body(response.status, request.method)
        if length is not None and length >= 0:
            if response.status != 204:
                fields.append((b"content-length", b"%d" % length))
            self._left = length
        elif not self._bodyless:
            self._left = UNKNOWN
            if request.version == b"1.0":
                self.persistent = False
            else:
                self._chunked = True
                fields.append((b"transfer-encoding", b"chunked"))
        if not self._connection.may_persist():
            self.persistent = False
        if not self.persistent:
            fields.append((b"connection", b"close"))
        elif request.version == b"1.0":
            fields.append((b"connection", b"keep-alive"))
        if response.fields.get(b"date") is None:
            fields.append((b"date", datetimeToString()))
        return head_bytes(b"HTTP/1.1 %d %b" % (response.status, response.reason), fields)

    def write(self, data: bytes) -> None:
        if self._bodyless or self.over or not data:
            return
        if self._left >= 0:
            data = data[: self._left] if len(data) > self._left else data
            self._left -= len(data)
        self.exchange.body_sent += len(data)
        if self._chunked:
            data = chunk_bytes(data)
        if self._head is not None:
            data = self._head + data
            self._head = None
        self._transport.write(data)

    def flush(self) -> None:
        if self._head is not None:
            self._transport.write(self._head)
            self._head = None

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        if self.over:
            return
        if self._left > 0 and not self._bodyless:
            self.cut()
            return
        if self._chunked:
            last = last_chunk_bytes(trailers if self.exchange.request.trailers else ())
            self._transport.write(last if self._head is None else self._head + last)
            self._head = None
        elif self._head is not None:
            self._transport.write(self._head)
            self._head = None
        self.over = True
        self._connection.response_ended()

    def cut(self) -> None:
        if not self.over:
            self.over = True
            self._connection.response_cut()

    def refuse(self, error: ExchangeError) -> None:
        self.exchange.error = error
        if self.begun:
            self.cut()
            return
        respond(self, self.exchange, refusal_reply(error, self.exchange.request))

    def switch(self, response: Response) -> TunnelEnd:
        fields = Fields(response.fields)
        fields.append((b"connection", b"upgrade"))
        fields.append((b"upgrade", self.exchange.request.upgrade or b""))
        self._transport.write(head_bytes(b"HTTP/1.1 101 Switching Protocols", fields))
        self.begun = self.over = True
        self.exchange.response = response
        self.exchange.first_byte = self._connection.seconds()
        return self._connection.become_tunnel()

    def pause_body(self) -> None:
        if not self.over:
            self._connection.pause_request()

    def resume_body(self) -> None:
        if not self.over:
            self._connection.resume_request()
