"""
The client's connection over HTTP/1: reads requests, one exchange after another.

RFC 9112.  What comes is handed to the state that the connection is in
(C{_receive}); each state returns what it did not use up, for the next state.
Responses leave in the order of the requests, because the next request is not
looked at before the exchange is over.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IHandshakeListener,
    IPushProducer,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import implementer

from revproxy.edge.arrivals import Arrivals
from revproxy.edge.closing import reset
from revproxy.edge.http1_response import Http1Response
from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.peers import peer_of
from revproxy.errors import BadRequest, ContentTooLarge, ExchangeError, RequestTimeout
from revproxy.exchange import UNKNOWN
from revproxy.flow.deadline import Deadline
from revproxy.flow.tunnel import TunnelEnd
from revproxy.interfaces import IReceiver
from revproxy.wire.bodies import Body, ChunkedBody, LengthBody
from revproxy.wire.request_head import RequestHead

_MOST_HELD = 65536
_MOST_DISCARDED = 262144
_LINGER = 2.0


@implementer(IPushProducer, IHalfCloseableProtocol, IHandshakeListener)
class Http1Connection(Protocol):
    """
    One connection of a client.

    Two deadlines watch it: one for what the client has to send, one for what it
    has to read.

    @ivar _held: what came behind the request that is being answered, bounded by
        not reading on.
    @ivar _body: the rest of the request's body, C{None} when the request is whole.
    @ivar _response: the exchange's response, C{None} between exchanges.
    """

    transport: ITCPTransport

    def __init__(self, settings: Http1Settings) -> None:
        self.settings = settings
        self.seconds = settings.clock.seconds
        self._reading = Deadline(settings.clock, self._read_late)
        self._writing = Deadline(settings.clock, self._write_late)
        self._when_late: Callable[[], None] = self._close
        self._receive: Callable[[bytes], bytes] = self._read_heads
        self._buffer = bytearray()
        self._held = b""
        self._body: Body | None = None
        self._body_received = 0
        self._body_due = 0.0
        self._response: Http1Response | None = None
        self._receiver: IReceiver | None = None
        self._tunnel: TunnelEnd | None = None
        self._requests = 0
        self._discarded = 0
        self._paused = False
        self._blocked = False
        self._awaits_continue = False
        self._last = False
        self._arrivals: Arrivals | None = None

    # What the transport calls.

    @override
    def connectionMade(self) -> None:
        settings = self.settings
        self.transport.registerProducer(self, True)
        self.write = settings.turn.writer(self.transport)
        if len(settings.connections) >= settings.most_connections:
            self._abort()
            return
        settings.connections.add(self)
        if settings.secure:
            self._when_late = self._abort
            self._reading.set(settings.handshake_timeout)
        else:
            self._ready()

    def handshakeCompleted(self) -> None:
        """
        Implement L{IHandshakeListener}: who the client is, is known now.
        """
        self._ready()

    def _ready(self) -> None:
        self._arrivals = Arrivals(
            self.settings, peer_of(self.transport, self.settings.listener, self.settings.secure)
        )
        self._when_late = self._head_late
        self._reading.set(self.settings.head_timeout)

    @override
    def dataReceived(self, data: bytes) -> None:
        rest = self._receive(data)
        while rest:
            rest = self._receive(rest)

    def readConnectionLost(self) -> None:
        """
        Implement L{IHalfCloseableProtocol}: the client sends no more.

        It may have left altogether, which looks the same.  So a short time is given
        to an answer that is on its way.
        """
        if self._tunnel is not None:
            self._tunnel.read_closed()
        elif self._response is None or self._body is not None:
            self._close()
        else:
            self._last = True
            self._when_late = self._abort
            self._reading.set(self.settings.half_closed_timeout)

    def writeConnectionLost(self) -> None:
        """
        Implement L{IHalfCloseableProtocol}: we asked for it ourselves.
        """

    @override
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.settings.connections.discard(self)
        self._reading.stop()
        self._writing.stop()
        self._receive = self._discard
        if self._tunnel is not None:
            self._tunnel.lost()
        self._abandon()

    def pauseProducing(self) -> None:
        """
        Implement L{IPushProducer}: the client reads slower than we write.
        """
        if self._tunnel is not None:
            self._tunnel.pause_other()
            return
        self._blocked = True
        self._writing.set(self.settings.slow_reader_timeout)
        if self._receiver is not None:
            self._receiver.pause_response()

    def resumeProducing(self) -> None:
        """
        Implement L{IPushProducer}: the client has taken what was written.
        """
        if self._tunnel is not None:
            self._tunnel.resume_other()
            return
        self._blocked = False
        self._writing.clear()
        if self._receiver is not None:
            self._receiver.resume_response()

    def stopProducing(self) -> None:
        """
        Implement L{IPushProducer}: C{connectionLost} follows.
        """

    # The states: each takes what came, and returns what is left for the next.

    def _read_heads(self, data: bytes) -> bytes:
        """
        Between requests, or in a head.
        """
        buffer = self._buffer
        if buffer:
            searched = max(len(buffer) - 3, 0)
            buffer += data
            if buffer.find(b"\r\n\r\n", searched) < 0 and not buffer.startswith(b"\r\n"):
                return self._head_begun(searched)
            data = bytes(buffer)
            buffer.clear()
        if data.startswith(b"\r\n"):
            data = data[2:]
        end = data.find(b"\r\n\r\n")
        if end < 0:
            buffer += data
            return self._head_begun(0)
        try:
            head = self._arrivals.heads.parse(data[: end + 4])
            self._arrivals.check_directed(head.host)
        except ExchangeError as error:
            self._refuse(error)
            return b""
        return self._begin(head, data[end + 4 :])

    def _head_begun(self, searched: int) -> bytes:
        buffer = self._buffer
        if buffer and self._when_late != self._head_late:
            self._when_late = self._head_late
            self._reading.set(self.settings.head_timeout)
        try:
            self._arrivals.heads.check_begun(buffer, searched)
        except ExchangeError as error:
            self._refuse(error)
        return b""

    def _begin(self, head: RequestHead, rest: bytes) -> bytes:
        settings = self.settings
        self._requests += 1
        section = head.section
        if not section.persistent or self._requests >= settings.most_requests or settings.draining:
            self._last = True
        self._response = response = Http1Response(self, not self._last)
        exchange = self._arrivals.exchange(head, response)
        response.exchange = exchange
        length = section.length
        if length:
            self._expect_body(length, section.expects_continue)
        else:
            self._receive = self._hold
            self._reading.clear()
        receiver = settings.answer(exchange)
        if self._response is response:
            self._receiver = receiver
            if self._blocked:
                receiver.pause_response()
            if length is not None and not length:
                receiver.request_ended(())
            elif length and not rest:
                receiver.request_flush()
        return rest

    def _expect_body(self, length: int, expects_continue: bool) -> None:
        self._body = ChunkedBody(BadRequest) if length == UNKNOWN else LengthBody(length)
        self._receive = self._read_body
        self._body_received = 0
        self._awaits_continue = expects_continue
        if expects_continue:
            self._when_late = self._continue_late
            self._reading.set(self.settings.continue_timeout)
        else:
            self._await_body()

    def _await_body(self) -> None:
        """
        From here on the body has to come at the least rate.
        """
        self._when_late = self._body_late
        self._body_due = self._body_received + self.settings.least_body_rate * self.settings.body_grace
        self._reading.set(self.settings.body_grace)

    def _read_body(self, data: bytes) -> bytes:
        """
        In a request's body.
        """
        if self._awaits_continue:
            self._awaits_continue = False
            self._await_body()
        assert self._body is not None and self._receiver is not None and self._response is not None
        try:
            content, rest = self._body.feed(data)
        except ExchangeError as error:
            self._body_failed(error)
            return b""
        receiver = self._receiver
        self._body_received += len(content)
        if self._body_received > self._response.exchange.most_body:
            self._body_failed(ContentTooLarge("the body is larger than the route allows"))
            return b""
        if rest is None:
            if content:
                receiver.request_body(content)
            receiver.request_flush()
            return b""
        trailers = self._body.trailers
        self._body = None
        self._receive = self._hold
        self._reading.clear()
        if content:
            receiver.request_body(content)
        if self._receiver is receiver:
            receiver.request_ended(trailers)
        return rest

    def _hold(self, data: bytes) -> bytes:
        """
        The request is whole and its answer is not: pipelined requests wait.
        """
        self._held += data
        if len(self._held) > _MOST_HELD:
            self._pause()
        return b""

    def _drain(self, data: bytes) -> bytes:
        """
        The exchange is over, but not the request's body.
        """
        assert self._body is not None
        try:
            _, rest = self._body.feed(data)
        except ExchangeError:
            rest = None
            self._discarded = _MOST_DISCARDED
        self._discarded += len(data)
        if rest is not None:
            self._body = None
            self._next()
            return rest
        if self._discarded > _MOST_HELD:
            self._linger()
        return b""

    def _discard(self, data: bytes) -> bytes:
        """
        Nothing that comes matters any more.
        """
        self._discarded += len(data)
        if self._discarded > _MOST_DISCARDED:
            self._abort()
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
        return not (self._last or self._awaits_continue or self.settings.draining)

    def continue_is_awaited(self) -> bool:
        """
        Whether the client waits for a 100, which it is about to get.
        """
        awaited, self._awaits_continue = self._awaits_continue, False
        if awaited:
            self._await_body()
        return awaited

    def response_ended(self) -> None:
        """
        The whole response was handed to the transport.
        """
        response = self._response
        assert response is not None
        whole = self._body is None
        self._over()
        if not response.persistent:
            self._close() if whole else self._linger()
        elif whole:
            self._next()
        else:
            self._receive = self._drain
            self._discarded = 0
            self._resume()

    def response_cut(self) -> None:
        """
        The response cannot be completed, and the client has to notice.
        """
        self._over()
        self._receive = self._discard
        reset(self.transport, self.settings.secure)

    def become_tunnel(self) -> TunnelEnd:
        """
        Leave HTTP; what the client has sent already goes into the tunnel.
        """
        self._reading.clear()
        self._writing.clear()
        self._receive = self._through
        self._resume()
        early, self._held = self._held, b""
        self._receiver = None
        self._tunnel = TunnelEnd(self.transport, self.settings.secure, early)
        return self._tunnel

    def pause_request(self) -> None:
        """
        Read no more of the request's body; the client is not to blame for the time.
        """
        if self._body is not None:
            self._pause()
            self._reading.clear()

    def resume_request(self) -> None:
        """
        Read on.
        """
        if self._body is not None and self._paused:
            self._resume()
            if not self._awaits_continue:
                self._await_body()

    # What the service calls.

    def take_up(self, settings: Http1Settings) -> None:
        """
        Treat what comes after the present exchange by other settings.
        """
        self.settings.connections.discard(self)
        settings.connections.add(self)
        self.settings = settings
        if self._arrivals is not None:
            self._arrivals = Arrivals(settings, self._arrivals.peer)

    def drain(self) -> None:
        """
        End as soon as no exchange is cut short by it.
        """
        self._last = True
        if self._response is None:
            self._close()

    def abort(self) -> None:
        """
        End now.
        """
        self._abort()

    # Deadlines.

    def _read_late(self) -> None:
        self._when_late()

    def _write_late(self) -> None:
        self._abort()

    def _head_late(self) -> None:
        if self._buffer or not self._requests:
            self._refuse(RequestTimeout("the head did not come in time"))
        else:
            self._close()

    def _continue_late(self) -> None:
        if self._response is not None:
            self._response.interim(100, b"", ())

    def _body_late(self) -> None:
        if self._body_received >= self._body_due:
            self._await_body()
        else:
            self._body_failed(RequestTimeout("the body comes too slowly"))

    # The ways an exchange and a connection end.

    def _body_failed(self, error: ExchangeError) -> None:
        """
        The rest of the body cannot be told from what follows it, or is not wanted.
        """
        self._last = True
        self._receive = self._discard
        self._reading.clear()
        if self._receiver is not None:
            self._receiver.request_failed(error)

    def _refuse(self, error: ExchangeError) -> None:
        """
        Answer what is no valid request, and close.
        """
        self._last = True
        self._buffer.clear()
        self._receive = self._discard
        self._reading.clear()
        self._response = response = Http1Response(self, False)
        response.exchange = self._arrivals.malformed(response)
        self._discarded = 0
        self._body = LengthBody(_MOST_DISCARDED)
        response.refuse(error)

    def _over(self) -> None:
        """
        The exchange is over, and is counted once.
        """
        response = self._response
        assert response is not None
        self._response = None
        self._receiver = None
        self._awaits_continue = False
        response.exchange.ended = self.seconds()
        self.settings.finished(response.exchange)

    def _abandon(self) -> None:
        """
        The client is gone: end what was started for it.
        """
        response, receiver = self._response, self._receiver
        if response is None:
            return
        response.over = True
        if self._tunnel is not None:
            response.exchange.body_sent = self._tunnel.octets
        self._over()
        if receiver is not None:
            receiver.client_left()

    def _next(self) -> None:
        """
        Go on to the next request, which may be here already.
        """
        self._receive = self._read_heads
        self._when_late = self._close
        self._reading.set(self.settings.idle_timeout)
        self._resume()
        if self._held:
            held, self._held = self._held, b""
            self.dataReceived(held)

    def _linger(self) -> None:
        """
        Close our direction and let the client read the response before the rest:
        to close at once would reset the connection (RFC 9112 section 9.6).
        """
        self._receive = self._discard
        self._resume()
        if self.settings.secure:
            self._close()
        else:
            self.transport.loseWriteConnection()
        self._when_late = self._abort
        self._reading.set(_LINGER)

    def _close(self) -> None:
        """
        Close once everything is written, but do not wait for ever.
        """
        self._receive = self._discard
        self._reading.clear()
        self._writing.set(self.settings.slow_reader_timeout)
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def _abort(self) -> None:
        self._receive = self._discard
        self.transport.abortConnection()

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self.transport.pauseProducing()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self.transport.resumeProducing()
