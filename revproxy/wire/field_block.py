"""
Header sections from bytes to pairs: the one place where field lines are parsed.

Requests, responses and trailers have the same grammar (RFC 9112 section 5), so
one parser serves them all: llhttp, in its response mode, behind a status line of
our own.  In that mode it judges the lines and nothing else (no method list, no
C{Upgrade} that swallows a body); what the fields mean is for L{framing}.
"""

from __future__ import annotations

import re
from typing import Final

from httptools import HttpParserError, HttpResponseParser

from revproxy.errors import ExchangeError
from revproxy.wire.fields import FrozenFields, Pair

_STATUS_LINE: Final = b"HTTP/1.1 200 OK\r\n"
_OPTIONAL_SPACE: Final = b" \t"
_BARE_LINE_END: Final = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)").search


class _Lines:
    """
    What the parser calls back: keeps the fields so far.
    """

    __slots__ = ("pairs",)

    def __init__(self) -> None:
        self.pairs: list[Pair] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """
        Take a field from the parser.
        """
        self.pairs.append((name.lower(), value.rstrip(_OPTIONAL_SPACE)))


def parse_fields(block: bytes, malformed: type[ExchangeError]) -> FrozenFields:
    """
    Parse field lines strictly: no folding, no space before a colon, no bare CR or
    LF, no control characters.

    @param block: the field lines, each with its CRLF, and the empty line.
    @param malformed: what to raise.
    @return: the fields in order, names in lower case, values without the optional
        space around them.
    """
    lines = _Lines()
    try:
        HttpResponseParser(lines).feed_data(_STATUS_LINE + block)
    except HttpParserError as error:
        raise malformed(f"header section: {error}") from None
    return FrozenFields(lines.pairs)


def has_bare_line_end(data: bytes | bytearray, start: int = 0) -> bool:
    """
    @param start: what is before it was looked at already.
    @return: whether there is a CR or LF that is not part of a CRLF (RFC 9112
        section 2.2), in a head that is not complete yet.
    """
    return _BARE_LINE_END(data, start) is not None
