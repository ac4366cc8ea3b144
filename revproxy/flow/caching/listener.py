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
from revproxy.flow.caching.serving import EVERYTHING, PIECE, Sending
from revproxy.flow.caching.telling import fill_line, not_modified, told
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IDownstream, IKept, IOutlet
from revproxy.wire.caching.request import Asked
from revproxy.wire.pairs import Pair


class Listener:
    """
    Gives one client its answer, as fast as it reads.

    @ivar exchange: the exchange.
    @ivar paused: whether the client has to read before more may come.
    @ivar joined: whether it waits, or waited, for the answer to an equal request.
    @ivar position: how many pieces of the fill's body it has.
    @ivar _why: why it went to a server, as C{fwd} of C{Cache-Status} has it.
    @ivar _begun: whether the head was sent.
    @ivar _over: set when nothing more may happen.
    @ivar _late: sets it free where an equal request is not answered in time.
    @ivar _rest: sends what comes behind the first octets of a large body.
    """

    __slots__ = (
        "_asked", "_begun", "_downstream", "_fill", "_late", "_over", "_rest", "_route", "_sending", "_terms",
        "_why", "exchange", "joined", "paused", "position",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, route: RouteSettings, terms: CacheTerms, asked: Asked) -> None:
        self.exchange = exchange
        self.paused = False
        self.joined = False
        self.position = 0
        self._asked = asked
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
    def answer_with(self, kept: IKept, word: str) -> None:
        """
        What is kept is the answer after all.

        @param word: in short why.
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
        if fill.is_known_to(self._asked):
            self._fill = None
            fill.leave(self)
            if self._send_head(not_modified(response, line)):
                self._over = True
                self._downstream.end()
        else:
            self._send_head(told(response, fill.lines, line))

    def go_on(self) -> None:
        """
        Send what has come, as far as the client reads.
        """
        fill = self._fill
        if fill is None or not self._begun:
            return
        while not self.paused:
            piece = fill.body.piece(self.position)
            if piece is None:
                break
            self.position += 1
            self._downstream.write(piece)
            if fill.body.piece(self.position) is not None:
                self._downstream.flush()  # so that a client that reads slowly can say so
        if not self.paused and fill.trailers is not None and self._fill is fill:
            self._fill = None
            self._over = True
            fill.leave(self)
            self._downstream.end(fill.trailers)

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
        self._fill = self._sending = None
        self._downstream.cut()

    def refuse(self, error: ExchangeError) -> None:
        """
        There is no answer.
        """
        self._stop_waiting()
        self._over = True
        self._fill = None
        self.exchange.error = error
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
        if self._sending is not None:
            self._rest = self._route.clock.callLater(0, self._send_rest)

    def _send_rest(self) -> None:
        self._rest = None
        if self._sending is not None:
            self._send(self._sending)

    def _send(self, sending: Sending, most: int = EVERYTHING) -> None:
        try:
            sending.go_on(most)
        except BodyLost:
            self.cut()
        if sending.over:
            self._over = True
            self._sending = None

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
        if self._sending is not None:
            self._sending.resume()
            self._send(self._sending)
        elif self._fill is not None:
            fill = self._fill
            self.go_on()
            if self._fill is fill:
                self._downstream.flush()
            if not self.paused:
                fill.caught_up()

    def _let_go(self) -> None:
        """
        Nothing more may happen; end what was started.
        """
        self._over = True
        self._stop_waiting()
        self._sending = None
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.leave(self)
