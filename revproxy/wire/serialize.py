"""
Messages to bytes: the one place where HTTP/1 heads and chunks are written.

Whatever made a field, a filter of somebody else's included, it passes here, so
this is where a value that would end its line is refused (RFC 9112 section 11.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.errors import ExchangeError
from revproxy.wire.fields import TOKEN, FrozenFields
from revproxy.wire.pairs import Pair, first_value

_MOST_KNOWN_NAMES: Final = 1024
_known_names: Final[set[bytes]] = set()
_UNSAFE_IN_LINE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search


class UnsafeField(ExchangeError):
    """
    A field was produced that would change the shape of the message.
    """


@mypyc_attr(acyclic=True)
class Prepared:
    """
    Fields that are written often: checked and serialised once.

    @ivar lines: the fields as field lines, each with its CRLF.
    @ivar dated: whether C{Date} is among them.
    """

    __slots__ = ("_fields", "dated", "lines")

    def __init__(self, fields: Iterable[Pair] | bytes) -> None:
        """
        @param fields: names in lower case; or field lines that L{field_lines} made.
        @raise UnsafeField: as L{field_lines} does.
        """
        self._fields: FrozenFields | None = None
        if isinstance(fields, bytes):
            self.lines = fields
            self.dated = fields.startswith(b"date: ") or fields.find(b"\r\ndate: ") >= 0
        else:
            self._fields = pairs = FrozenFields(fields)
            self.lines = field_lines(pairs)
            self.dated = first_value(pairs, b"date") is not None

    @property
    def fields(self) -> FrozenFields:
        """
        The pairs.
        """
        if self._fields is None:
            self._fields = read_lines(self.lines)
        return self._fields

    def with_line(self, line: bytes) -> Prepared:
        """
        @param line: one that L{field_lines} made.
        @return: the same fields with one more.
        """
        return Prepared(self.lines + line)


def field_lines(fields: Sequence[Pair]) -> bytes:
    """
    @return: a line for each field, with its CRLF.
    @raise UnsafeField: for a value with CR, LF or NUL, or a name that is no token.
    """
    parts: list[bytes] = []
    for name, value in fields:
        if name not in _known_names:
            _check_name(name)
        parts.append(name)
        parts.append(b": ")
        parts.append(value)
        parts.append(b"\r\n")
    text = b"".join(parts)
    ends = len(fields)
    if text.count(b"\n") != ends or text.count(b"\r") != ends or text.find(b"\0") >= 0:
        raise UnsafeField("a field holds CR, LF or NUL")
    return text


def read_lines(lines: bytes) -> FrozenFields:
    """
    @param lines: what L{field_lines} made.
    @return: the fields that it was made of.
    """
    return FrozenFields([_pair(line) for line in lines.split(b"\r\n")[:-1]])


def checked_line(line: bytes) -> bytes:
    """
    @return: the start line as it was given.
    @raise UnsafeField: where it holds a control character.
    """
    if _UNSAFE_IN_LINE(line):
        raise UnsafeField("the start line holds a control character")
    return line


@lru_cache(maxsize=1024)
def request_line(method: bytes, target: bytes) -> bytes:
    """
    @return: the request line of RFC 9112 section 3, without its CRLF.
    @raise UnsafeField: where a part is empty, or has a space or a control character.
    """
    line = checked_line(b"%b %b HTTP/1.1" % (method, target))
    if line.count(b" ") != 2 or not target or not method:
        raise UnsafeField("the request line does not have three parts")
    return line


@lru_cache(maxsize=256)
def status_line(status: int, reason: bytes) -> bytes:
    """
    @return: the status line of RFC 9112 section 4, without its CRLF.
    @raise UnsafeField: where the reason has a control character.
    """
    return checked_line(b"HTTP/1.1 %d %b" % (status, reason))


@lru_cache(maxsize=1024)
def host_line(authority: bytes) -> bytes:
    """
    @return: the C{Host} field's line, with its CRLF.
    @raise UnsafeField: where the authority has a control character.
    """
    return b"host: %b\r\n" % checked_line(authority)


def head_bytes(start_line: bytes, fields: Sequence[Pair]) -> bytes:
    """
    @param start_line: without its CRLF.
    @return: a whole head.
    @raise UnsafeField: as L{field_lines} and L{checked_line} do.
    """
    return b"%b\r\n%b\r\n" % (checked_line(start_line), field_lines(fields))


def _pair(line: bytes) -> Pair:
    name, _, value = line.partition(b": ")
    return name, value


def _check_name(name: bytes) -> None:
    if TOKEN(name) is None:
        raise UnsafeField(f"{name!r} is not a field name")
    if len(_known_names) < _MOST_KNOWN_NAMES:
        _known_names.add(name)


def chunk_bytes(data: bytes) -> bytes:
    """
    @param data: not empty, for an empty chunk ends the body.
    """
    return b"%x\r\n%b\r\n" % (len(data), data)


def last_chunk_bytes(trailers: Sequence[Pair]) -> bytes:
    """
    The chunk that ends a body, with its trailer section.
    """
    if not trailers:
        return b"0\r\n\r\n"
    return head_bytes(b"0", trailers)
