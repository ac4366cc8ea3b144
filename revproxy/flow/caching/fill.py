"""
A response on its way from a server: into the cache, and to all who wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from typing_extensions import override
from zope.interface import classImplements

from revproxy.errors import ExchangeError
from revproxy.exchange import UNKNOWN, Exchange, Response
from revproxy.flow.caching.altered import Altered
from revproxy.flow.caching.cache import fits
from revproxy.flow.caching.combining import begin_part, finish, keep_cut
from revproxy.flow.caching.distribution import Distribution
from revproxy.flow.caching.storing import Update, storable, update_of
from revproxy.flow.caching.telling import age_line, public_lines
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IDownstream, IKeeping, IKept
from revproxy.wire.caching.conditional import NOT_MODIFIED, evaluate
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.parts import keeps_cut_short
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.revalidation import validating_fields
from revproxy.wire.caching.serving import covers_failure, judge
from revproxy.wire.caching.statuses import FAILURES
from revproxy.wire.caching.updating import head_agrees, matched_by_304
from revproxy.wire.caching.validators import read_validators
from revproxy.wire.framing import response_has_body

if TYPE_CHECKING:
    from revproxy.flow.caching.listener import Listener


_SHORT: Final = 1 << 16

_OF_THE_REQUEST: Final = frozenset(("authorization", "method", "override", "request-no-store"))
"""
Why a response is not kept, where that says nothing of the answers to other requests.
"""


class Fill(Distribution):
    """
    Asks a server, and decides what becomes of its answer.

    @ivar response: the head, once it has come.
    @ivar why_not: in a word why the response is not kept.
    @ivar _kept: what is kept already, and stale.
    @ivar _validating: whether the server is asked whether that is still right.
    @ivar _plain: the fields of the request, before it became a validating one.
    @ivar _requested: when the server was asked, in seconds of the epoch.
    @ivar _revalidates: whether nobody waited when it was begun.
    @ivar _head: of what is being kept.
    @ivar _lines: the fields of the response, as the client gets them that it is for.
    """

    __slots__ = (
        "_asked", "_exchange", "_head", "_kept", "_lines", "_plain", "_requested", "_revalidates", "_route",
        "_terms", "_validating", "response", "why_not",
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
        @param key: empty where the response is not to be kept.
        """
        self._validating = kept is not None and _can_be_validated(kept, asked)
        whole = self._validating or not (asked.conditional or asked.range is not None)
        joinable = whole and terms.join_timeout > 0 and exchange.request.method == b"GET"
        super().__init__(terms.cache, key, bool(key) and joinable and terms.cache.is_shared(key))
        self.response: Response | None = None
        self.why_not = ""
        self._lines = b""
        self._exchange = exchange
        self._asked = asked
        self._route = route
        self._terms = terms
        self._kept = kept
        self._plain = exchange.outbound.pairs
        self._requested = 0.0
        self._revalidates = False
        self._head: KeptHead | None = None

    # What those who listen call.

    def start(self, listener: Listener | None) -> None:
        """
        Ask a server.

        @param listener: who is answered; C{None} where only the cache is.
        """
        if listener is not None:
            self._audience.add(listener)
        else:
            self._own = self._revalidates = True
            self._cache.revalidating.add(self._key)
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
        if not self.body.joinable or self._instead or self._cache.changes.since(self._key, self._requested):
            return False
        if self.response is not None and not self._is_for(listener):
            return False
        self._audience.add(listener)
        if self.response is not None:
            listener.begin(self, self.response)
            listener.go_on()
            listener.flush()
            self.read_on()
        return True

    def lines_for(self, listener: Listener) -> bytes:
        """
        @return: the fields of the response for one of its clients, as lines.  Who joined gets
            what is kept, not what is for another client alone.
        """
        head = self._head
        if head is None or not listener.joined:
            return self._lines
        return head.lines + age_line(head, self._cache.now())

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
        self._own = False
        if kept is not None:
            if response.status in FAILURES and self._covers_failure(kept, self._asked, now):
                self._answer_instead(kept, None, answered=response.status)
                length = _known_length(response)
                if length is None or length > _SHORT:
                    self._stop()
                return
            if self._validating and response.status == 304:
                self._validated(kept, response, now)
                return
            if self._exchange.request.method == b"HEAD":
                self._heed_head(kept, response, now)
        self._store(response, now)
        self.response = response
        self._lines = public_lines(response, self._terms)
        for listener in self._audience.present():
            if listener.joined and not self._is_for(listener):
                self._audience.leave(listener)
                listener.set_free()
            else:
                listener.begin(self, response)
        if not len(self._audience) and self._keeping is None:
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
        now = self._cache.now()
        if kept and self.response is None and self._covers_failure(kept, self._asked, now):
            self._answer_instead(kept, None)
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
        if self._key:
            judged = storable(self._exchange, self._asked, response, self._terms.policy, self._requested, now)
            self.why_not = judged.why_not
            if judged.head is not None:
                has_body = response_has_body(response.status, b"GET")
                self._begin_to_keep(judged.head, _known_length(response) if has_body else 0)
                if self._keeping is None:
                    self.why_not = self.why_not or "size"
        else:
            self.why_not = "override"
        if self._keeping is None:
            self._cache.count("not-stored-" + self.why_not)
            if self.why_not not in _OF_THE_REQUEST:
                self._cache.set_shared(self._key, False)
            self.body.close()
            self._not_joinable()

    def _begin_to_keep(self, head: KeptHead, length: int | None) -> None:
        """
        Where it is a part of what another part is kept of, keep both together.
        """
        self._head = head
        if head.status == 206:
            part = begin_part(self._cache, self._key, head, length, self._kept)
            self._keeping, self._behind, self.why_not = part
        else:
            self._keeping = self._cache.begin(self._key, head, length)

    @override
    def _over(self) -> None:
        super()._over()
        if self._revalidates:
            self._cache.revalidating.discard(self._key)

    @override
    def cut(self) -> None:
        head, response = self._head, self.response
        came = self.body.all() if self._keeping is not None else None
        super().cut()
        if head is None or response is None or came is None:
            return
        method, validators = self._exchange.request.method, head.validators
        if keeps_cut_short(method, head.status, validators, len(came)):
            keep_cut(self._cache, self._key, head, came, _known_length(response), self._kept)

    @override
    def _commit(self, keeping: IKeeping) -> IKept | None:
        cache = self._cache
        if cache.changes.since(self._key, self._requested):
            cache.abort(keeping)
            return None
        kept = finish(cache, keeping, self._behind)
        if kept is not None:
            cache.count("stored")
            cache.set_shared(self._key, True)
        return kept

    def _validated(self, kept: IKept, answer: Response, now: float) -> None:
        """
        The server says that what is kept is still right, or it means something else.
        """
        if matched_by_304(read_validators(answer.pairs, now), [kept.head.validators]) != [0]:
            self._ask_again()
            return
        self._cache.count("validated")
        update = self._update(kept, answer, now)
        own = kept if update.own is update.kept else Altered(kept, update.own)
        self._answer_instead(kept, own, update.kept is not None)

    def _update(self, kept: IKept, answer: Response, now: float) -> Update:
        """
        Change what is kept by what the server says of it.
        """
        update = update_of(
            kept.head, answer, self._asked, self._plain, self._terms.policy, self._requested, now
        )
        if update.kept is not None:
            self._cache.update(kept, update.kept)
        elif not update.stays:
            self._cache.remove(kept)
        return update

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
        newer = read_validators(answer.pairs, now)
        if head_agrees(kept.head.validators, kept.length, newer, _known_length(answer)):
            self._update(kept, answer, now)
        else:
            self._cache.update(kept, kept.head.with_freshness(kept.head.freshness.invalidated(now)))

    def _covers_failure(self, kept: IKept, asked: Asked, now: float) -> bool:
        return covers_failure(kept.head.freshness, asked.wishes, now)

    def _answer_instead(
        self, kept: IKept, validated: IKept | None, shared: bool = True, answered: int | None = None
    ) -> None:
        """
        Answer all with what is kept; what comes of the response is not looked at.

        @param validated: what the client gets whose request it was; C{None} where the server
            failed.
        @param shared: whether the others may get what is kept.
        @param answered: the status that the server failed with.
        """
        self._instead = True
        self._not_joinable()
        if self._validating:
            self._exchange.outbound.fields[:] = self._plain
        word = "stale-if-error" if validated is None else "validated"
        for listener in self._audience.dismiss():
            if not listener.joined:
                listener.answer_with(kept if validated is None else validated, word, answered)
            elif shared and self._would_do(kept, listener, validated is not None):
                listener.answer_with(kept, word, answered)
            else:
                listener.set_free()

    # Who listens.

    def _would_do(self, kept: IKept, listener: Listener, validated: bool) -> bool:
        """
        Whether what is kept would do for somebody who joined.
        """
        now = self._cache.now()
        if not fits(kept.head, listener.exchange.outbound.pairs):
            return False
        if validated:
            return _is_fresh(kept.head, listener.asked, now)
        return self._covers_failure(kept, listener.asked, now)

    def _is_for(self, listener: Listener) -> bool:
        """
        Whether the response is also for somebody who joined: whether it would be, had it been
        kept already.
        """
        head = self._head
        if head is None or self._keeping is None:
            return False
        is_fresh = _is_fresh(head, listener.asked, self._cache.now())
        return is_fresh and fits(head, listener.exchange.outbound.pairs)


classImplements(Fill, IDownstream)


def _is_fresh(head: KeptHead, asked: Asked, now: float) -> bool:
    verdict = judge(head.freshness, asked.wishes, now)
    return verdict.serves and not verdict.revalidates


def _known_length(response: Response) -> int | None:
    """
    @return: how many octets the body is said to have, where that is said.
    """
    length = response.length
    return None if length is None or length == UNKNOWN else length


def _can_be_validated(kept: IKept, asked: Asked) -> bool:
    return kept.head.validators.any and not asked.for_origin and kept.head.status != 206
