"""
The client's connection over HTTP/1: reads requests, one exchange after another.

RFC 9112.  Responses leave in the order of the requests, because the next request is
not looked at before the exchange is over.
"""

from __future__ import annotations

from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.edge.arrivals import Arrivals
from revproxy.edge.body_connection import MOST_UNREAD, BodyConnection
from revproxy.edge.closing import reset
from revproxy.edge.head_buffer import HeadBuffer
from revproxy.edge.http1_response import Http1Response
from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.peers import peer_of
from revproxy.edge.request_body import RequestBody
from revproxy.errors import ExchangeError, RequestTimeout
from revproxy.flow.tunnel import TunnelEnd
from revproxy.interfaces import IReceiver
from revproxy.wire.request_head import RequestHead


class Http1Connection(BodyConnection):
    """
    One connection of a client.

    @ivar _held: what came behind the present request, bounded by not reading on.
    @ivar _response: the exchange's response, C{None} between exchanges.
    @ivar _blocked: whether the client has to read before more is written.
    @ivar _unread: whether more may come of what was refused.
    @ivar _last: whether the connection ends with the present exchange.
    """

    _arrivals: Arrivals

    def __init__(self, settings: Http1Settings) -> None:
        super().__init__(settings)
        self._head = HeadBuffer()
        self._held = b""
        self._response: Http1Response | None = None
        self._receiver: IReceiver | None = None
        self._requests = 0
        self._blocked = False
        self._last = False
        self._unread = False

    # What the transport calls.

    @override
    def _ready(self) -> None:
        self._receive = self._arrive
        self._when_late = self._head_late
        self._reading.set(self.settings.head_timeout)

    @override
    def _read_closed(self) -> None:
        # The client may have left altogether, which looks the same.  So a short time
        # is given to an answer that is on its way.
        if self._response is None or self._body is not None:
            self._close()
        else:
            self._last = self._finished = True
            self._when_late = self._abort
            self._reading.set(self.settings.half_closed_timeout)

    @override
    def _lost(self, reason: Failure) -> None:
        super()._lost(reason)
        if self._response is not None:
            self._abandon(self._response)

    @override
    def _block(self) -> None:
        self._blocked = True
        self._writing.set(self.settings.slow_reader_timeout)
        if self._receiver is not None:
            self._receiver.pause_response()

    @override
    def _unblock(self) -> None:
        self._blocked = False
        self._writing.clear()
        if self._receiver is not None:
            self._receiver.resume_response()
        elif self._held and self._receive == self._read_heads:
            self._take_held()

    # The states: each takes what came, and returns what is left for the next.

    def _arrive(self, data: bytes) -> bytes:
        """
        Before the first request.  Who the client is may be known only now: behind a
        PROXY header it is not the transport's peer.
        """
        settings = self.settings
        self._arrivals = Arrivals(settings, peer_of(self.transport, settings.listener, settings.secure))
        self._receive = self._read_heads
        return data

    def _read_heads(self, data: bytes) -> bytes:
        """
        Between requests, or in a head.  A client that does not read has to read before it is
        answered again: what was pipelined waits.
        """
        if self._blocked:
            if not self._head:
                self._reading.clear()
            return self._hold(data)
        arrivals = self._arrivals
        begun, split = bool(self._head), None
        try:
            split = self._head.feed(data, arrivals.heads.check_begun)
            if split is None:
                if not begun and self._head and self._when_late != self._head_late:
                    self._when_late = self._head_late
                    self._reading.set(self.settings.head_timeout)
                return b""
            head = arrivals.heads.parse(split[0])
            arrivals.check_directed(head.host)
        except ExchangeError as error:
            self._refuse(error, split[0] if split else self._head.held)
            return b""
        return self._begin(head, split[1])

    def _begin(self, head: RequestHead, rest: bytes) -> bytes:
        settings = self.settings
        section = head.section
        self._requests += 1
        if not section.persistent or self._requests >= settings.most_requests:
            self._last = True
        self._response = response = Http1Response(self, not self._last)
        response.exchange = exchange = self._arrivals.exchange(head, response)
        length = section.length
        self._receive = self._hold
        if length:
            self._body = body = RequestBody(
                length, section.expects_continue, exchange, settings, self._reading, self._body_failed
            )
            self._when_late = body.late
        else:
            self._reading.clear()
        receiver = settings.answer(exchange)
        if self._is_open(response):
            self._receiver = receiver
            if self._blocked:
                receiver.pause_response()
            if length:
                self._receive = self._read_body
                rest, self._held = rest + self._held, b""
                if not rest:
                    receiver.request_flush()
            elif length is not None:
                receiver.request_ended(())
        return rest

    def _is_open(self, response: Http1Response) -> bool:
        """
        Whether the exchange goes on, which may have been answered at once.
        """
        return self._response is response

    @override
    def _read_body(self, data: bytes) -> bytes:
        """
        In a request's body.
        """
        body, receiver = self._body, self._receiver
        assert body is not None and receiver is not None
        try:
            content, rest = body.feed(data)
        except ExchangeError as error:
            self._body_failed(error)
            return b""
        if rest is not None:
            self._body = None
            self._receive = self._hold
        if content:
            receiver.request_body(content)
        if self._receiver is receiver:
            if rest is None:
                receiver.request_flush()
                self._move_body(body, receiver)
            else:
                receiver.request_ended(self._arrivals.heads.trailers(body.trailers))
        return rest or b""

    def _hold(self, data: bytes) -> bytes:
        """
        The request is whole and its answer is not: pipelined requests wait.
        """
        self._held += data
        if len(self._held) > MOST_UNREAD:
            self._pause()
        return b""

    def _drain(self, data: bytes) -> bytes:
        """
        The exchange is over, but not the request's body.
        """
        body = self._body
        assert body is not None
        try:
            rest = body.discard(data)
        except ExchangeError:
            self._linger()
            return b""
        if rest is not None:
            self._body = None
            self._next(self.seconds())
            return rest
        if body.discarded > MOST_UNREAD:
            self._linger()
        return b""

    def _through(self, data: bytes) -> bytes:
        """
        In a tunnel.
        """
        assert self._tunnel is not None
        self._tunnel.received(data)
        return b""

    # What the response calls.

    def may_persist(self) -> bool:
        """
        Whether the connection can go on after the response that begins now.
        """
        awaits_continue = self._body is not None and self._body.awaits_continue
        return not (self._last or awaits_continue or self.settings.draining)

    def response_ended(self) -> None:
        """
        The whole response was handed to the transport.
        """
        now = self.seconds()
        persistent = self._over(now)
        if persistent and self._body is None:
            self._next(now)
        elif persistent:
            self._receive = self._drain
            self._take_back()
            self.resume_request()
        elif self._body is None and not self._unread:
            self._close()
        else:
            self._linger()

    def response_cut(self) -> None:
        """
        The response cannot be completed, and the client has to notice.
        """
        self._over(self.seconds())
        self._receive = self._discard
        if self._pump is not None:  # Its descriptors would keep the connection open.
            self._pump.stop()
        reset(self.transport, self.settings.secure)

    def become_tunnel(self) -> TunnelEnd:
        """
        Leave HTTP; what the client has sent already goes into the tunnel.
        """
        self._reading.clear()
        self._writing.clear()
        self._receive = self._through
        self._resume()
        self._receiver = None
        early, self._held = self._held, b""
        self.settings.turn.send()
        self._tunnel = TunnelEnd(self.transport, self.settings.secure, early, self.settings.splicer)
        if self._finished:
            self._tunnel.read_closed()
        return self._tunnel

    # What the service calls.

    @override
    def take_up(self, settings: Http1Settings) -> None:
        super().take_up(settings)
        if hasattr(self, "_arrivals"):
            self._arrivals = Arrivals(settings, self._arrivals.peer)

    @override
    def drain(self) -> None:
        self._last = True
        if self._response is None:
            self._close()

    # Deadlines.

    def _head_late(self) -> None:
        if self._head:
            self._refuse(RequestTimeout("the head did not come in time"), self._head.held)
        else:
            self._close()

    # The ways an exchange ends.

    def _body_failed(self, error: ExchangeError) -> None:
        """
        The rest of the body cannot be told from what follows it, or is not wanted.
        """
        self._last = True
        if self._receiver is None:
            self._linger()
            return
        self._receive = self._discard
        self._reading.clear()
        self._receiver.request_failed(error)

    def _refuse(self, error: ExchangeError, head: bytes) -> None:
        """
        Answer what is no valid request (C{head} is what came of it), and close.
        """
        self._last = True
        self._head.clear()
        self._receive = self._discard
        self._reading.clear()
        self._response = response = Http1Response(self, False)
        response.exchange = self._arrivals.malformed(response, head)
        self._unread = True
        response.refuse(error)

    def _over(self, now: float) -> bool:
        """
        The exchange is over, and is counted once.

        @return: whether the connection may go on.
        """
        response = self._response
        assert response is not None
        self._response = None
        self._receiver = None
        exchange = response.exchange
        del response.exchange  # nothing refers to itself, so all goes at once, without the garbage collector
        exchange.ended = now
        self.settings.finished(exchange)
        return response.persistent and not self._last

    def _abandon(self, response: Http1Response) -> None:
        """
        The client is gone: end what was started for it.
        """
        receiver = self._receiver
        response.over = True
        if self._tunnel is None:
            response.exchange.why.append("the connection ended before the response")
        else:
            response.exchange.body_sent = self._tunnel.octets
        self._over(self.seconds())
        if receiver is not None:
            receiver.client_left()

    def _next(self, now: float) -> None:
        """
        Go on to the next request, which may be here already.
        """
        self._receive = self._read_heads
        self._when_late = self._close
        self._reading.set_from(now, self.settings.idle_timeout)
        if self._held:
            self._take_held()
        else:
            self._resume()

    def _take_held(self) -> None:
        self._resume()
        held, self._held = self._held, b""
        self.dataReceived(held)
