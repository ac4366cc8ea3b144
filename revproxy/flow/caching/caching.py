"""
One exchange and a cache: whether it is answered from what is kept, joins an equal one that
is under way, or goes to a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from zope.interface import classImplements

from revproxy.errors import BodyLost, ExchangeError, NotCached
from revproxy.exchange import Exchange, Reply, Response
from revproxy.flow.caching.asking import asked_by
from revproxy.flow.caching.background import revalidate
from revproxy.flow.caching.cache import choose
from revproxy.flow.caching.fill import Fill
from revproxy.flow.caching.serving import Sending, answer_from
from revproxy.flow.caching.telling import fill_line, hit_line, not_modified, told
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.filtering import RequestFilters
from revproxy.flow.replies import respond
from revproxy.flow.route import RouteSettings
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import IDownstream, IKept, IOutlet, IReceiver
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.serving import judge, judge_miss
from revproxy.wire.caching.status import BYPASS, PARTIAL
from revproxy.wire.caching.storable import is_overridden
from revproxy.wire.pairs import Pair


class Caching:
    """
    Answers a GET or HEAD that has no body.

    @ivar exchange: the exchange.
    @ivar paused: whether the client has to read before more may come.
    @ivar joined: whether it waits, or waited, for the answer to an equal request.
    @ivar position: how many pieces of the fill's body it has.
    @ivar _why: why it went to a server, as C{fwd} of C{Cache-Status} has it.
    @ivar _begun: whether the head was sent.
    @ivar _over: set when nothing more may happen.
    @ivar _late: sets it free where an equal request is not answered in time.
    """

    __slots__ = (
        "_asked", "_begun", "_downstream", "_fill", "_filters", "_kept", "_key", "_late", "_lookup", "_over",
        "_route", "_sending", "_terms", "_why", "exchange", "joined", "paused", "position",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, route: RouteSettings, terms: CacheTerms) -> None:
        self.exchange = exchange
        self.paused = False
        self.joined = False
        self.position = 0
        self._asked: Asked = asked_by(exchange.request.fields, terms.heeds_clients)
        self._downstream: IDownstream = exchange.downstream
        self._route = route
        self._terms = terms
        self._key = b""
        self._why = b""
        self._begun = False
        self._over = False
        self._filters: RequestFilters | None = None
        self._lookup: Deferred[Any] | None = None
        self._kept: IKept | None = None
        self._fill: Fill | None = None
        self._sending: Sending | None = None
        self._late: IDelayedCall | None = None

    def start(self) -> None:
        """
        Begin; with no filter that waits, and a store that answers at once, the answer leaves
        at once.
        """
        filters = self._route.request_filters
        if filters:
            self._filters = RequestFilters(filters, self.exchange, self._filtered, self.refuse)
            self._filters.run()
        else:
            self._look_up()

    def _filtered(self, reply: Reply | None) -> None:
        if reply is None:
            self._look_up()
            return
        self._over = True
        try:
            respond(self._downstream, self.exchange, reply)
        except Exception as error:
            self._downstream.refuse(as_exchange_error(error, "a filter's answer"))

    # What is kept.

    def _look_up(self) -> None:
        exchange, terms = self.exchange, self._terms
        request = exchange.request
        if is_overridden(self._asked, terms.policy.keyed):
            self._forward(BYPASS, joins=False)
            return
        self._key = terms.rule.key(
            request.scheme, request.authority, request.path, request.query, exchange.outbound.pairs
        )
        found = terms.cache.find(self._key)
        if isinstance(found, Deferred):
            self._lookup = found
            found.addCallbacks(self._found_later, self._not_found)
        else:
            self._found(found)

    def _found_later(self, found: Sequence[IKept]) -> None:
        self._lookup = None
        if not self._over:
            try:
                self._found(found)
            except Exception as error:
                self.refuse(as_exchange_error(error, "looking into the cache"))

    def _not_found(self, failure: Failure) -> None:
        self._lookup = None
        if not self._over:
            self._terms.cache.failed(failure)
            self._found(())

    def _found(self, found: Sequence[IKept]) -> None:
        """
        Judge what is kept under the request's key.
        """
        terms, wishes = self._terms, self._asked.wishes
        kept = choose(found, self.exchange.outbound.pairs) if found else None
        if kept is None:
            verdict = judge_miss(wishes, bool(found))
        else:
            verdict = judge(kept.head.freshness, wishes, terms.cache.now())
            self._kept = kept
        if kept is not None and verdict.serves:
            if self._answer(kept, verdict.word):
                if verdict.revalidates:
                    revalidate(self.exchange, self._route.unfiltered(), terms, self._key, kept)
                return
            self._forward(PARTIAL)
        elif verdict.status:
            terms.cache.counts["only-if-cached"] += 1
            self.refuse(NotCached("the client wants what is cached, and nothing that is would do"))
        else:
            self._forward(verdict.forward)

    def _answer(self, kept: IKept, word: str) -> bool:
        """
        Answer with what is kept.

        @param word: in short why it may be used.
        @return: whether that is possible; if not, nothing was sent.
        """
        terms = self._terms
        now = terms.cache.now()
        line = hit_line(terms.status, kept, now, word, self._why)
        answer = answer_from(kept, self._asked, self.exchange.request.method, now, line)
        if answer is None:
            return False
        sending = Sending(self._downstream, kept, answer.pieces)
        try:
            sending.prepare()
        except BodyLost:
            terms.cache.store.remove(kept)
            return False
        kept.used()
        terms.cache.counts[f"hit-{word}"] += 1
        self.exchange.why.append(f"cache {terms.cache.name}: {word}")
        if self._send_head(answer.response):
            self._sending = sending
            if self.paused:
                sending.pause()
            self._send(sending)
        return True

    def _send(self, sending: Sending) -> None:
        try:
            sending.go_on()
        except BodyLost:
            self.cut()
        if sending.over:
            self._over = True
            self._sending = None

    def _send_head(self, response: Response) -> bool:
        """
        @return: whether it was sent; if not, the client was told that something went wrong.
        """
        self._begun = True
        try:
            for response_filter in self._route.response_filters:
                response_filter.filter_response(self.exchange, response)
            self._downstream.begin(response)
        except Exception as error:
            self.client_left()
            self._downstream.refuse(as_exchange_error(error, "the head of the response"))
            return False
        return True

    # What comes from a server.

    def _forward(self, why: bytes, joins: bool = True) -> None:
        """
        Wait for the answer to an equal request, or ask a server.
        """
        cache, exchange, asked = self._terms.cache, self.exchange, self._asked
        self._why = why
        cache.counts["fwd-" + why.decode()] += 1
        exchange.why.append(f"cache {cache.name}: {why.decode()}")
        if joins and exchange.request.method == b"GET" and not asked.conditional and asked.range is None:
            fill = cache.fills.get(self._key)
            if fill is not None and self._join(fill):
                return
        self.joined = False
        self._fill = fill = Fill(
            exchange, asked, self._route.unfiltered(), self._terms, self._key, self._kept
        )
        fill.start(self)

    def _join(self, fill: Fill) -> bool:
        self.joined, self._fill = True, fill
        if not fill.join(self):
            self.joined, self._fill = False, None
            return False
        self._terms.cache.counts["joined"] += 1
        if not (self._begun or self._over):
            self._late = self._route.clock.callLater(self._terms.join_timeout, self._join_late)
        return True

    def _join_late(self) -> None:
        self._late = None
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.leave(self)
        self._terms.cache.counts["join-timeout"] += 1
        self._forward(self._why, joins=False)

    def _stop_waiting(self) -> None:
        late, self._late = self._late, None
        if late is not None:
            late.cancel()

    def set_free(self) -> None:
        """
        The answer to the other request is not for this one.
        """
        self._stop_waiting()
        self._fill = None
        self._terms.cache.counts["set-free"] += 1
        self._forward(self._why, joins=False)

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

    def answer_with(self, kept: IKept, word: str) -> None:
        """
        What is kept is the answer after all.
        """
        self._stop_waiting()
        self._fill = None
        if not self._answer(kept, word):
            self._kept = None
            self._forward(self._why, joins=False)

    def cut(self) -> None:
        """
        The rest will not come.
        """
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

    # What comes from the client.

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver.request_body}: there is none.
        """

    def request_flush(self) -> None:
        """
        Implement L{IReceiver.request_flush}.
        """

    def request_outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IReceiver.request_outlet}.
        """
        return None

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver.request_ended}.
        """

    def request_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IReceiver.request_failed}.
        """
        if not self._over:
            self.client_left()
            self._downstream.refuse(error)

    def client_left(self) -> None:
        """
        Implement L{IReceiver.client_left}.
        """
        self._over = True
        self._stop_waiting()
        self._sending = None
        if self._filters is not None:
            self._filters.cancel()
        lookup, self._lookup = self._lookup, None
        if lookup is not None:
            lookup.cancel()
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.leave(self)

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
            if not self.paused:
                fill.caught_up()


classImplements(Caching, IReceiver)
