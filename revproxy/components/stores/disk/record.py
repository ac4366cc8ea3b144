"""
Entries of the index as octets.

An entry's key is a digest of the primary key and its place in the order of all that were
ever kept, turned around: so what is kept under one key stands together, newest first.
Keys in lmdb have 511 octets at most, so the primary key itself is in the record, and is
compared.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.packing import pack_head

DIGEST: Final = 16
GENERATION: Final = 8

_ORDER: Final = Struct(">Q")
_LAST: Final = (1 << 64) - 1

ENTRY: Final = DIGEST + _ORDER.size
"""
How long the key of an entry is.
"""

_FIXED: Final = Struct("<QIIHB8s8s")
"""
The body's length, how long the primary key and the head are, how many tags there are,
whether the body is here, the generation, the digest of the variant.
"""

_BLOCK: Final = 4096
_PAGE: Final = 4096
_LARGE: Final = 2000
"""
From this size on lmdb gives a record pages of its own.
"""

_TAG: Final = 96
"""
What the index of tags takes for each.
"""


class Record(NamedTuple):
    """
    An entry of the index.

    @ivar key: the primary key.
    @ivar length: of the body.
    @ivar generation: tells this response from every other that was kept under the same
        key; it is in the name of the body's file and in the file.
    @ivar variant: the same for two that are kept for the same requests.
    @ivar tags: how many tags the head has.
    @ivar head: the packed head.
    @ivar body: a small body; C{None} where it is in a file.
    """

    key: bytes
    length: int
    generation: bytes
    variant: bytes
    tags: int
    head: bytes
    body: bytes | None

    def pack(self) -> bytes:
        """
        @return: what L{unpack_record} makes the same of.
        """
        fixed = _FIXED.pack(
            self.length,
            len(self.key),
            len(self.head),
            self.tags,
            self.body is not None,
            self.generation,
            self.variant,
        )
        return b"".join((fixed, self.key, self.head, self.body or b""))


def record_of(key: bytes, generation: bytes, head: KeptHead, length: int, body: bytes | None) -> Record:
    """
    @param body: C{None} where it is in a file.
    @return: what the index is to hold of a response.
    """
    return Record(key, length, generation, _variant_of(head), len(head.tags), pack_head(head), body)


def unpack_record(value: bytes) -> Record:
    """
    Read a record.  lmdb gives it as it was written, so this is not checked again; the head
    in it is, when it is read.
    """
    length, key_length, head_length, tags, inline, generation, variant = _FIXED.unpack_from(value)
    start = _FIXED.size + key_length
    end = start + head_length
    return Record(
        value[_FIXED.size : start],
        length,
        generation,
        variant,
        tags,
        value[start:end],
        value[end:] if inline else None,
    )


def cost_of(value: bytes) -> tuple[int, int]:
    """
    How many octets of the disk a record takes, and how many the file of its body: whole
    blocks for a file; for a record whole pages where it is large, and otherwise what it
    has of pages that are filled by two thirds.
    """
    length: int
    tags: int
    length, _, _, tags, inline, _, _ = _FIXED.unpack_from(value)
    size = len(value) + ENTRY
    cost = -(-size // _PAGE) * _PAGE if size > _LARGE else size + size // 2 + 32
    return cost + tags * _TAG, 0 if inline else (-(-(length + 64) // _BLOCK) + 1) * _BLOCK


def digest_of(key: bytes) -> bytes:
    """
    @return: what entries of a primary key, or of a tag, begin with.
    """
    return blake2b(key, digest_size=DIGEST).digest()


def _variant_of(head: KeptHead) -> bytes:
    """
    @return: the same for two heads that are for the same requests.
    """
    parts = (head.secondary, *head.vary)
    said = b"".join([b"%d:%b" % (len(part), part) for part in parts])
    return blake2b(said, digest_size=8).digest()


def entry_of(digest: bytes, order: int) -> bytes:
    """
    @param order: how many were kept before.
    @return: the key of an entry.
    """
    return digest + _ORDER.pack(_LAST - order)


def file_name(digest: bytes, generation: bytes) -> str:
    """
    @return: what the file of a body is called, which is not used for another.
    """
    return (digest + generation).hex()
