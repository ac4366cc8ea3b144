"""
The client's side of one exchange over HTTP/1: writes the response.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twisted.web.http import datetimeToString
from zope.interface import classImplements

from revproxy.edge.turn import LARGE
from revproxy.errors import ExchangeError
from revproxy.exchange import UNKNOWN, Exchange, Response
from revproxy.flow.replies import refusal_reply, respond
from revproxy.flow.tunnel import TunnelEnd
from revproxy.interfaces import IDownstream, IOutlet
from revproxy.wire.fields import Pair
from revproxy.wire.framing import response_has_body
from revproxy.wire.hop_by_hop import end_to_end_response
from revproxy.wire.refusal import REASONS
from revproxy.wire.serialize import chunk_bytes, head_bytes, last_chunk_bytes, status_line

if TYPE_CHECKING:
    from revproxy.edge.http1 import Http1Connection


class Http1Response:
    """
    Writes one response to the connection that the request came from.

    @ivar persistent: whether the connection may go on after this response.
    @ivar begun: whether the final head was made; from then on an error can only
        cut the response.
    @ivar over: whether nothing more will be written.
    """

    __slots__ = (
        "_bodyless", "_chunked", "_connection", "_left", "_out", "_write", "begun", "exchange", "over",
        "persistent",
    )  # fmt: skip
    __deletable__ = ("exchange",)  # asked for by the compiler

    exchange: Exchange

    def __init__(self, connection: Http1Connection, persistent: bool) -> None:
        self._connection = connection
        self._write = connection.write
        self.persistent = persistent
        self.begun = False
        self.over = False
        self._out: list[bytes] = []
        self._bodyless = False
        self._chunked = False
        self._left = 0

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IDownstream.interim}.
        """
        if self.begun or self.over or self.exchange.request.version == b"1.0":
            return
        if status == 100 and not self._connection.continue_is_awaited():
            return
        line = b"HTTP/1.1 %d %b" % (status, reason or REASONS.get(status, b""))
        self._write(head_bytes(line, fields))

    def begin(self, response: Response) -> None:
        """
        Implement L{IDownstream.begin}.
        """
        if self.begun or self.over:
            return
        self._out.append(self._head(response))
        self.begun = True
        exchange = self.exchange
        exchange.response = response
        exchange.first_byte = self._connection.seconds()

    def _head(self, response: Response) -> bytes:
        request, status, length = self.exchange.request, response.status, response.length
        line = status_line(status, response.reason)
        fields = response.lines()  # may raise, and then another response follows: nothing is changed before
        self._bodyless = not response_has_body(status, request.method)
        framing = b""
        if length is not None and length >= 0:
            self._left = length
            if status != 204:
                framing = b"content-length: %d\r\n" % length
        elif not self._bodyless:
            self._left = UNKNOWN
            if request.version == b"1.0":
                self.persistent = False
            else:
                self._chunked = True
                framing = b"transfer-encoding: chunked\r\n"
        if not (self.persistent and self._connection.may_persist()):
            self.persistent = False
            framing += b"connection: close\r\n"
        elif request.version == b"1.0":
            framing += b"connection: keep-alive\r\n"
        if not response.dated:
            framing += b"date: %b\r\n" % datetimeToString()
        return b"%b\r\n%b%b\r\n" % (line, fields, framing)

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """
        if self._bodyless or self.over or not data:
            return
        if self._left >= 0:
            data = data[: self._left] if len(data) > self._left else data
            self._left -= len(data)
        self.exchange.body_sent += len(data)
        self._out.append(chunk_bytes(data) if self._chunked else data)

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """
        out = self._out
        if out:
            self._out = []
            if len(out) == 2 and len(out[1]) > LARGE and not self._connection.settings.secure:
                self._write(out[0])
                self._write(out[1])
            else:
                self._write(b"".join(out))

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IDownstream.outlet}.
        """
        if self._chunked or self._bodyless or self.over or self._left < octets:
            return None
        return self._connection.outlet(self._moved)

    def _moved(self, octets: int) -> None:
        self._left -= octets
        self.exchange.body_sent += octets

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}.
        """
        if self.over:
            return
        if self._left > 0 and not self._bodyless:
            self.cut()
            return
        if self._chunked:
            self._out.append(last_chunk_bytes(trailers if self.exchange.request.trailers else ()))
        self.flush()
        self.over = True
        self._connection.response_ended()

    def cut(self) -> None:
        """
        Implement L{IDownstream.cut}.
        """
        if not self.over:
            self.over = True
            self._connection.response_cut()

    def refuse(self, error: ExchangeError) -> None:
        """
        Implement L{IDownstream.refuse}.
        """
        if self.over:
            return
        self.exchange.error = error
        self.exchange.why.append(f"{error.status} {error.reason}")
        if self.begun:
            self.cut()
            return
        if self._connection.much_is_unread():
            self.persistent = False
        respond(self, self.exchange, refusal_reply(error, self.exchange.request))

    def switch(self, response: Response) -> TunnelEnd:
        """
        Implement L{IDownstream.switch}.
        """
        fields = end_to_end_response(response.fields)
        fields.append((b"connection", b"upgrade"))
        fields.append((b"upgrade", self.exchange.request.upgrade or b""))
        self._write(head_bytes(b"HTTP/1.1 101 Switching Protocols", fields))
        self.begun = self.over = True
        self.exchange.response = response
        self.exchange.first_byte = self._connection.seconds()
        return self._connection.become_tunnel()

    def pause_body(self) -> None:
        """
        Implement L{IDownstream.pause_body}.
        """
        if not self.over:
            self._connection.pause_request()

    def resume_body(self) -> None:
        """
        Implement L{IDownstream.resume_body}.
        """
        if not self.over:
            self._connection.resume_request()


classImplements(Http1Response, IDownstream)
