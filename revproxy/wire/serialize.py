"""
Messages to bytes: the one place where HTTP/1 heads and chunks are written.

Whatever made a field, a filter of somebody else's included, it passes here, so
this is where a value that would end its line is refused (RFC 9112 section 11.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from revproxy.errors import ExchangeError
from revproxy.wire.fields import TOKEN, Pair

_MOST_KNOWN_NAMES = 1024
_known_names: set[bytes] = set()


class UnsafeField(ExchangeError):
    """
    A field was produced that would change the shape of the message.
    """


def head_bytes(start_line: bytes, fields: Sequence[Pair]) -> bytes:
    """
    @param start_line: without its CRLF.
    @raise UnsafeField: for a control character in the line or a value, or a name
        that is not a token.
    """
    lines = [start_line]
    lines += [b": ".join(pair) for pair in fields]
    lines.append(b"\r\n")
    head = b"\r\n".join(lines)
    ends = len(lines)
    if head.count(b"\n") != ends or head.count(b"\r") != ends or b"\0" in head:
        raise UnsafeField("a field or the start line holds CR, LF or NUL")
    if not _known_names.issuperset([name for name, _ in fields]):
        _check_names(name for name, _ in fields)
    return head


def _check_names(names: Iterable[bytes]) -> None:
    for name in names:
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
