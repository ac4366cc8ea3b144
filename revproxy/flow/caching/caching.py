"""
One exchange and a cache: whether it is answered from what is kept, joins an equal one that
is under way, or goes to a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import classImplements

from revproxy.errors import BodyLost, ExchangeError, NotCached
from revproxy.exchange import Exchange, Reply
from revproxy.flow.caching.background import revalidate
from revproxy.flow.caching.cache import Found, choose
from revproxy.flow.caching.fill import Fill
from revproxy.flow.caching.listener import Listener
from revproxy.flow.caching.sending import Sending
from revproxy.flow.caching.serving import answer_from
from revproxy.flow.caching.telling import forwarding_words, hit_line
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.filtering import RequestFilters
from revproxy.flow.replies import respond
from revproxy.flow.route import RouteSettings
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import IKept, IOutlet, IReceiver
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.serving import judge, judge_miss
from revproxy.wire.caching.status import BYPASS, PARTIAL
from revproxy.wire.caching.storable import is_overridden
from revproxy.wire.pairs import Pair


class Caching(Listener):
    """
    Answers a GET or HEAD that has no body.

    @ivar _kept: what is kept under its key and would fit, be it stale.
    @ivar _searched: whether slower places were looked into for more.
    """

    __slots__ = ("_filters", "_kept", "_key", "_lookup", "_searched")

    def __init__(self, exchange: Exchange, route: RouteSettings, terms: CacheTerms, asked: Asked) -> None:
        super().__init__(exchange, route, terms, asked)
        self._key = b""
        self._filters: RequestFilters | None = None
        self._lookup: Deferred[Any] | None = None
        self._kept: IKept | None = None
        self._searched = False

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
        terms = self._terms
        if is_overridden(self.asked, terms.policy.keyed):
            self._forward_unless_unwanted(BYPASS)
        else:
            key = terms.key(self.exchange, bool(self._route.request_filters))
            self.take(key, terms.cache.find(key))

    def take(self, key: bytes, found: Found) -> None:
        """
        Begin where a look-up was made already.
        """
        self._key = key
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
        terms, wishes = self._terms, self.asked.wishes
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
            self._forward_unless_unwanted(PARTIAL)
        elif found and not self._searched and self._search(found):
            pass
        elif verdict.status:
            self._refuse_to_forward()
        else:
            self._forward(verdict.forward, joins=self.asked.wishes.any_fresh)

    def _search(self, found: Sequence[IKept]) -> bool:
        """
        What is at hand will not do: look into slower places, too, once.

        @return: whether that goes on, or has gone on, from there; if not, there is no more.
        """
        self._searched = True
        more = self._terms.cache.more(self._key, found)
        if isinstance(more, Deferred):
            self._lookup = more.addErrback(self._no_more)
            more.addCallback(self._found_more, found)
        elif more:
            self._found([*found, *more])
        else:
            return False
        return True

    def _no_more(self, failure: Failure) -> Sequence[IKept]:
        if not self._over:
            self._terms.cache.failed(failure)
        return ()

    def _found_more(self, more: Sequence[IKept], found: Sequence[IKept]) -> None:
        self._found_later([*found, *more])

    def _answer(self, kept: IKept, word: str, answered: int | None = None) -> bool:
        """
        Answer with what is kept.

        @param word: in short why it may be used.
        @return: whether that is possible; if not, nothing was sent.
        """
        terms = self._terms
        now = terms.cache.now()
        line = hit_line(terms.status, kept.head, now, word, self._why, answered)
        answer = answer_from(kept, self.asked, self.exchange.request.method, now, line)
        if answer is None:
            return False
        sending = Sending(self._downstream, terms.cache, kept, answer.pieces, self.cut)
        try:
            sending.prepare()
        except BodyLost:
            terms.cache.remove(kept)
            self._kept = None
            return False
        terms.cache.used(kept)
        terms.cache.count(f"hit-{word}")
        if answer.pieces:
            terms.cache.count("octets", answer.response.length or 0)
        self.exchange.why.append(f"cache {terms.cache.name}: {word}")
        if self._send_head(answer.response):
            self._begin_to_send(sending)
        return True

    # What comes from a server.

    def _forward_unless_unwanted(self, why: bytes) -> None:
        if self.asked.wishes.only_if_cached:
            self._refuse_to_forward()
        else:
            self._forward(why, joins=False)

    def _refuse_to_forward(self) -> None:
        self._terms.cache.count("only-if-cached")
        self.refuse(NotCached("the client wants what is cached, and nothing that is would do"))

    def _forward(self, why: bytes, joins: bool = True) -> None:
        """
        Wait for the answer to an equal request, or ask a server.
        """
        cache, exchange, asked = self._terms.cache, self.exchange, self.asked
        self._why = why
        counter, note = forwarding_words(cache.name, why)
        cache.count(counter)
        exchange.why.append(note)
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
        self._terms.cache.count("joined")
        if not (self._begun or self._over):
            self._late = self._route.clock.callLater(self._terms.join_timeout, self._join_late)
        return True

    def _join_late(self) -> None:
        self._late = None
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.leave(self)
        self._terms.cache.count("join-timeout")
        self._forward(self._why, joins=False)

    @override
    def set_free(self) -> None:
        """
        The answer to the other request is not for this one.
        """
        self._stop_waiting()
        self._fill = None
        self._terms.cache.count("set-free")
        self._forward(self._why, joins=False)

    @override
    def answer_with(self, kept: IKept, word: str, answered: int | None) -> None:
        """
        What is kept is the answer after all.
        """
        self._stop_waiting()
        self._fill = None
        if not self._answer(kept, word, answered):
            self._kept = None
            self._forward(self._why, joins=False)

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
        if self._filters is not None:
            self._filters.cancel()
        lookup, self._lookup = self._lookup, None
        if lookup is not None:
            lookup.cancel()
        self._let_go()


classImplements(Caching, IReceiver)
