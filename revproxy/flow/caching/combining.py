"""
Putting the part of a response that comes together with the part that is kept: RFC 9111
section 3.4.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from revproxy.errors import BodyLost
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.sending import PIECE
from revproxy.flow.caching.serving import place_of
from revproxy.interfaces import IKeeping, IKept
from revproxy.wire.caching.content_range import Place, parse_content_range, write_content_range
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.parts import is_worth_copying, may_combine, outlasts
from revproxy.wire.caching.ranges import Span
from revproxy.wire.fields import Fields

Rest: TypeAlias = tuple[IKept, Span]
"""
A part of a body that is kept.
"""

_OF_A_WHOLE: Final = (200, 206)


class Part(NamedTuple):
    """
    A part that is about to be kept, or not.

    @ivar keeping: takes what comes; C{None} where nothing is to be kept.
    @ivar behind: what goes behind that.
    @ivar why_not: in a word why nothing is kept; empty also where the store does not want it.
    """

    keeping: IKeeping | None
    behind: Rest | None = None
    why_not: str = ""


class Combination:
    """
    Both parts as one.

    @ivar head: that of the whole of them; where nothing is missing, of a complete response.
    @ivar length: how many octets it has.
    @ivar before: what of the kept body goes before the part that comes.
    @ivar behind: what of it goes behind.
    """

    __slots__ = ("before", "behind", "head", "length")

    def __init__(self, head: KeptHead, length: int, before: Span, behind: Span) -> None:
        self.head = head
        self.length = length
        self.before = before
        self.behind = behind


def place_in(head: KeptHead) -> Place | None:
    """
    @return: where the body of a partial response belongs.
    """
    return parse_content_range(head.fields.get(b"content-range") or b"")


def combined(kept: IKept, head: KeptHead) -> Combination | None:
    """
    @param head: of the partial response that comes, which would take the other's place.
    @return: C{None} where the two are not of the same whole, or do not touch, or where that
        would be more to copy than it is worth.
    """
    old, new = place_of(kept), place_in(head)
    if new is None or new.span is None or old.span is None:
        return None
    if kept.head.status != 206 or not may_combine(kept.head.validators, old, head.validators, new):
        return None
    if new.span.start > old.span.end or old.span.start > new.span.end:
        return None
    start = old.span.start
    before = Span(0, max(new.span.start - start, 0))
    behind = Span(min(max(new.span.end - start, 0), kept.length), kept.length)
    copied = before.end - before.start + behind.end - behind.start
    if not is_worth_copying(copied, new.span.end - new.span.start):
        return None
    span = Span(min(start, new.span.start), max(old.span.end, new.span.end))
    whole = old.length if new.length is None else new.length
    return Combination(_head_for(head, span, whole), span.end - span.start, before, behind)


def begin_part(cache: Cache, key: bytes, head: KeptHead, length: int | None, known: IKept | None) -> Part:
    """
    Begin to keep a partial response; where it is a part of what another part is kept of,
    both together.

    @param length: how many octets it is said to have.
    @param known: see L{replaced}.
    """
    place = place_in(head)
    if place is None or place.span is None:
        return Part(None, None, "partial")
    octets = place.span.end - place.span.start
    if length is not None and length != octets:
        return Part(None, None, "partial")
    kept = replaced(cache, key, head, known)
    if kept is None:
        return Part(cache.begin(key, head, octets))
    joined = combined(kept, head)
    if joined is not None:
        return _begin_joined(cache, kept, joined)
    old = kept.head
    whole, fresh = old.status == 200, cache.now() < old.expires and not old.no_cache
    if old.status in _OF_A_WHOLE and outlasts(
        old.validators, place_of(kept), whole, fresh, head.validators, place
    ):
        return Part(None, None, "more-is-kept")
    return Part(cache.begin(key, head, octets))


def keep_cut(
    cache: Cache, key: bytes, head: KeptHead, came: bytes, length: int | None, known: IKept | None
) -> None:
    """
    Keep what came of a body that was cut short, unless a whole one is kept: be that stale,
    it can be validated, or stand in where the servers fail.

    @param length: of the whole, where that is known.
    @param known: see L{replaced}.
    """
    kept = replaced(cache, key, head, known)
    if kept is not None and kept.head.status != 206:
        return
    part = begin_part(cache, key, cut_short(head, len(came), length), len(came), kept)
    if part.keeping is not None:
        if cache.write(part.keeping, came):
            finish(cache, part.keeping, part.behind)
        else:
            cache.abort(part.keeping)


def replaced(cache: Cache, key: bytes, head: KeptHead, known: IKept | None) -> IKept | None:
    """
    @param known: what was found before: it counts where a look-up has to be waited for.
    @return: the response whose place one with such a head would take.
    """
    found = cache.find_all(key)
    if isinstance(found, Deferred):
        found.addErrback(_forgotten).cancel()
        found = () if known is None else (known,)
    for kept in found:
        if kept.head.fits_same(head):
            return kept
    return None


def finish(cache: Cache, keeping: IKeeping, behind: Rest | None) -> IKept | None:
    """
    All has come.

    @param behind: what of a kept body goes behind it.
    @return: what is kept, if it is.
    """
    if behind is not None and not _copied(cache, *behind, keeping):
        cache.abort(keeping)
        return None
    return cache.commit(keeping)


def cut_short(head: KeptHead, octets: int, length: int | None) -> KeptHead:
    """
    @param head: of a complete response of whose body so many octets came.
    @return: that of the part (RFC 9111 section 3.3).
    """
    return _head_for(head, Span(0, octets), length)


def _begin_joined(cache: Cache, kept: IKept, joined: Combination) -> Part:
    keeping = cache.begin(kept.key, joined.head, joined.length)
    if keeping is None:
        return Part(None, None, "size")
    if not _copied(cache, kept, joined.before, keeping):
        cache.abort(keeping)
        return Part(None, None, "size")
    return Part(keeping, (kept, joined.behind))


def _copied(cache: Cache, kept: IKept, span: Span, keeping: IKeeping) -> bool:
    """
    Write a part of a body into another.

    @return: whether all of it was.
    """
    start = span.start
    try:
        while start < span.end:
            stop = min(start + PIECE, span.end)
            if not cache.write(keeping, cache.read(kept, start, stop)):
                return False
            start = stop
    except BodyLost:
        return False
    return True


def _forgotten(failure: Failure) -> None:
    """
    Nobody waits for it any more.
    """


def _head_for(head: KeptHead, span: Span, length: int | None) -> KeptHead:
    fields = Fields(head.fields)
    fields.remove_all((b"content-range",))
    if span == (0, length):
        status, reason = 200, b"OK"
    else:
        status, reason = 206, b"Partial Content"
        fields.add(b"content-range", write_content_range(span, length))
    return KeptHead(
        status, reason, fields, head.vary, head.secondary, head.freshness, head.validators, head.tags
    )
