"""
A second try of a request while the first is still waited for.

What a few slow answers cost the slowest clients is far more than what they cost on the
average (Dean and Barroso, "The Tail at Scale", 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import classImplements

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange, Response
from revproxy.flow.retries.attempts import Attempts
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import IAnswerReceiver, IOutlet, ITunnelEnd, IUpstreamConnection
from revproxy.wire.fields import Pair

if TYPE_CHECKING:
    from revproxy.flow.pool.upstream import Upstream
    from revproxy.flow.relay import Relay


class Hedge:
    """
    Asks another server once the first has taken its time, and takes the relay's part over
    where that one answers first, or where the first fails.

    @ivar attempts: chooses the second server.
    @ivar connection: the one to it.
    @ivar leads: whether the relay hears from this one.
    @ivar _over: whether nothing is to be expected of this one.
    """

    __slots__ = (
        "_call", "_exchange", "_first", "_over", "_relay", "_upstream", "attempts", "connection", "leads",
    )  # fmt: skip

    def __init__(
        self,
        relay: Relay,
        exchange: Exchange,
        upstream: Upstream,
        clock: IReactorTime,
        first: Attempts,
        delay: float,
    ) -> None:
        """
        @param first: at the server that is waited for.
        @param delay: for how many seconds.
        """
        self._relay: Relay | None = relay
        self._exchange = exchange
        self._upstream = upstream
        self._first = first
        self.attempts = Attempts(exchange, upstream, clock, second=True)
        if upstream.retry.try_timeout:
            self.attempts.late = self._try_late
        self.connection: IUpstreamConnection | None = None
        self.leads = False
        self._over = False
        self._call: IDelayedCall | None = clock.callLater(delay, self._begin)

    def cancel(self) -> None:
        """
        Nobody waits for this one any more.
        """
        self._over = True
        self._relay = None
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self.attempts.cancel()
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.drop()

    @property
    def waits(self) -> bool:
        """
        Whether the time for it has not come yet.
        """
        return self._call is not None

    @property
    def can_lead(self) -> bool:
        """
        Whether this one is under way, and might answer where the first does not.
        """
        return not (self._over or self.leads or self._call is not None)

    def lead(self) -> None:
        """
        Let the relay hear from this one, and from this one alone.
        """
        self.leads = True
        if self._relay is not None:
            self._relay.led_by(self)

    def _begin(self) -> None:
        self._call = None
        upstream, exchange = self._upstream, self._exchange
        if not upstream.has_room(self._first.visited):
            self._leave_it("no other server has room")
            return
        if not upstream.retry.afford():
            self._leave_it("the budget for retries is used up")
            return
        waited_for = exchange.server
        self.attempts.follow(self._first)
        try:
            connection = self.attempts.begin()
        except Exception as error:
            self._leave_it(as_exchange_error(error, "choosing a server").reason)
            return
        upstream.events.count("hedge")
        exchange.why.append(f"{waited_for} takes its time; {exchange.server} is asked, too")
        if connection is None:
            self.attempts.go_on(self._send, self.answer_failed)
        else:
            self._send(connection)

    def _leave_it(self, why: str) -> None:
        """
        Ask nobody else.
        """
        self._exchange.why.append(f"not hedged: {why}")
        self._over = True

    def _send(self, connection: IUpstreamConnection) -> None:
        exchange, server = self._exchange, self.attempts.server
        assert server is not None
        self.connection = connection
        if self.leads and self._relay is not None:
            self._relay.led_by(self)
        authority = self._upstream.authority_for(exchange, server)
        try:
            connection.send(exchange.outbound, authority, None, None, cast(IAnswerReceiver, self))
        except Exception as error:
            connection.drop()
            self.answer_failed(as_exchange_error(error, "writing the request"))

    def _try_late(self) -> None:
        """
        The second server has taken as long as one may.
        """
        if not self.leads:
            self.answer_failed(self.attempts.cut_short(self.connection))
        elif self._relay is not None:
            self._relay.try_late()

    # What comes from the second server.

    def answer_interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IAnswerReceiver.answer_interim}.
        """
        if self.leads and self._relay is not None:
            self._relay.answer_interim(status, reason, fields)

    def answer_begun(self, response: Response) -> None:
        """
        Implement L{IAnswerReceiver.answer_begun}.
        """
        if self._relay is None:
            return
        if not self.leads:
            if self._upstream.retry.has_status(response.status):
                self._drop(f"status {response.status}")
                return
            self._upstream.events.count("hedge-won")
            self.lead()
        self._relay.answer_begun(response)

    def answer_body(self, data: bytes) -> None:
        """
        Implement L{IAnswerReceiver.answer_body}.
        """
        if self.leads and self._relay is not None:
            self._relay.answer_body(data)

    def answer_flush(self) -> None:
        """
        Implement L{IAnswerReceiver.answer_flush}.
        """
        if self.leads and self._relay is not None:
            self._relay.answer_flush()

    def answer_outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IAnswerReceiver.answer_outlet}.
        """
        return None if self._relay is None else self._relay.answer_outlet(octets)

    def answer_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IAnswerReceiver.answer_ended}.
        """
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.answer_ended(trailers)

    def answer_switched(self, response: Response, tunnel: ITunnelEnd) -> None:
        """
        Implement L{IAnswerReceiver.answer_switched}.  It was not asked for.
        """
        tunnel.tunnel_abort()

    def answer_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IAnswerReceiver.answer_failed}.
        """
        if self.leads and self._relay is not None:
            self._relay.answer_failed(error)
        elif not self._over:
            self.connection = None
            self._drop(error.reason, error)

    def pause_request(self) -> None:
        """
        Implement L{IAnswerReceiver.pause_request}.  There is no body.
        """

    def resume_request(self) -> None:
        """
        Implement L{IAnswerReceiver.resume_request}.
        """

    def _drop(self, what: str, error: ExchangeError | None = None) -> None:
        """
        Let the first go on alone.
        """
        self._over = True
        server = self.attempts.server
        self.attempts.give_up_on(what, error)
        if server is not None:
            self._first.go_on_without(server)
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.drop()


classImplements(Hedge, IAnswerReceiver)
