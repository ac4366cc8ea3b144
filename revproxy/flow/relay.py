"""
One exchange between a client and an upstream, from its filters to its last byte.

The relay stands between two connections and belongs to neither: it is told what
comes from each (L{IReceiver}, L{IAnswerReceiver}) and hands it to the other.  It
knows how far the request got, so it knows whether another server may be tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from revproxy.errors import ContentTooLarge, ExchangeError, UpstreamGone, UpstreamMalformed
from revproxy.exchange import Exchange, Reply, Response
from revproxy.flow.filtering import RequestFilters
from revproxy.flow.replies import respond
from revproxy.flow.route import RouteSettings
from revproxy.flow.server import Server
from revproxy.flow.tunnel import Tunnel, TunnelEnd
from revproxy.interfaces import (
    IAnswerReceiver,
    IDownstream,
    IReceiver,
    ITunnelEnd,
    IUpstreamConnection,
)
from revproxy.wire.fields import Pair
from revproxy.wire.upgrade import may_switch, upgrade_answered

_MOST_HELD = 65536
_IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"))

log = Logger()


@implementer(IReceiver, IAnswerReceiver)
class Relay:
    """
    Relays one exchange.

    @ivar _held: the part of the request's body that came before there was a
        connection to send it on; bounded by asking for no more.
    @ivar _connection: the upstream connection that carries the exchange now.
    @ivar _over: set when nothing more may happen; every late call ends there.
    """

    __slots__ = (
        "_begun", "_connection", "_downstream", "_exchange", "_filters", "_flushed", "_fresh_only", "_held",
        "_held_size", "_over", "_paused", "_request_trailers", "_route", "_server", "_tried", "_tunnel",
        "_upgrade", "_waiting",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, route: RouteSettings) -> None:
        self._exchange = exchange
        self._downstream: IDownstream = exchange.downstream
        self._route = route
        self._tried: list[Server] = []
        self._server: Server | None = None
        self._connection: IUpstreamConnection | None = None
        self._filters: RequestFilters | None = None
        self._waiting: Deferred[Any] | None = None
        self._held: list[bytes] = []
        self._held_size = 0
        self._request_trailers: Sequence[Pair] | None = None
        self._upgrade: bytes | None = None
        self._tunnel: Tunnel | None = None
        self._begun = False
        self._fresh_only = False
        self._flushed = False
        self._paused = False
        self._over = False

    def start(self) -> None:
        """
        Begin; with no filter that waits, the request leaves at once.
        """
        exchange, route = self._exchange, self._route
        if exchange.request.length is not None and exchange.request.length > exchange.most_body:
            self._refuse(ContentTooLarge("the body is larger than the route allows"))
            return
        if route.request_filters:
            self._filters = RequestFilters(route.request_filters, exchange, self._filtered, self._refuse)
            self._filters.run()
        else:
            self._try()

    def _filtered(self, reply: Reply | None) -> None:
        """
        The filters let the request pass, or answered it.
        """
        if reply is None:
            self._try()
        else:
            self._answer_with(reply)

    def _answer_with(self, reply: Reply) -> None:
        self._over = True
        try:
            respond(self._downstream, self._exchange, reply)
        except ExchangeError as error:
            self._downstream.refuse(error)

    # Servers.

    def _try(self) -> None:
        exchange = self._exchange
        try:
            server = self._route.upstream.pick(exchange, self._tried)
        except ExchangeError as error:
            self._refuse(exchange.error or error)
            return
        self._server = server
        server.active += 1
        exchange.server = server.name
        exchange.tries += 1
        connection = None if self._fresh_only else server.take()
        if connection is not None:
            self._send(connection)
            return
        self._waiting = waiting = server.connect()
        waiting.addCallbacks(self._connected, self._not_connected)

    def _connected(self, connection: IUpstreamConnection) -> None:
        self._waiting = None
        if self._over:
            connection.drop()
        else:
            self._send(connection)

    def _not_connected(self, failure: Failure) -> None:
        self._waiting = None
        if self._over:
            return
        error = failure.value
        if isinstance(error, ExchangeError):
            self.answer_failed(error)
            return
        log.failure("connecting to {server} failed", failure, server=self._exchange.server)
        self.answer_failed(ExchangeError("connecting failed"))

    def _send(self, connection: IUpstreamConnection) -> None:
        exchange, upstream, server = self._exchange, self._route.upstream, self._server
        assert server is not None
        self._connection = connection
        exchange.error = None
        request = exchange.request
        asked = request.upgrade
        if asked is not None and may_switch(asked, request.method, upstream.upgrades):
            self._upgrade = asked
        try:
            connection.send(
                exchange.outbound,
                upstream.authority_for(exchange, server),
                request.length,
                self._upgrade,
                self,
            )
        except ExchangeError as error:
            connection.drop()
            self._connection = None
            self.answer_failed(error)
            return
        if self._paused:
            connection.pause()
        if request.length is not None:
            self._send_held(connection)

    def _send_held(self, connection: IUpstreamConnection) -> None:
        held, self._held = self._held, []
        for data in held:
            connection.body(data)
        if self._request_trailers is not None:
            connection.end_body(self._request_trailers)
            return
        if self._held_size > _MOST_HELD:
            self._downstream.resume_body()
        if self._flushed:
            connection.flush()

    def _release(self) -> None:
        """
        Let go of the server, whose part is over.
        """
        self._connection = None
        if self._server is not None:
            self._server.active -= 1
            self._server = None

    # What comes from the client.

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver.request_body}.
        """
        if self._connection is not None:
            self._connection.body(data)
        elif not self._over:
            self._held.append(data)
            self._held_size += len(data)
            if self._held_size > _MOST_HELD:
                self._downstream.pause_body()

    def request_flush(self) -> None:
        """
        Implement L{IReceiver.request_flush}.
        """
        if self._connection is not None:
            self._connection.flush()
        else:
            self._flushed = True

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver.request_ended}.
        """
        if self._connection is not None:
            self._connection.end_body(trailers)
        else:
            self._request_trailers = trailers

    def request_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IReceiver.request_failed}.
        """
        if self._over:
            return
        self._give_up()
        self._exchange.error = error
        self._downstream.refuse(error)

    def client_left(self) -> None:
        """
        Implement L{IReceiver.client_left}.
        """
        self._give_up()
        if self._tunnel is not None:
            self._tunnel.abort()

    def pause_response(self) -> None:
        """
        Implement L{IReceiver.pause_response}.
        """
        self._paused = True
        if self._connection is not None:
            self._connection.pause()

    def resume_response(self) -> None:
        """
        Implement L{IReceiver.resume_response}.
        """
        self._paused = False
        if self._connection is not None:
            self._connection.resume()

    def _give_up(self) -> None:
        """
        End everything that was started towards the upstream.
        """
        self._over = True
        if self._filters is not None:
            self._filters.cancel()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
        connection = self._connection
        self._release()
        if connection is not None:
            connection.drop()

    # What comes from the upstream.

    def answer_interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IAnswerReceiver.answer_interim}.
        """
        self._downstream.interim(status, reason, fields)

    def answer_begun(self, response: Response) -> None:
        """
        Implement L{IAnswerReceiver.answer_begun}.
        """
        self._begun = True
        try:
            for response_filter in self._route.response_filters:
                response_filter.filter_response(self._exchange, response)
            self._downstream.begin(response)
        except Exception as error:
            if not isinstance(error, ExchangeError):
                log.failure("a response filter failed")
                error = ExchangeError("a response filter failed")
            self._give_up()
            self._downstream.refuse(error)

    def answer_body(self, data: bytes) -> None:
        """
        Implement L{IAnswerReceiver.answer_body}.
        """
        self._downstream.write(data)

    def answer_flush(self) -> None:
        """
        Implement L{IAnswerReceiver.answer_flush}.
        """
        self._downstream.flush()

    def answer_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IAnswerReceiver.answer_ended}.
        """
        self._over = True
        self._release()
        self._downstream.end(trailers)

    def answer_switched(self, response: Response, tunnel: ITunnelEnd) -> None:
        """
        Implement L{IAnswerReceiver.answer_switched}.
        """
        exchange = self._exchange
        token = self._upgrade
        if token is None or not upgrade_answered(token, exchange.request.fields, response.fields):
            self._give_up()
            tunnel.tunnel_abort()
            self._refuse(UpstreamMalformed("a 101 that does not answer the request's upgrade"))
            return
        self._over = True
        self._connection = None
        self._tunnel = self._route.tunnel(self._release)
        client = self._downstream.switch(response)
        assert isinstance(client, TunnelEnd) and isinstance(tunnel, TunnelEnd)
        self._tunnel.open(client, tunnel)

    def answer_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IAnswerReceiver.answer_failed}.
        """
        if self._over:
            return
        exchange, server = self._exchange, self._server
        used = self._connection is not None and self._connection.used
        self._release()
        exchange.error = error
        exchange.why.append(f"{exchange.server}: {type(error).__name__}")
        log.warn(
            "{server}: {error}: {message}", server=exchange.server, error=type(error).__name__, message=error
        )
        if self._begun:
            self._over = True
            self._downstream.cut()
        elif error.retry_safe and server is not None:
            self._tried.append(server)
            self._try()
        elif used and isinstance(error, UpstreamGone) and self._may_repeat():
            self._fresh_only = True
            self._try()
        else:
            self._refuse(error)

    def _may_repeat(self) -> bool:
        """
        Whether the request may be sent again although the server may have seen it
        (RFC 9110 section 9.2.2): its method says so, and nothing of a body is lost.
        """
        request = self._exchange.request
        return request.method in _IDEMPOTENT and not request.length and not self._fresh_only

    def pause_request(self) -> None:
        """
        Implement L{IAnswerReceiver.pause_request}.
        """
        self._downstream.pause_body()

    def resume_request(self) -> None:
        """
        Implement L{IAnswerReceiver.resume_request}.
        """
        self._downstream.resume_body()

    def _refuse(self, error: ExchangeError) -> None:
        self._over = True
        self._exchange.error = error
        self._downstream.refuse(error)
