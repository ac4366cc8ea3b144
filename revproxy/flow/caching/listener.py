"""
An exchange that is answered from what is kept, or from what comes from a server.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from twisted.internet.interfaces import IDelayedCall

from revproxy.errors import BodyLost, ExchangeError
from revproxy.exchange import Exchange, Response
from revproxy.flow.caching.beginning import begin_response
from revproxy.flow.caching.fill import Fill
from revproxy.flow.caching.sending import EVERYTHING, PIECE, Sending
from revproxy.flow.caching.telling import fill_line, not_modified, refusal_member, told
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IDownstream, IKept, IOutlet
from revproxy.wire.caching.ranges import Span
from revproxy.wire.caching.request import Asked
from revproxy.wire.pairs import Pair


class Listener:
    """
    Gives one client its answer, as fast as it reads.

    @ivar exchange: the exchange.
    @ivar paused: whether the client has to read before more may come.
    @ivar joined: whether it waits, or waited, for the answer to an equal request.
    @ivar asked: what the request says to caches.
    @ivar position: how many pieces of the fill's body it has.
    @ivar _sent: how many octets these were.
    @ivar _put_off: whether it gets the rest from the cache.
    @ivar _why: why it went to a server, as C{fwd} of C{Cache-Status} has it.
    @ivar _begun: whether the head was sent.
    @ivar _over: set when nothing more may happen.
    @ivar _late: sets it free where an equal request is not answered in time.
    @ivar _rest: sends what comes behind the first octets of a large body.
    """

    __slots__ = (
        "_begun", "_downstream", "_fill", "_late", "_over", "_put_off", "_rest", "_route", "_sending",
        "_sent", "_terms", "_why", "asked", "exchange", "joined", "paused", "position",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, route: RouteSettings, terms: CacheTerms, asked: Asked) -> None:
        self.exchange = exchange
        self.paused = False
        self.joined = False
        self.position = 0
        self.asked = asked
        self._sent = 0
        self._put_off = False
        self._downstream: IDownstream = exchange.downstream
        self._route = route
        self._terms = terms
        self._why = b""
        self._begun = False
        self._over = False
        self._fill: Fill | None = None
        self._sending: Sending | None = None
        self._late: IDelayedCall | None = None
        self._rest: IDelayedCall | None = None

    @abstractmethod
    def set_free(self) -> None:
        """
        The answer to the other request is not for this one.
        """

    @abstractmethod
    def answer_with(self, kept: IKept, word: str, answered: int | None) -> None:
        """
        What is kept is the answer after all.

        @param word: in short why.
        @param answered: the status that a server answered with, where that matters.
        """

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        An interim response came.
        """
        if not self._begun:
            self._downstream.interim(status, reason, fields)

    def begin(self, fill: Fill, response: Response) -> None:
        """
        The head of the response came.
        """
        self._stop_waiting()
        self.exchange.why.append(f"not kept: {fill.why_not}" if fill.why_not else "kept")
        line = fill_line(self._terms.status, self._why, response, fill.why_not, self.joined)
        if fill.is_known_to(self.asked):
            self._fill = None
            fill.leave(self)
            if self._send_head(not_modified(response, self._terms, line)):
                self._over = True
                self._downstream.end()
        else:
            self._send_head(told(response, fill.lines_for(self), line))

    def go_on(self) -> None:
        """
        Send what has come, as far as the client reads.
        """
        fill = self._fill
        if fill is None or not self._begun or self._put_off:
            return
        while not self.paused:
            piece = fill.body.piece(self.position)
            if piece is None:
                break
            self.position += 1
            self._sent += len(piece)
            self._downstream.write(piece)
            if fill.body.piece(self.position) is not None:
                self._downstream.flush()  # so that a client that reads slowly can say so
        if not self.paused and fill.trailers is not None and self._fill is fill:
            self._fill = None
            self._over = True
            fill.leave(self)
            self._downstream.end(fill.trailers)

    def put_off(self) -> None:
        """
        Nothing is held any more of what has come and was not sent: the rest comes later.
        """
        self._put_off = True

    def go_on_with(self, kept: IKept | None) -> None:
        """
        What was put off is in the cache.

        @param kept: C{None} where it is not.
        """
        self._fill = None
        if kept is None:
            self.cut()
            return
        rest = (Span(self._sent, kept.length),)
        self._sending = sending = Sending(self._downstream, self._terms.cache, kept, rest, self.cut)
        if self.paused:
            sending.pause()
        self._send(sending)

    def flush(self) -> None:
        """
        What was read is used up.
        """
        if self._begun:
            self._downstream.flush()

    def outlet(self, octets: int) -> IOutlet | None:
        """
        The next octets of the body could go to the client past us.
        """
        return self._downstream.outlet(octets)

    def cut(self) -> None:
        """
        The rest will not come.
        """
        self._stop_waiting()
        self._over = True
        self._fill = None
        self._stop_sending()
        self._downstream.cut()

    def refuse(self, error: ExchangeError) -> None:
        """
        There is no answer.
        """
        self._stop_waiting()
        self._over = True
        self._fill = None
        self.exchange.error = error
        error.cache_status = refusal_member(self._terms.status, self._why, error, self.joined)
        self._downstream.refuse(error)

    def _send_head(self, response: Response) -> bool:
        """
        @return: whether it was sent; if not, the client was told that something went wrong.
        """
        self._begun = True
        error = begin_response(self.exchange, self._route.response_filters, response)
        if error is not None:
            self._let_go()
            self._downstream.refuse(error)
        return error is None

    def _begin_to_send(self, sending: Sending) -> None:
        """
        Send the first octets, and the rest in another turn: until this one is over nobody knows
        who answers the exchange, so the client's side cannot tell us to wait.
        """
        self._sending = sending
        if self.paused:
            sending.pause()
        self._send(sending, PIECE)
        if not sending.over:
            self._rest = self._route.clock.callLater(0, self._send_rest)

    def _send_rest(self) -> None:
        self._rest = None
        if self._sending is not None:
            self._send(self._sending)

    def _send(self, sending: Sending, most: int = EVERYTHING) -> None:
        try:
            sending.go_on(most)
        except BodyLost:
            sending.stop()
            self.cut()
        if sending.over:
            self._over = True
            self._sending = None

    def _stop_sending(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.stop()

    def _stop_waiting(self) -> None:
        for call in (self._late, self._rest):
            if call is not None:
                call.cancel()
        self._late = self._rest = None

    def pause_response(self) -> None:
        """
        Implement L{IReceiver.pause_response}.
        """
        self.paused = True
        if self._sending is not None:
            self._sending.pause()

    def resume_response(self) -> None:
        """
        Implement L{IReceiver.resume_response}.
        """
        self.paused = False
        fill = self._fill
        if self._sending is not None:
            self._sending.resume()
            self._send(self._sending)
        elif fill is not None:
            self.go_on()
            if self._fill is fill:
                self._downstream.flush()
            if not self.paused:
                fill.read_on()

    def _let_go(self) -> None:
        """
        Nothing more may happen; end what was started.
        """
        self._over = True
        self._stop_waiting()
        self._stop_sending()
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.leave(self)
