"""
Heads of stored responses as octets, for stores that keep them outside of the process.

A format of our own: a checksum, numbers at fixed places, then all that has a length of
its own.  What is read back is either what was written or refused: files are torn by
crashes and changed by people.  A later version that holds anything else takes another
number, so that what an older one left is refused, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from struct import Struct
from typing import Final
from zlib import crc32

from revproxy.errors import RevproxyError
from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.validators import Validators

VERSION: Final = 1

_SUM: Final = Struct("<I")
_LENGTH: Final = Struct("<I")
_FIXED: Final = Struct("<BBHdddqqqqIIIIIHH")
"""
Version, flags, status; the three times of the freshness and its two periods; the two
times of the validators; how long are reason, secondary key, lines, entity tag and date
of modification; how many names and tags there are.
"""

_START: Final = _SUM.size + _FIXED.size

_NO_CACHE: Final = 1
_MUST_REVALIDATE: Final = 2
_IMMUTABLE: Final = 4
_HAS_ETAG: Final = 8
_HAS_MODIFIED: Final = 16

_ARE_LINES: Final = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++: [^\r\n\0]*+\r\n)*+").fullmatch


class MalformedHead(RevproxyError):
    """
    Octets are no head that was packed here.
    """


def pack_head(head: KeptHead) -> bytes:
    """
    @return: what L{unpack_head} makes the same head of.
    """
    flags = (
        head.no_cache * _NO_CACHE
        + head.must_revalidate * _MUST_REVALIDATE
        + head.immutable * _IMMUTABLE
        + (head.etag is not None) * _HAS_ETAG
        + (head.modified is not None) * _HAS_MODIFIED
    )
    texts = (head.reason, head.secondary, head.lines, head.etag or b"", head.modified or b"")
    fixed = _FIXED.pack(
        VERSION,
        flags,
        head.status,
        head.received,
        head.born,
        head.expires,
        head.stale_while_revalidate,
        head.stale_if_error,
        head.modified_at,
        head.dated_at,
        *map(len, texts),
        len(head.vary),
        len(head.tags),
    )
    packed = b"".join((fixed, *texts, _listed(head.vary), _listed(head.tags)))
    return _SUM.pack(crc32(packed)) + packed


def unpack_head(packed: bytes) -> KeptHead:
    """
    @raise MalformedHead: it was not packed here, or not by this version, or has changed
        since.
    """
    if len(packed) < _START or _SUM.unpack_from(packed)[0] != crc32(packed[_SUM.size :]):
        raise MalformedHead("a stored head is torn")
    (
        version, flags, status, received, born, expires, while_revalidating, if_error, modified_at, dated_at,
        *lengths, vary_count, tags_count,
    ) = _FIXED.unpack_from(packed, _SUM.size)  # fmt: skip
    if version != VERSION:
        raise MalformedHead(f"a stored head is of version {version}")
    texts: list[bytes] = []
    position = _START
    for length in lengths:
        texts.append(packed[position : position + length])
        position += length
    reason, secondary, lines, etag, modified = texts
    listed = _read_list(packed, position, vary_count + tags_count)
    if not (isfinite(received) and isfinite(born) and isfinite(expires)) or _ARE_LINES(lines) is None:
        raise MalformedHead("a stored head holds what none can hold")
    return KeptHead(
        status,
        reason,
        lines,
        tuple(listed[:vary_count]),
        secondary,
        Freshness(
            received,
            born,
            expires,
            bool(flags & _NO_CACHE),
            bool(flags & _MUST_REVALIDATE),
            bool(flags & _IMMUTABLE),
            while_revalidating,
            if_error,
        ),
        Validators(
            etag if flags & _HAS_ETAG else None,
            modified if flags & _HAS_MODIFIED else None,
            modified_at if flags & _HAS_MODIFIED else None,
            dated_at,
        ),
        listed[vary_count:],
    )


def _listed(items: Iterable[bytes]) -> bytes:
    return b"".join([_LENGTH.pack(len(item)) + item for item in items])


def _read_list(packed: bytes, position: int, count: int) -> list[bytes]:
    """
    Read what stands at the end.
    """
    items: list[bytes] = []
    end = len(packed)
    for _ in range(count):
        if position + _LENGTH.size > end:
            raise MalformedHead("a stored head is too short")
        start = position + _LENGTH.size
        position = start + _LENGTH.unpack_from(packed, position)[0]
        items.append(packed[start:position])
    if position != end:
        raise MalformedHead("a stored head has another length than it says")
    return items
