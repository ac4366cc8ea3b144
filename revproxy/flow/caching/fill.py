"""
A response on its way from a server: into the cache, and to all who wait for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from zope.interface import classImplements

from revproxy.errors import ExchangeError, UpstreamMalformed
from revproxy.exchange import Exchange, Response
from revproxy.flow.caching.shared_body import SharedBody
from revproxy.flow.caching.storing import storable, updated_head
from revproxy.flow.caching.telling import public_lines
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IDownstream, IKeeping, IKept, IOutlet, ITunnelEnd
from revproxy.wire.caching.conditional import NOT_MODIFIED, evaluate
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.revalidation import validating_fields
from revproxy.wire.caching.serving import covers_failure
from revproxy.wire.caching.statuses import FAILURES
from revproxy.wire.caching.updating import head_agrees, matched_by_304
from revproxy.wire.caching.validators import read_validators
from revproxy.wire.caching.vary import secondary_key, vary_names
from revproxy.wire.framing import response_has_body
from revproxy.wire.pairs import Pair

if TYPE_CHECKING:
    from revproxy.flow.caching.caching import Caching

MOST_BEHIND: Final = 1 << 20
"""
Who is further behind the fastest reader, in octets that are held for that reason alone, is cut off.
"""


class Fill:
    """
    Stands where the client stands for a relay.

    @ivar body: what has come of the body.
    @ivar response: the head, once it has come.
    @ivar lines: its fields, as clients get them.
    @ivar stored: whether the response is being kept.
    @ivar why_not: in a word why it is not.
    @ivar trailers: once the body is whole.
    @ivar _kept: what is kept already, and stale.
    @ivar _validating: whether the server is asked whether that is still right.
    @ivar _instead: whether all are answered with something else than the response.
    @ivar _plain: the fields of the request, before it became a validating one.
    """

    __slots__ = (
        "_asked", "_cache", "_exchange", "_instead", "_keeping", "_kept", "_key", "_listeners", "_paused",
        "_plain", "_relay", "_requested", "_route", "_terms", "_validating", "body", "lines", "response",
        "stored", "trailers", "why_not",
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
        self._exchange = exchange
        self._asked = asked
        self._route = route
        self._terms = terms
        self._cache = terms.cache
        self._key = key
        self._kept = kept
        self._plain = exchange.outbound.pairs
        self._validating = kept is not None and _can_be_validated(kept, asked)
        self._listeners: dict[Caching, None] = {}
        self._relay: Relay | None = None
        self._keeping: IKeeping | None = None
        self._requested = 0.0
        self._instead = False
        self._paused = False
        whole = self._validating or not (asked.conditional or asked.range is not None)
        shared = whole and exchange.request.method == b"GET" and terms.join_timeout > 0
        self.body = SharedBody(terms.cache, shared)
        self.response: Response | None = None
        self.lines = b""
        self.stored = False
        self.why_not = ""
        self.trailers: Sequence[Pair] | None = None

    # What those who listen call.

    def start(self, listener: Caching | None) -> None:
        """
        Ask a server.

        @param listener: who is answered; C{None} where only the cache is.
        """
        if listener is not None:
            self._listeners[listener] = None
        if self._validating and self._kept is not None:
            asking = validating_fields(self._plain, [self._kept.head.validators])
            self._exchange.outbound.fields[:] = asking
        if self.body.joinable:
            self._cache.fills[self._key] = self
        self._ask()

    def join(self, listener: Caching) -> bool:
        """
        Let another exchange be answered with the same response.

        @return: whether it may be.
        """
        if not self.body.joinable or self._instead:
            return False
        if self.response is None:
            self._listeners[listener] = None
            return True
        if not self._fits(listener):
            return False
        self._listeners[listener] = None
        listener.begin(self, self.response)
        listener.go_on()
        return True

    def leave(self, listener: Caching) -> None:
        """
        Somebody does not wait for the response any more.
        """
        self._listeners.pop(listener, None)
        if self._listeners:
            self._pace()
        elif self.stored:
            self._resume()
        else:
            self._stop()

    def caught_up(self) -> None:
        """
        Somebody who could not keep up has all that is there.
        """
        self._drop()
        self._resume()

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

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IDownstream.interim}.
        """
        for listener in list(self._listeners):
            listener.interim(status, reason, fields)

    def begin(self, response: Response) -> None:
        """
        Implement L{IDownstream.begin}.
        """
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
        for listener in list(self._listeners):
            if listener.joined and not (self.stored and self._fits(listener)):
                self._listeners.pop(listener)
                listener.set_free()
            else:
                listener.begin(self, response)
        if not (self._listeners or self.stored):
            self._stop()

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """
        if self._instead:
            return
        if self._keeping is not None and not self._keeping.write(data):
            self._keep_no_more()
        self.body.add(data)
        if not self.body.joinable:
            self._not_joinable()
        for listener in list(self._listeners):
            listener.go_on()
        self._drop()
        self._pace()

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """
        for listener in list(self._listeners):
            listener.flush()

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IDownstream.outlet}.  What is kept, or goes to several, has to be seen.
        """
        if self._instead or self._keeping is not None or self.body.joinable or len(self._listeners) != 1:
            return None
        return next(iter(self._listeners)).outlet(octets)

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}.
        """
        self._over()
        if self._instead:
            return
        keeping, self._keeping = self._keeping, None
        if keeping is not None and keeping.commit() is not None:
            self._cache.counts["stored"] += 1
        self.trailers = trailers
        for listener in list(self._listeners):
            listener.go_on()

    def cut(self) -> None:
        """
        Implement L{IDownstream.cut}.
        """
        self._over()
        self._keep_no_more()
        if not self._instead:
            for listener in self._taken():
                listener.cut()

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
        for listener in self._taken():
            listener.refuse(error)

    def switch(self, response: Response) -> ITunnelEnd:
        """
        Implement L{IDownstream.switch}.

        @raise UpstreamMalformed: always, since nobody asked for it.
        """
        raise UpstreamMalformed("a 101 to a request that did not ask for it")

    def pause_body(self) -> None:
        """
        Implement L{IDownstream.pause_body}: there is no body.
        """

    def resume_body(self) -> None:
        """
        Implement L{IDownstream.resume_body}: there is no body.
        """

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
            self._keeping = self._cache.begin(self._key, judged.head, length)
            if self._keeping is None:
                self.why_not = "size"
        self.stored = self._keeping is not None
        if not self.stored:
            self._cache.counts["not-stored-" + self.why_not] += 1
            self.body.close()
            self._not_joinable()

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
        for listener in self._taken():
            listener.answer_with(kept, word)

    # Who listens.

    def _fits(self, listener: Caching) -> bool:
        """
        Whether the response is for the request of somebody who joined (RFC 9111 section 4.1).
        """
        response = self.response
        assert response is not None
        names = vary_names(response.pairs)
        if not names:
            return names is not None
        return secondary_key(names, listener.exchange.outbound.pairs) == secondary_key(names, self._plain)

    def _taken(self) -> list[Caching]:
        """
        @return: who listens; from now on nobody does.
        """
        listeners = list(self._listeners)
        self._listeners.clear()
        return listeners

    def _not_joinable(self) -> None:
        if self._cache.fills.get(self._key) is self:
            del self._cache.fills[self._key]

    def _keep_no_more(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.abort()

    def _drop(self) -> None:
        """
        Let go of what all have; whoever is far behind the others is cut off.
        """
        if self.body.joinable or not self._listeners:
            return
        slowest = min(self._listeners, key=lambda listener: listener.position)
        self.body.drop_before(slowest.position)
        if len(self._listeners) > 1 and self.body.octets > MOST_BEHIND:
            self._listeners.pop(slowest)
            slowest.cut()

    def _pace(self) -> None:
        """
        Read no more than the fastest can take.
        """
        if not self._paused and self._listeners and all(each.paused for each in self._listeners):
            self._paused = True
            if self._relay is not None:
                self._relay.pause_response()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if self._relay is not None:
                self._relay.resume_response()

    def _over(self) -> None:
        """
        Nothing more comes.
        """
        self._relay = None
        self.body.close()
        self._not_joinable()

    def _stop(self) -> None:
        """
        Nobody wants the rest.
        """
        relay = self._relay
        self._over()
        self._keep_no_more()
        if relay is not None:
            relay.client_left()


classImplements(Fill, IDownstream)


def _can_be_validated(kept: IKept, asked: Asked) -> bool:
    return kept.head.validators.any and not asked.for_origin and kept.head.status != 206
