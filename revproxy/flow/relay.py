"""
One exchange between a client and an upstream, from its filters to its last byte.

The relay stands between two connections and belongs to neither: it is told what
comes from each (L{IReceiver}, L{IAnswerReceiver}) and hands it to the other.  It
knows how far the request got, so it knows whether another server may be tried.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.logger import Logger
from typing_extensions import override
from zope.interface import classImplements

from revproxy.errors import ContentTooLarge, ExchangeError, UpstreamMalformed
from revproxy.exchange import Exchange, Reply, Response
from revproxy.flow.delivery import Delivery
from revproxy.flow.filtering import RequestFilters
from revproxy.flow.replies import respond
from revproxy.flow.retries.hedge import Hedge
from revproxy.flow.route import RouteSettings
from revproxy.flow.tunnel import Tunnel, TunnelEnd
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import IAnswerReceiver, IDownstream, IOutlet, IReceiver, ITunnelEnd
from revproxy.wire.fields import Pair
from revproxy.wire.upgrade import upgrade_answered

log = Logger(__name__)


class Relay(Delivery):
    """
    Relays one exchange.

    @ivar _begun: whether the client has the head of the response.
    """

    __slots__ = ("_begun", "_filters", "_route", "_tunnel")

    def __init__(
        self, exchange: Exchange, route: RouteSettings, downstream: IDownstream | None = None
    ) -> None:
        """
        @param downstream: who takes the response, in place of the exchange's client.
        """
        super().__init__(exchange, route.upstream, route.clock, downstream)
        self._route = route
        self._filters: RequestFilters | None = None
        self._tunnel: Tunnel | None = None
        self._begun = False

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
            self._deliver()

    def _filtered(self, reply: Reply | None) -> None:
        """
        The filters let the request pass, or answered it.
        """
        if reply is None:
            self._deliver()
        else:
            self._answer_with(reply)

    def _answer_with(self, reply: Reply) -> None:
        self._over = True
        try:
            respond(self._downstream, self._exchange, reply)
        except Exception as error:
            self._downstream.refuse(as_exchange_error(error, "a filter's answer"))

    # What comes from the client.

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
        attempts, hedge = self._attempts, self._hedge
        if attempts.minds:
            rival = hedge is not None and hedge.can_lead
            if attempts.answered(response.status, self._replayable(), rival):
                self._ask_another()
                return
        if hedge is not None:
            self._settle_hedge(hedge)
        if self._held is not None:
            self._held.forget()
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
        Implement L{IAnswerReceiver.answer_body}.  That of a response which was not taken
        comes here, too.
        """
        if self._begun:
            self._downstream.write(data)

    def answer_flush(self) -> None:
        """
        Implement L{IAnswerReceiver.answer_flush}.
        """
        if self._begun:
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
        self._connection = self._hedge = None
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

    @override
    def answer_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IAnswerReceiver.answer_failed}.
        """
        if self._over:
            return
        self._exchange.error = error
        server = self._attempts.server
        if server is not None:
            log.warn("{server}: {reason}", server=server.name, reason=error.reason)
        connection, self._connection = self._connection, None
        if self._begun:
            self._over = True
            self._attempts.cut(error)
            self._downstream.cut()
            return
        if self._hedge is not None and self._hedge.can_lead:
            self._attempts.give_up_on(error.reason, error)
            self._hedge.lead()
            return
        used = connection is not None and connection.used
        again = self._attempts.another_may_follow(error, used, self._replayable())
        if again:
            self._try_another()
        else:
            self._end_hedge()
            self._attempts.finish()
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

    def led_by(self, hedge: Hedge) -> None:
        """
        Go on with the second server that was asked, and let go of the first.
        """
        connection, self._connection = self._connection, hedge.connection
        if connection is not None and connection is not hedge.connection:
            connection.drop()
        if self._attempts is not hedge.attempts:
            self._attempts.overtaken()
            self._attempts.cancel()
            self._attempts = hedge.attempts
        if self._paused and self._connection is not None:
            self._connection.pause()

    def _settle_hedge(self, hedge: Hedge) -> None:
        """
        An answer has begun, so the other server need not be waited for.
        """
        server = self._attempts.server
        if server is not None:
            self._exchange.server = server.name
        if not hedge.leads:
            self._end_hedge()

    def _ask_another(self) -> None:
        """
        What the server answers is not taken for an answer.
        """
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()
        if self._hedge is not None and self._hedge.can_lead:
            self._hedge.lead()
        else:
            self._try_another()

    @override
    def _receiver(self) -> IAnswerReceiver:
        return self

    @override
    def _hedged(self, delay: float) -> Hedge:
        return Hedge(self, self._exchange, self._upstream, self._clock, self._attempts, delay)

    @override
    def _give_up(self) -> None:
        if self._filters is not None:
            self._filters.cancel()
        super()._give_up()

    @override
    def _refuse(self, error: ExchangeError) -> None:
        self._over = True
        self._exchange.error = error
        self._downstream.refuse(error)


classImplements(Relay, IReceiver, IAnswerReceiver)
