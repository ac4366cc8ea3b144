"""
A request on its way to a server, and to another where the first did not take it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from twisted.internet.interfaces import IReactorTime

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.attempts import Attempts
from revproxy.flow.retries.hedge import Hedge
from revproxy.flow.retries.held_body import HeldBody
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import IAnswerReceiver, IDownstream, IOutlet, IUpstreamConnection
from revproxy.wire.fields import Pair
from revproxy.wire.upgrade import may_switch


class Delivery:
    """
    Hands what comes from the client to whichever server the exchange is at.

    @ivar _connection: the upstream connection that carries the exchange now.
    @ivar _held: the body that came before, or may have to be sent again; only for a
        request that has one.
    @ivar _hedge: asks a second server, where the first takes its time.
    @ivar _paused: whether the client has to read before more may come.
    @ivar _over: set when nothing more may happen; every late call ends there.
    """

    __slots__ = (
        "_attempts", "_clock", "_connection", "_downstream", "_exchange", "_hedge", "_held", "_over",
        "_paused", "_upgrade", "_upstream",
    )  # fmt: skip

    def __init__(
        self,
        exchange: Exchange,
        upstream: Upstream,
        clock: IReactorTime,
        downstream: IDownstream | None = None,
    ) -> None:
        self._exchange = exchange
        self._downstream: IDownstream = exchange.downstream if downstream is None else downstream
        self._upstream = upstream
        self._clock = clock
        self._attempts = Attempts(exchange, upstream, clock)
        self._connection: IUpstreamConnection | None = None
        self._held: HeldBody | None = None
        self._hedge: Hedge | None = None
        self._upgrade: bytes | None = None
        self._paused = False
        self._over = False

    @abstractmethod
    def answer_failed(self, error: ExchangeError) -> None:
        """
        The server did not answer.
        """

    @abstractmethod
    def _refuse(self, error: ExchangeError) -> None:
        """
        Answer in the upstream's place.
        """

    @abstractmethod
    def _receiver(self) -> IAnswerReceiver:
        """
        @return: who hears from the server.
        """

    @abstractmethod
    def _hedged(self, delay: float) -> Hedge:
        """
        @return: what asks another server when the one that is asked takes its time.
        """

    def _deliver(self) -> None:
        """
        Begin.
        """
        exchange, upstream = self._exchange, self._upstream
        if exchange.request.length:
            most = upstream.retry.most_replayed(exchange.request)
            if most:
                self._held = HeldBody(self._downstream, most)
        if upstream.retry.try_timeout:
            self._attempts.late = self.try_late
        self._try()

    def _try(self) -> None:
        try:
            connection = self._attempts.begin()
            if connection is None:
                self._attempts.go_on(self._send, self.answer_failed)
            else:
                self._send(connection)
        except Exception as error:
            known = as_exchange_error(error, "choosing a server")
            self._give_up()
            self._refuse(self._exchange.error or known)

    def try_late(self) -> None:
        """
        A single try has taken as long as it may.
        """
        self.answer_failed(self._attempts.cut_short(self._connection))

    def _send(self, connection: IUpstreamConnection) -> None:
        exchange, upstream, server = self._exchange, self._upstream, self._attempts.server
        assert server is not None
        self._connection = connection
        exchange.error = None
        request = exchange.request
        asked = request.upgrade
        if asked is not None and may_switch(asked, request.method, upstream.upgrades):
            self._upgrade = asked
        authority = upstream.authority_for(exchange, server)
        try:
            connection.send(exchange.outbound, authority, request.length, self._upgrade, self._receiver())
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
            if not self._held.replayable:
                self._held = None
        elif upstream.hedge_delay is not None and self._hedge is None:
            delay = upstream.hedge_delay.delay_for(request)
            if delay is not None:
                self._hedge = self._hedged(delay)

    def _replayable(self) -> bool:
        """
        Whether the request can be sent again from its beginning.
        """
        return not self._exchange.request.length or (self._held is not None and self._held.replayable)

    def _give_up(self) -> None:
        """
        End everything that was started towards the upstream.
        """
        self._over = True
        self._end_hedge()
        self._attempts.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()

    def _try_another(self) -> None:
        """
        After a while, if need be.  Another is asked, too, where that one takes its time.
        """
        if self._hedge is not None and self._hedge.waits:
            self._end_hedge()
        self._attempts.pause(self._try)

    def _end_hedge(self) -> None:
        hedge, self._hedge = self._hedge, None
        if hedge is not None:
            hedge.cancel()

    # What comes from the client.

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver.request_body}.
        """
        if self._connection is not None:
            if self._held is not None:
                self._held.keep(data)
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
        Implement L{IReceiver.request_outlet}.  What may have to be sent again does not go
        past us.
        """
        if self._connection is None or (self._held is not None and self._held.replayable):
            return None
        return self._connection.outlet(octets)

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver.request_ended}.  The end of a body of no octets needs no
        telling: it is known with the head, for each server that is tried.
        """
        if not self._exchange.request.length:
            return
        if self._connection is not None:
            if self._held is not None:
                self._held.end(trailers)
            self._connection.end_body(trailers)
        elif not self._over:
            self._hold().end(trailers)

    def _hold(self) -> HeldBody:
        if self._held is None:
            self._held = HeldBody(self._downstream)
        return self._held

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
