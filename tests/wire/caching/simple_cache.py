"""
A cache as simple as the rules allow: everything in a dict, one request after the other,
and an origin server that answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from revproxy.wire.caching.conditional import FORWARD, NOT_MODIFIED, evaluate, range_applies
from revproxy.wire.caching.content_range import Place, parse_content_range, write_content_range
from revproxy.wire.caching.freshness import Freshness, read_freshness
from revproxy.wire.caching.invalidation import Resource, invalidated, is_unsafe
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.caching.parts import covers
from revproxy.wire.caching.policy import DEFAULT, Policy
from revproxy.wire.caching.ranges import Span, select_spans
from revproxy.wire.caching.request import Asked, read_request
from revproxy.wire.caching.revalidation import not_modified_fields, validating_fields
from revproxy.wire.caching.serving import covers_failure, judge, judge_miss
from revproxy.wire.caching.statuses import FAILURES
from revproxy.wire.caching.storable import is_overridden, why_not_shared, why_not_stored
from revproxy.wire.caching.stored_fields import stored_fields
from revproxy.wire.caching.targeted import effective_directives
from revproxy.wire.caching.updating import head_agrees, matched_by_304, updated_fields
from revproxy.wire.caching.validators import Validators, read_validators
from revproxy.wire.caching.vary import rank, secondary_key, vary_names
from revproxy.wire.fields import Fields
from revproxy.wire.pairs import Pair, first_value

CACHED = "cached"
FORWARDED = "forwarded"
VALIDATED = "validated"
REFUSED = "refused"
BODY = b"0123456789A"


class Answer(NamedTuple):
    """
    What the server answers with; a 304 if it is asked with a precondition.

    @ivar reached: whether it can be reached.
    """

    fields: Sequence[Pair] = ()
    status: int = 200
    body: bytes = BODY
    reached: bool = True


NOTHING = Answer()
"""
An answer that says nothing about itself.
"""


def served(answer: Answer, asking: Sequence[Pair], now: float) -> Answer:
    """
    @param asking: the fields of the request, as the server sees them.
    @return: what the server answers: a 304 where the request names what it would give.
    """
    tags = first_value(asking, b"if-none-match")
    since = first_value(asking, b"if-modified-since")
    if answer.status != 200 or not answer.reached or (tags is None and since is None):
        return answer
    own = read_validators(answer.fields, now)
    named = [] if tags is None else [(b"etag", tags)]
    known = read_validators([*named, (b"last-modified", since or b"")], now)
    if own.any and matched_by_304(own, [known]) == [0]:
        return answer._replace(status=304, body=b"")
    return answer


class Outcome(NamedTuple):
    """
    What became of a request.

    @ivar sent: the fields that the server saw, C{None} where it was not asked.
    """

    how: str
    status: int
    fields: Fields
    body: bytes = b""
    sent: Fields | None = None


class Kept(NamedTuple):
    """
    A stored response.

    @ivar fits: the fields that C{Vary} names, and the secondary key of the request.
    @ivar place: where its body belongs in the whole.
    @ivar why_not: why others must not get it, as an update has made it.
    """

    status: int
    fields: Fields
    freshness: Freshness
    validators: Validators
    fits: tuple[tuple[bytes, ...], bytes]
    place: Place
    body: bytes
    why_not: str | None = None


class SimpleCache:
    """
    @ivar kept: the stored responses by their primary key.
    @ivar why_not: why the last response was not stored.
    """

    def __init__(self, policy: Policy = DEFAULT) -> None:
        self.policy = policy
        self.rule = KeyRule()
        self.kept: dict[bytes, list[Kept]] = {}
        self.why_not: str | None = None

    def ask(
        self,
        now: float,
        fields: Sequence[Pair] = (),
        answer: Answer = NOTHING,
        method: bytes = b"GET",
        path: bytes = b"/",
        query: bytes | None = None,
    ) -> Outcome:
        """
        Answer a request, from what is stored or by asking the server.
        """
        asked = read_request(fields)
        target = Resource(b"http", b"example.com", path, query)
        key = self.rule.url(*target)
        if is_unsafe(method) and not answer.reached:
            return Outcome(FORWARDED, 504, Fields(), sent=Fields(fields))
        if is_unsafe(method) or is_overridden(asked, self.policy.keyed):
            for other in invalidated(method, answer.status, target, answer.fields):
                self.invalidate(self.rule.url(*other), now)
            return Outcome(FORWARDED, answer.status, Fields(answer.fields), answer.body, Fields(fields))
        stored = self.kept.get(key, [])
        chosen = self.choose(stored, fields)
        verdict = (
            judge_miss(asked.wishes, bool(stored))
            if chosen is None
            else judge(chosen.freshness, asked.wishes, now)
        )
        if chosen is not None and verdict.serves:
            reply = reply_from(chosen, CACHED, asked, method, now)
            if reply is not None:
                return reply
        if verdict.status:
            return Outcome(REFUSED, verdict.status, Fields())
        return self.forward(now, key, asked, fields, answer, method, path, chosen)

    def invalidate(self, key: bytes, now: float) -> None:
        found = self.kept.get(key, [])
        self.kept[key] = [kept._replace(freshness=kept.freshness.invalidated(now)) for kept in found]

    def choose(self, stored: list[Kept], fields: Sequence[Pair]) -> Kept | None:
        fitting = [kept for kept in stored if secondary_key(kept.fits[0], fields) == kept.fits[1]]
        return max(fitting, key=lambda kept: rank(kept.fits[0], kept.validators.dated_at), default=None)

    def forward(
        self,
        now: float,
        key: bytes,
        asked: Asked,
        fields: Sequence[Pair],
        answer: Answer,
        method: bytes,
        path: bytes,
        chosen: Kept | None,
    ) -> Outcome:
        validating = chosen is not None and chosen.validators.any and not asked.for_origin
        sent = Fields(fields)
        if chosen is not None and validating:
            sent = validating_fields(fields, [chosen.validators])
        whole, answer = answer, served(answer, sent, now)
        failed = not answer.reached or answer.status in FAILURES
        if chosen is not None and failed and covers_failure(chosen.freshness, asked.wishes, now):
            reply = reply_from(chosen, CACHED, asked, method, now)
            if reply is not None:
                return reply._replace(sent=sent)
        if not answer.reached:
            return Outcome(FORWARDED, 504, Fields(), sent=sent)
        if chosen is not None and validating and answer.status == 304:
            if not self.is_validated(chosen, answer, now):
                return self.forward(now, key, asked, fields, whole, method, path, None)
            updated = self.updated(now, chosen, asked, fields, answer)
            self.replace(key, chosen, updated)
            reply = reply_from(updated, VALIDATED, asked, method, now)
            assert reply is not None
            return reply._replace(sent=sent)
        if method == b"HEAD" and chosen is not None:
            self.replace(key, chosen, self.after_head(now, chosen, asked, fields, answer))
        self.store(now, key, asked, fields, answer, method, path)
        newer = read_validators(answer.fields, now)
        if validating and evaluate(asked, method, answer.status, newer, now) == NOT_MODIFIED:
            return Outcome(FORWARDED, 304, not_modified_fields(answer.fields), sent=sent)
        return Outcome(FORWARDED, answer.status, Fields(answer.fields), answer.body, sent)

    def is_validated(self, chosen: Kept, answer: Answer, now: float) -> bool:
        """
        Whether the server answers with a 304 that is about the stored response.
        """
        newer = read_validators(answer.fields, now)
        return matched_by_304(newer, [chosen.validators]) == [0]

    def store(
        self,
        now: float,
        key: bytes,
        asked: Asked,
        fields: Sequence[Pair],
        answer: Answer,
        method: bytes,
        path: bytes,
    ) -> None:
        said = effective_directives(answer.fields, self.policy.targets, self.policy.capability)
        self.why_not = why_not_stored(
            asked, method, False, path, answer.status, answer.fields, said, self.policy
        )
        names = vary_names(answer.fields)
        if self.why_not is not None or names is None:
            return
        freshness = read_freshness(asked, answer.status, answer.fields, said, self.policy, now, now)
        validators = read_validators(answer.fields, now)
        if not freshness.is_worth_keeping(validators):
            self.why_not = "useless"
            return
        place = Place(Span(0, len(answer.body)), len(answer.body))
        if answer.status == 206:
            place = parse_content_range(first_value(answer.fields, b"content-range") or b"") or place
        fits = (names, secondary_key(names, fields))
        kept = Kept(
            answer.status,
            stored_fields(answer.fields, said, now),
            freshness,
            validators,
            fits,
            place,
            answer.body,
        )
        self.kept[key] = [other for other in self.kept.get(key, []) if other.fits != fits] + [kept]

    def replace(self, key: bytes, kept: Kept, newer: Kept) -> None:
        """
        Keep one in place of another, without what is for one client alone.
        """
        if newer.why_not == "authorization":
            return
        others = [other for other in self.kept.get(key, []) if other is not kept and other.fits != newer.fits]
        mine = [pair for pair in newer.fields if pair[0] != b"set-cookie"]
        self.kept[key] = others if newer.why_not else [*others, newer._replace(fields=Fields(mine))]

    def updated(self, now: float, kept: Kept, asked: Asked, sent: Sequence[Pair], newer: Answer) -> Kept:
        """
        What a stored response is after a 304 or a 200 to HEAD.
        """
        said = effective_directives(newer.fields, self.policy.targets, self.policy.capability)
        fields = updated_fields(kept.fields, stored_fields(newer.fields, said, now), said)
        said = effective_directives(fields, self.policy.targets, self.policy.capability)
        age = [pair for pair in newer.fields if pair[0] == b"age"]
        names = vary_names(fields)
        return kept._replace(
            fits=kept.fits if names is None else (names, secondary_key(names, sent)),
            why_not="vary" if names is None else why_not_shared(asked, said),
            fields=fields,
            freshness=read_freshness(
                read_request(()), kept.status, [*fields, *age], said, self.policy, now, now
            ),
            validators=read_validators(fields, now),
        )

    def after_head(self, now: float, kept: Kept, asked: Asked, sent: Sequence[Pair], answer: Answer) -> Kept:
        length = first_value(answer.fields, b"content-length")
        told = None if length is None else int(length)
        if answer.status != 200:
            return kept
        if head_agrees(kept.validators, len(kept.body), read_validators(answer.fields, now), told):
            return self.updated(now, kept, asked, sent, answer)
        return kept._replace(freshness=kept.freshness.invalidated(now))


def reply_from(kept: Kept, how: str, asked: Asked, method: bytes, now: float) -> Outcome | None:
    """
    @return: C{None} where not all that is asked for is stored, or the preconditions
        are for the server.
    """
    fields = Fields(kept.fields)
    fields.set(b"age", b"%d" % kept.freshness.age(now))
    condition = evaluate(asked, method, kept.status, kept.validators, now)
    if condition == FORWARD:
        return None
    if condition == NOT_MODIFIED:
        return Outcome(how, 304, not_modified_fields(fields))
    length, held = kept.place.length, kept.place.span
    assert held is not None
    ranged = method == b"GET" and asked.range is not None and length is not None and kept.status in (200, 206)
    if ranged and range_applies(asked, kept.validators, now):
        assert asked.range is not None and length is not None
        spans = select_spans(asked.range, length)
        if spans is not None:
            return _part(kept, how, spans, held, length, fields)
    return Outcome(how, kept.status, fields, kept.body) if kept.status != 206 else None


def _part(kept: Kept, how: str, spans: list[Span], held: Span, length: int, fields: Fields) -> Outcome | None:
    if not spans:
        told = [(b"content-range", write_content_range(None, length)), (b"age", fields.get(b"age") or b"")]
        return Outcome(how, 416, Fields(told))
    if len(spans) > 1 or not covers([held], spans):
        return None
    fields.set(b"content-range", write_content_range(spans[0], length))
    body = kept.body[spans[0].start - held.start : spans[0].end - held.start]
    return Outcome(how, 206, fields, body)
