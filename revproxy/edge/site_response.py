"""
The client's side of one exchange over a request of C{twisted.web}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, NoReturn, cast

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from revproxy.edge.stored_body import StoredBody
from revproxy.errors import ExchangeError
from revproxy.exchange import UNKNOWN, Exchange, Response
from revproxy.flow.replies import refusal_reply, respond
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Pair
from revproxy.wire.framing import response_has_body

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime, ITCPTransport
    from twisted.python.failure import Failure
    from twisted.web import server

    from revproxy.interfaces import IExchangeResource, IReceiver


@implementer(IDownstream, IPushProducer)
class SiteDownstream:
    """
    Writes one response to a request of C{twisted.web}, whose body is there already.

    @ivar _left: how many octets of the body are still to come, or C{UNKNOWN}.
    """

    _exchange: Exchange
    _receiver: IReceiver

    def __init__(self, request: server.Request, clock: IReactorTime) -> None:
        self._request = request
        self._clock = clock
        self._begun = False
        self._over = False
        self._bodyless = False
        self._left = UNKNOWN
        self._body = StoredBody(cast("BinaryIO", request.content))

    def serve(self, exchange: Exchange, resource: IExchangeResource) -> None:
        """
        Let a resource answer, and tell it of the request's body and of the client.

        @param exchange: one that has this as its C{downstream}.
        """
        self._exchange = exchange
        receiver = resource.answer(exchange)
        if self._over:
            return
        self._receiver = receiver
        self._request.notifyFinish().addErrback(self._client_left)
        self._request.registerProducer(self, True)
        if exchange.request.length is not None:
            self._body.start(receiver)

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IDownstream.interim}: C{twisted.web} cannot send one.
        """

    def begin(self, response: Response) -> None:
        """
        Implement L{IDownstream.begin}.
        """
        if self._begun or self._over:
            return
        self._begun = True
        self._exchange.response = response
        self._exchange.first_byte = self._clock.seconds()
        self._bodyless = not response_has_body(response.status, self._exchange.request.method)
        self._set_head(response)

    def _set_head(self, response: Response) -> None:
        request, headers = self._request, self._request.responseHeaders
        request.setResponseCode(response.status, response.reason)
        request.defaultContentType = None
        headers.removeHeader(b"server")
        if response.fields.get(b"date") is not None:
            headers.removeHeader(b"date")
        for name, value in response.fields:
            if name == b"set-cookie":
                request.cookies.append(value)
            else:
                headers.addRawHeader(name, value)
        if response.length is not None and response.length != UNKNOWN:
            self._left = response.length
            if response.status != 204:
                headers.setRawHeaders(b"content-length", [b"%d" % response.length])

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """
        if self._bodyless or self._over:
            return
        if self._left != UNKNOWN:
            data = data[: self._left]
            self._left -= len(data)
        if data:
            self._exchange.body_sent += len(data)
            self._request.write(data)

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """
        if self._begun and not self._over:
            self._request.write(b"")

    def outlet(self, octets: int) -> None:
        """
        Implement L{IDownstream.outlet}: the connection is C{twisted.web}'s.
        """

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}: C{twisted.web} cannot send trailers.
        """
        if self._over:
            return
        if self._left > 0 and not self._bodyless:
            self.cut()
            return
        self._close()
        self._request.finish()

    def cut(self) -> None:
        """
        Implement L{IDownstream.cut}.  A stream of HTTP/2 has no transport; it is
        the channel that is aborted then.
        """
        if self._over:
            return
        self._close()
        channel = self._request.channel
        cast("ITCPTransport", channel.transport or channel).abortConnection()

    def refuse(self, error: ExchangeError) -> None:
        """
        Implement L{IDownstream.refuse}.
        """
        self._exchange.error = error
        self._exchange.why.append(f"{error.status} {error.reason}")
        if self._begun:
            self.cut()
        else:
            respond(self, self._exchange, refusal_reply(error, self._exchange.request))

    def switch(self, response: Response) -> NoReturn:
        """
        Implement L{IDownstream.switch}: no exchange of a site asks for an upgrade.
        """
        raise NotImplementedError("a site of twisted.web does not leave HTTP")

    def pause_body(self) -> None:
        """
        Implement L{IDownstream.pause_body}.
        """
        self._body.pause()

    def resume_body(self) -> None:
        """
        Implement L{IDownstream.resume_body}.
        """
        self._body.resume()

    def pauseProducing(self) -> None:
        """
        Implement L{IPushProducer.pauseProducing}: the client reads too slowly.
        """
        self._receiver.pause_response()

    def resumeProducing(self) -> None:
        """
        Implement L{IPushProducer.resumeProducing}.
        """
        self._receiver.resume_response()

    def stopProducing(self) -> None:
        """
        Implement L{IProducer.stopProducing}: that the client left is told by
        C{notifyFinish} too.
        """

    def _close(self) -> None:
        """
        The exchange is over on this side.
        """
        self._over = True
        self._exchange.ended = self._clock.seconds()
        self._body.stop()
        if self._request.producer is self:
            self._request.unregisterProducer()

    def _client_left(self, failure: Failure) -> None:
        """
        The request has no channel any more, so nothing of it can be called.
        """
        if not self._over:
            self._over = True
            self._exchange.ended = self._clock.seconds()
            self._body.stop()
            self._receiver.client_left()
