"""
Answering a request with a response that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex
from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.exchange import Response
from revproxy.flow.caching.telling import age_line
from revproxy.interfaces import IKept
from revproxy.wire.caching.conditional import FAILED, FORWARD, NOT_MODIFIED, evaluate, range_applies
from revproxy.wire.caching.content_range import (
    Place,
    multipart_end,
    multipart_length,
    multipart_type,
    parse_content_range,
    part_head,
    write_content_range,
)
from revproxy.wire.caching.parts import covers
from revproxy.wire.caching.ranges import Span, select_spans
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.revalidation import not_modified_fields
from revproxy.wire.fields import Fields
from revproxy.wire.framing import response_has_body
from revproxy.wire.serialize import Prepared

_WITH_RANGES: Final = (200, 206)
"""
For other statuses C{Range} does not count (RFC 9110 section 14.2).
"""


@mypyc_attr(acyclic=True)
class Answer:
    """
    What is to be sent of a kept response.

    @ivar response: the head, with the length of what follows.
    @ivar pieces: what follows: octets as they are, and spans of the kept body.
    """

    __slots__ = ("pieces", "response")

    def __init__(self, response: Response, pieces: Sequence[bytes | Span]) -> None:
        self.response = response
        self.pieces = pieces


def answer_from(kept: IKept, asked: Asked, method: bytes, now: float, added: bytes) -> Answer | None:
    """
    Make the answer to a request.

    @param now: the time of day.
    @param added: further field lines for the client, each with its CRLF.
    @return: C{None} where not all that is asked for is kept, or only the server may answer.
    """
    head = kept.head
    added = age_line(head, now) + added
    if not asked.conditional and asked.range is None and head.status != 206:
        return _whole(kept, method, added)
    condition = evaluate(asked, method, head.status, head.validators, now)
    if condition == FORWARD:
        return None
    if condition == NOT_MODIFIED:
        return _without_body(304, not_modified_fields(head.fields), added)
    if condition == FAILED:
        return _without_body(412, Fields(), added)
    return _part_or_whole(kept, asked, method, now, added)


def place_of(kept: IKept) -> Place:
    """
    @return: where the kept body belongs in the whole.
    """
    if kept.head.status == 206:
        place = parse_content_range(kept.head.fields.get(b"content-range") or b"")
        if place is not None:
            return place
    return Place(Span(0, kept.length), kept.length)


def _whole(kept: IKept, method: bytes, added: bytes) -> Answer:
    head = kept.head
    has_body = response_has_body(head.status, method)
    length: int | None = kept.length
    if not response_has_body(head.status, b"GET"):
        length = None
    response = Response(head.status, head.reason, Prepared(head.lines + added), length)
    return Answer(response, (Span(0, kept.length),) if has_body and kept.length else ())


def _without_body(status: int, fields: Fields, added: bytes) -> Answer:
    lines = Prepared(Prepared(fields).lines + added)
    return Answer(Response(status, b"", lines, None if status == 304 else 0), ())


def _part_or_whole(kept: IKept, asked: Asked, method: bytes, now: float, added: bytes) -> Answer | None:
    place = place_of(kept)
    assert place.span is not None
    spans = None
    if (
        asked.range is not None
        and kept.head.status in _WITH_RANGES
        and place.length is not None
        and method == b"GET"
        and range_applies(asked, kept.head.validators, now)
    ):
        spans = select_spans(asked.range, place.length)
    if spans is None:
        return None if kept.head.status == 206 else _whole(kept, method, added)
    assert place.length is not None
    if not spans:
        fields = Fields([(b"content-range", write_content_range(None, place.length))])
        return _without_body(416, fields, added)
    if not covers([place.span], spans):
        return None
    return _parts(kept, spans, place.span.start, place.length, added)


def _parts(kept: IKept, spans: Sequence[Span], begins: int, length: int, added: bytes) -> Answer:
    """
    @param begins: where in the whole the kept body begins.
    """
    fields = Fields(kept.head.fields)
    fields.remove_all((b"content-range",))
    inside = [Span(span.start - begins, span.end - begins) for span in spans]
    if len(spans) == 1:
        fields.add(b"content-range", write_content_range(spans[0], length))
        size, pieces = inside[0].end - inside[0].start, list[bytes | Span](inside)
    else:
        boundary = token_hex(16).encode()  # nobody who made the body can know it
        kind = fields.get(b"content-type")
        fields.set(b"content-type", multipart_type(boundary))
        size, pieces = multipart_length(boundary, kind, spans, length), []
        for span, where in zip(spans, inside, strict=True):
            pieces += [part_head(boundary, kind, span, length), where]
        pieces.append(multipart_end(boundary))
    lines = Prepared(Prepared(fields).lines + added)
    return Answer(Response(206, b"Partial Content", lines, size), pieces)
