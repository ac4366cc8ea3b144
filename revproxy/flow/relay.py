"""
One exchange between a client and an upstream, from its filters to its last byte.

The relay stands between two connections and belongs to neither: it is told what
comes from each (L{IReceiver}, L{IAnswerReceiver}) and hands it to the other.  It
knows how far the request got, so it knows whether another server may be tried.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.logger import Logger
from zope.interface import classImplements

from revproxy.errors import ContentTooLarge, ExchangeError, UpstreamMalformed
from revproxy.exchange import Exchange, Reply, Response
from revproxy.flow.attempts import Attempts
from revproxy.flow.filtering import RequestFilters
from revproxy.flow.held_body import HeldBody
from revproxy.flow.replies import respond
from revproxy.flow.route import RouteSettings
from revproxy.flow.tunnel import Tunnel, TunnelEnd
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import (
    IAnswerReceiver,
    IDownstream,
    IOutlet,
    IReceiver,
    ITunnelEnd,
    IUpstreamConnection,
)
from revproxy.wire.fields import Pair
from revproxy.wire.upgrade import may_switch, upgrade_answered

log = Logger(__name__)


class Relay:
    """
    Relays one exchange.

    @ivar _connection: the upstream connection that carries the exchange now.
    @ivar _held: the body that came before; only for a request that has one.
    @ivar _paused: whether the client has to read before more may come.
    @ivar _over: set when nothing more may happen; every late call ends there.
    """

    __slots__ = (
        "_attempts", "_begun", "_connection", "_downstream", "_exchange", "_filters", "_held", "_over",
        "_paused", "_route", "_tunnel", "_upgrade",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, route: RouteSettings) -> None:
        self._exchange = exchange
        self._downstream: IDownstream = exchange.downstream
        self._route = route
        self._attempts = Attempts(exchange, route.upstream)
        self._connection: IUpstreamConnection | None = None
        self._filters: RequestFilters | None = None
        self._held: HeldBody | None = None
        self._upgrade: bytes | None = None
        self._tunnel: Tunnel | None = None
        self._begun = False
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
        except Exception as error:
            self._downstream.refuse(as_exchange_error(error, "a filter's answer"))

    # Towards the upstream.

    def _try(self) -> None:
        try:
            connection = self._attempts.begin()
            if connection is None:
                self._attempts.connect(self._send, self.answer_failed)
            else:
                self._send(connection)
        except Exception as error:
            known = as_exchange_error(error, "choosing a server")
            self._give_up()
            self._refuse(self._exchange.error or known)

    def _send(self, connection: IUpstreamConnection) -> None:
        exchange, upstream, server = self._exchange, self._route.upstream, self._attempts.server
        assert server is not None
        self._connection = connection
        exchange.error = None
        request = exchange.request
        asked = request.upgrade
        if asked is not None and may_switch(asked, request.method, upstream.upgrades):
            self._upgrade = asked
        authority = upstream.authority_for(exchange, server)
        try:
            connection.send(exchange.outbound, authority, request.length, self._upgrade, self)
        except Exception as error:
            connection.drop()
            self.answer_failed(as_exchange_error(error, "writing the request"))
            return
        if self._paused:
            connection.pause()
        if request.length == 0:
            connection.end_body(())
        elif self._held is not None:
            self._held.send(connection)

    def _give_up(self) -> None:
        """
        End everything that was started towards the upstream.
        """
        self._over = True
        if self._filters is not None:
            self._filters.cancel()
        self._attempts.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()

    # What comes from the client.

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver.request_body}.
        """
        if self._connection is not None:
            self._connection.body(data)
        elif not self._over:
            self._hold().add(data)

    def request_flush(self) -> None:
        """
        Implement L{IReceiver.request_flush}.
        """
        if self._connection is not None:
            self._connection.flush()
        elif not self._over:
            self._hold().flush()

    def request_outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IReceiver.request_outlet}.
        """
        return None if self._connection is None else self._connection.outlet(octets)

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver.request_ended}.  The end of a body of no octets needs no
        telling: it is known with the head, for each server that is tried.
        """
        if not self._exchange.request.length:
            return
        if self._connection is not None:
            self._connection.end_body(trailers)
        elif not self._over:
            self._hold().end(trailers)

    def _hold(self) -> HeldBody:
        if self._held is None:
            self._held = HeldBody(self._downstream)
        return self._held

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
            self._give_up()
            self._refuse(as_exchange_error(error, "the head of the response"))

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

    def answer_outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IAnswerReceiver.answer_outlet}.  What has to see the body has to
        say so here; filters see heads alone.
        """
        return self._downstream.outlet(octets)

    def answer_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IAnswerReceiver.answer_ended}.
        """
        self._over = True
        self._connection = None
        self._attempts.finish()
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
        self._tunnel = self._route.tunnel(self._attempts.release)
        client = self._downstream.switch(response)
        assert isinstance(client, TunnelEnd) and isinstance(tunnel, TunnelEnd)
        self._tunnel.open(client, tunnel)

    def answer_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IAnswerReceiver.answer_failed}.
        """
        if self._over:
            return
        exchange = self._exchange
        exchange.error = error
        exchange.why.append(f"{exchange.server}: {error.reason}")
        log.warn("{server}: {reason}", server=exchange.server, reason=error.reason)
        connection, self._connection = self._connection, None
        again = self._attempts.another_may_follow(error, connection)
        if self._begun:
            self._over = True
            self._downstream.cut()
        elif again:
            self._try()
        else:
            self._refuse(error)

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


classImplements(Relay, IReceiver, IAnswerReceiver)
