"""
Message bodies from the bytes of a connection: RFC 9112 sections 6 and 7.

A body is fed what was read, and gives back the content in it and, once it has
ended, the bytes that follow it.
"""

from __future__ import annotations

import re
from typing import Protocol

from revproxy.compiled import mypyc_attr
from revproxy.errors import ExchangeError
from revproxy.wire.field_block import parse_fields
from revproxy.wire.fields import FrozenFields

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]{0,255}+)?+\r\n").match
_SIZE_LINE_BEGUN = re.compile(rb"[0-9A-Fa-f]{0,15}(?:(?<=.);[\t\x20-\x7e\x80-\xff]{0,255}+)?+\r?").fullmatch
_NOT_IN_TRAILERS = frozenset(
    b"authorization connection content-encoding content-length content-range content-type cookie expect "
    b"forwarded host keep-alive max-forwards proxy-authenticate proxy-authorization proxy-connection range "
    b"set-cookie te trailer transfer-encoding upgrade via www-authenticate x-forwarded-for "
    b"x-forwarded-host x-forwarded-port x-forwarded-proto".split()
)
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


class Body(Protocol):
    """
    The content of one message as it comes.
    """

    trailers: FrozenFields

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """
        @return: the content in C{data}, and what follows the body: C{None} as long
            as it has not ended.
        """


@mypyc_attr(acyclic=True)
class LengthBody:
    """
    A body of a known number of octets.
    """

    __slots__ = ("remaining", "trailers")

    def __init__(self, length: int) -> None:
        self.remaining = length
        self.trailers = FrozenFields()

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """
        Implement L{Body.feed}.
        """
        remaining = self.remaining - len(data)
        if remaining > 0:
            self.remaining = remaining
            return data, None
        content = data[: self.remaining] if remaining else data
        self.remaining = 0
        return content, data[len(content) :]

    def passed(self, octets: int) -> None:
        """
        So many came and went without being fed.
        """
        self.remaining -= octets


class UntilCloseBody:
    """
    A body that only the end of the connection ends.
    """

    __slots__ = ("trailers",)

    def __init__(self) -> None:
        self.trailers = FrozenFields()

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """
        Implement L{Body.feed}.
        """
        return data, None


class ChunkedBody:
    """
    A body in chunks.  Extensions are checked and dropped; sizes are bounded.

    @ivar trailers: the trailer fields that may be forwarded, after the end.
    """

    __slots__ = ("_in_trailers", "_left", "_malformed", "_most_trailers", "_pending", "trailers")

    def __init__(self, malformed: type[ExchangeError], most_trailers: int = 8192) -> None:
        """
        @param most_trailers: octets of the trailer section, its empty line included.
        """
        self.trailers = FrozenFields()
        self._malformed = malformed
        self._most_trailers = most_trailers
        self._pending = b""
        self._left = 0
        self._in_trailers = False

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """
        Implement L{Body.feed}.
        """
        if self._pending:
            data = self._pending + data
            self._pending = b""
        contents: list[bytes] = []
        position = 0
        while not self._in_trailers:
            position, waiting = self._chunk(data, position, contents)
            if waiting:
                self._pending = data[position:]
                return b"".join(contents), None
        return b"".join(contents), self._trailer_section(data[position:])

    def _chunk(self, data: bytes, position: int, contents: list[bytes]) -> tuple[int, bool]:
        """
        Take one step: a size line, or (the rest of) a chunk with its CRLF.

        @return: where to go on, and whether more bytes are needed for that.
        """
        if not self._left:
            return self._size_line(data, position)
        available = len(data) - position
        content_left = self._left - 2
        if available <= content_left:
            contents.append(data[position:] if position else data)
            self._left -= available
            return len(data), True
        if content_left > 0:
            contents.append(data[position : position + content_left])
            position += content_left
            self._left = 2
        end = data[position : position + 2]
        if end == b"\r":
            return position, True
        if end != b"\r\n":
            raise self._malformed("no CRLF after a chunk")
        self._left = 0
        return position + 2, False

    def _size_line(self, data: bytes, position: int) -> tuple[int, bool]:
        match = _SIZE_LINE(data, position)
        if match is None:
            if _SIZE_LINE_BEGUN(data, position) is None:
                raise self._malformed("a chunk's size line is malformed")
            return position, True
        size = int(match[1], 16)
        if size:
            self._left = size + 2
        else:
            self._in_trailers = True
        return match.end(), False

    def _trailer_section(self, data: bytes) -> bytes | None:
        """
        @return: what follows the trailer section, or C{None}.
        """
        if data.startswith(b"\r\n"):
            return data[2:]
        end = data.find(b"\r\n\r\n")
        if (len(data) if end < 0 else end + 4) > self._most_trailers:
            raise self._malformed("the trailer section is too large")
        if end < 0:
            self._pending = data
            return None
        received = parse_fields(data[: end + 4], self._malformed)
        names = {name for name, _ in received}
        if not names.isdisjoint(_FRAMING):
            raise self._malformed("a trailer that would change the framing")
        self.trailers = FrozenFields(pair for pair in received if pair[0] not in _NOT_IN_TRAILERS)
        return data[end + 4 :]
