"""
Where a part belongs in the whole: Content-Range and the parts of multipart/byteranges,
RFC 9110 sections 14.4 and 14.6.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from revproxy.wire.caching.ranges import Span

_PLACE: Final = re.compile(
    rb"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/(?:([0-9]{1,18})|\*)", re.IGNORECASE
).fullmatch


class Place(NamedTuple):
    """
    What C{Content-Range} tells.

    @ivar span: the part that is there, C{None} where none could be sent (416).
    @ivar length: of the whole, C{None} where it is not known.
    """

    span: Span | None
    length: int | None


def parse_content_range(value: bytes) -> Place | None:
    """
    @return: C{None} for what is malformed, of another unit or contradicts itself.
    """
    match = _PLACE(value)
    if match is None:
        return None
    first, last, whole = match.groups()
    length = None if whole is None else int(whole)
    if first is None:
        return None if length is None else Place(None, length)
    span = Span(int(first), int(last) + 1)
    if span.end <= span.start or (length is not None and span.end > length):
        return None
    return Place(span, length)


def write_content_range(span: Span | None, length: int | None) -> bytes:
    """
    @param span: not empty; C{None} for a 416, which needs the length.
    """
    whole = b"*" if length is None else b"%d" % length
    if span is None:
        return b"bytes */%b" % whole
    return b"bytes %d-%d/%b" % (span.start, span.end - 1, whole)


def multipart_type(boundary: bytes) -> bytes:
    """
    The C{Content-Type} of a response with several parts.

    @param boundary: letters and digits that occur in no part; 70 at most.
    """
    return b"multipart/byteranges; boundary=%b" % boundary


def part_head(boundary: bytes, content_type: bytes | None, span: Span, length: int) -> bytes:
    """
    What goes before the octets of a part.

    @param content_type: of the whole.
    """
    kind = b"" if content_type is None else b"content-type: %b\r\n" % content_type
    place = write_content_range(span, length)
    return b"\r\n--%b\r\n%bcontent-range: %b\r\n\r\n" % (boundary, kind, place)


def multipart_end(boundary: bytes) -> bytes:
    """
    What goes after the last part.
    """
    return b"\r\n--%b--\r\n" % boundary


def multipart_length(boundary: bytes, content_type: bytes | None, spans: Sequence[Span], length: int) -> int:
    """
    How many octets a response with these parts has.
    """
    parts = sum(
        len(part_head(boundary, content_type, span, length)) + span.end - span.start for span in spans
    )
    return parts + len(multipart_end(boundary))
