"""
A response on its way from a server: into the cache, and to all who wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from typing_extensions import override
from zope.interface import classImplements

from revproxy.errors import BodyLost, ExchangeError
from revproxy.exchange import Exchange, Response
from revproxy.flow.caching.combining import combined, cut_short
from revproxy.flow.caching.distribution import Distribution
from revproxy.flow.caching.storing import storable, updated_head
from revproxy.flow.caching.telling import public_lines
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IDownstream, IKept
from revproxy.wire.caching.conditional import NOT_MODIFIED, evaluate
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.parts import keeps_cut_short
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.revalidation import validating_fields
from revproxy.wire.caching.serving import covers_failure
from revproxy.wire.caching.statuses import FAILURES
from revproxy.wire.caching.updating import head_agrees, matched_by_304
from revproxy.wire.caching.validators import read_validators
from revproxy.wire.caching.vary import secondary_key, vary_names
from revproxy.wire.framing import response_has_body

if TYPE_CHECKING:
    from revproxy.flow.caching.listener import Listener


class Fill(Distribution):
    """
    Asks a server, and decides what becomes of its answer.

    @ivar response: the head, once it has come.
    @ivar lines: its fields, as clients get them.
    @ivar why_not: in a word why the response is not kept.
    @ivar _kept: what is kept already, and stale.
    @ivar _validating: whether the server is asked whether that is still right.
    @ivar _plain: the fields of the request, before it became a validating one.
    @ivar _requested: when the server was asked, in seconds of the epoch.
    @ivar _head: of what is being kept.
    """

    __slots__ = (
        "_asked", "_exchange", "_head", "_kept", "_plain", "_requested", "_route", "_terms", "_validating",
        "lines", "response", "why_not",
    )  # fmt: skip

    def __init__(
        self,
        exchange: Exchange,
        asked: Asked,
        route: RouteSettings,
        terms: CacheTerms,
        key: bytes,
        kept: IKept | None,
    ) -> None:
        """
        @param exchange: the one whose request goes to the server.
        @param route: without filters.
        """
        self._validating = kept is not None and _can_be_validated(kept, asked)
        whole = self._validating or not (asked.conditional or asked.range is not None)
        joinable = whole and exchange.request.method == b"GET" and terms.join_timeout > 0
        super().__init__(terms.cache, key, joinable)
        self.response: Response | None = None
        self.lines = b""
        self.why_not = ""
        self._exchange = exchange
        self._asked = asked
        self._route = route
        self._terms = terms
        self._kept = kept
        self._plain = exchange.outbound.pairs
        self._requested = 0.0
        self._head: KeptHead | None = None

    # What those who listen call.

    def start(self, listener: Listener | None) -> None:
        """
        Ask a server.

        @param listener: who is answered; C{None} where only the cache is.
        """
        if listener is not None:
            self._audience.add(listener)
        if self._validating and self._kept is not None:
            asking = validating_fields(self._plain, [self._kept.head.validators])
            self._exchange.outbound.fields[:] = asking
        if self.body.joinable:
            self._cache.fills[self._key] = self
        self._ask()

    def join(self, listener: Listener) -> bool:
        """
        Let another exchange be answered with the same response.

        @return: whether it may be.
        """
        if not self.body.joinable or self._instead:
            return False
        if self.response is not None and not self._fits(listener):
            return False
        self._audience.add(listener)
        if self.response is not None:
            listener.begin(self, self.response)
            listener.go_on()
            listener.flush()
        return True

    def is_known_to(self, asked: Asked) -> bool:
        """
        Whether the client of a request has the response already: only where its own
        preconditions did not go to the server, as ours did, is that for us to say.
        """
        response = self.response
        if not (self._validating and asked.conditional) or response is None:
            return False
        validators = read_validators(response.pairs, self._cache.now())
        return evaluate(asked, b"GET", response.status, validators, self._cache.now()) == NOT_MODIFIED

    # What the relay calls.

    @override
    def begin(self, response: Response) -> None:
        now, kept = self._cache.now(), self._kept
        if kept is not None:
            if response.status in FAILURES and self._covers_failure(kept, now):
                self._answer_instead(kept, "stale-if-error")
                return
            if self._validating and response.status == 304:
                self._validated(kept, response, now)
                return
            if self._exchange.request.method == b"HEAD":
                self._heed_head(kept, response, now)
        self._store(response, now)
        self.response = response
        self.lines = public_lines(response, self._terms)
        for listener in self._audience:
            if listener.joined and not (self.stored and self._fits(listener)):
                self._audience.leave(listener)
                listener.set_free()
            else:
                listener.begin(self, response)
        if not (len(self._audience) or self.stored):
            self._stop()

    def refuse(self, error: ExchangeError) -> None:
        """
        Implement L{IDownstream.refuse}.
        """
        self._over()
        self._keep_no_more()
        kept = self._kept
        if self._instead:
            return
        if kept is not None and self.response is None and self._covers_failure(kept, self._cache.now()):
            self._answer_instead(kept, "stale-if-error")
            return
        for listener in self._audience.dismiss():
            listener.refuse(error)

    # What becomes of a response.

    def _ask(self) -> None:
        self._requested = self._cache.now()
        self._relay = relay = Relay(self._exchange, self._route, cast(IDownstream, self))
        relay.start()

    def _store(self, response: Response, now: float) -> None:
        """
        Begin to keep the response, where that may be.
        """
        judged = storable(self._exchange, self._asked, response, self._terms.policy, self._requested, now)
        self.why_not = judged.why_not
        if judged.head is not None:
            length = response.length if response.length is not None and response.length >= 0 else None
            if not response_has_body(response.status, b"GET"):
                length = 0
            self._begin_to_keep(judged.head, length)
            if self._keeping is None:
                self.why_not = "size"
        self.stored = self._keeping is not None
        if not self.stored:
            self._cache.counts["not-stored-" + self.why_not] += 1
            self.body.close()
            self._not_joinable()

    def _begin_to_keep(self, head: KeptHead, length: int | None) -> None:
        """
        Where it is a part of what another part is kept of, keep both together.
        """
        self._head = head
        kept = self._kept
        joined = combined(kept, head) if kept is not None and head.status == 206 else None
        if joined is None or kept is None:
            self._keeping = self._cache.begin(self._key, head, length)
            return
        self._keeping = self._cache.begin(self._key, joined.head, joined.length)
        if self._keeping is not None:
            try:
                self._keeping.write(kept.body(*joined.before))
                self._behind = kept.body(*joined.behind)
            except BodyLost:
                self._keep_no_more()

    @override
    def cut(self) -> None:
        head, length = self._head, None if self.response is None else self.response.length
        came = self.body.all() if self._keeping is not None else None
        super().cut()
        if head is None or came is None:
            return
        method, validators = self._exchange.request.method, head.validators
        if keeps_cut_short(method, head.status, validators, len(came)):
            whole = length if length is not None and length >= 0 else None
            keeping = self._cache.begin(self._key, cut_short(head, len(came), whole), len(came))
            if keeping is not None:
                keeping.write(came)
                keeping.commit()

    def _validated(self, kept: IKept, answer: Response, now: float) -> None:
        """
        The server says that what is kept is still right, or it means something else.
        """
        if matched_by_304(read_validators(answer.pairs, now), [kept.head.validators]) != [0]:
            self._ask_again()
            return
        head = updated_head(kept.head, answer, self._terms.policy, self._requested, now)
        self._cache.store.update(kept, head)
        self._cache.counts["validated"] += 1
        self._answer_instead(kept, "validated")

    def _ask_again(self) -> None:
        """
        The server's 304 is about something that is not kept: ask for all of it.
        """
        relay, self._validating = self._relay, False
        if relay is not None:
            relay.client_left()
        self._exchange.outbound.fields[:] = validating_fields(self._plain, [])
        self._ask()

    def _heed_head(self, kept: IKept, answer: Response, now: float) -> None:
        """
        A response to HEAD tells of what is kept, too (RFC 9111 section 4.3.5).
        """
        if answer.status != 200:
            return
        length = answer.length if answer.length is not None and answer.length >= 0 else None
        newer = read_validators(answer.pairs, now)
        if head_agrees(kept.head.validators, kept.length, newer, length):
            head = updated_head(kept.head, answer, self._terms.policy, self._requested, now)
        else:
            head = kept.head.with_freshness(kept.head.freshness.invalidated(now))
        self._cache.store.update(kept, head)

    def _covers_failure(self, kept: IKept, now: float) -> bool:
        return covers_failure(kept.head.freshness, self._asked.wishes, now)

    def _answer_instead(self, kept: IKept, word: str) -> None:
        """
        Answer all with what is kept; what comes of the response is not looked at.
        """
        self._instead = True
        self._not_joinable()
        for listener in self._audience.dismiss():
            listener.answer_with(kept, word)

    # Who listens.

    def _fits(self, listener: Listener) -> bool:
        """
        Whether the response is for the request of somebody who joined (RFC 9111 section 4.1).
        """
        response = self.response
        assert response is not None
        names = vary_names(response.pairs)
        if not names:
            return names is not None
        return secondary_key(names, listener.exchange.outbound.pairs) == secondary_key(names, self._plain)


classImplements(Fill, IDownstream)


def _can_be_validated(kept: IKept, asked: Asked) -> bool:
    return kept.head.validators.any and not asked.for_origin and kept.head.status != 206
