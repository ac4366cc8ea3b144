"""
Putting the part of a response that comes together with the part that is kept: RFC 9111
section 3.4.
"""

from __future__ import annotations

from revproxy.flow.caching.serving import place_of
from revproxy.interfaces import IKept
from revproxy.wire.caching.content_range import Place, parse_content_range, write_content_range
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.parts import may_combine
from revproxy.wire.caching.ranges import Span
from revproxy.wire.fields import Fields


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
    @param head: of the partial response that comes.
    @return: C{None} where the two are not of the same whole, or do not touch.
    """
    old, new = place_of(kept), place_in(head)
    if new is None or new.span is None or old.span is None or not kept.head.fits_same(head):
        return None
    if kept.head.status != 206 or not may_combine(kept.head.validators, old, head.validators, new):
        return None
    if new.span.start > old.span.end or old.span.start > new.span.end:
        return None
    start = old.span.start
    before = Span(0, max(new.span.start - start, 0))
    behind = Span(min(max(new.span.end - start, 0), kept.length), kept.length)
    span = Span(min(start, new.span.start), max(old.span.end, new.span.end))
    whole = old.length if new.length is None else new.length
    return Combination(_head_for(head, span, whole), span.end - span.start, before, behind)


def cut_short(head: KeptHead, octets: int, length: int | None) -> KeptHead:
    """
    @param head: of a complete response of whose body so many octets came.
    @return: that of the part (RFC 9111 section 3.3).
    """
    return _head_for(head, Span(0, octets), length)


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
