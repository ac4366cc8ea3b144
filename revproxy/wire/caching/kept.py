"""
The head of a stored response, as the cache holds it.

A hit writes its field lines as they are, and looks at the few numbers and names that
decide whether it may be used.  So the lines and the numbers are what is held, in one
object, as there may be a million of them; the fields are read from the lines for whoever
asks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from revproxy.compiled import WHY_SOURCES, mypyc_attr
from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.validators import Validators
from revproxy.wire.fields import FrozenFields
from revproxy.wire.pairs import Pair
from revproxy.wire.serialize import field_lines, read_lines


@mypyc_attr(acyclic=True)
class KeptHead:
    """
    The head of a stored response.  Frozen by convention: one that changes is another.

    @ivar status: the status code.
    @ivar reason: the reason phrase as received; may be empty.
    @ivar lines: the fields that are stored, as HTTP/1 field lines, each with its CRLF:
        they can be sent as they are.
    @ivar vary: the names that L{vary_names} read.
    @ivar secondary: the L{secondary_key} of the request that it answered.
    @ivar tags: by which it can be purged.
    @ivar size: about how many octets of memory it takes.

    The others are those of L{Freshness} and L{Validators}, where C{modified_at} is 0 for
    none.
    """

    __slots__ = (
        "born", "dated_at", "etag", "expires", "immutable", "lines", "modified", "modified_at",
        "must_revalidate", "no_cache", "reason", "received", "secondary", "size", "stale_if_error",
        "stale_while_revalidate", "status", "tags", "vary",
    )  # fmt: skip

    def __init__(
        self,
        status: int,
        reason: bytes,
        fields: Sequence[Pair] | bytes,
        vary: tuple[bytes, ...],
        secondary: bytes,
        freshness: Freshness,
        validators: Validators,
        tags: Iterable[bytes] = (),
    ) -> None:
        """
        @param fields: names in lower case; or field lines that were checked already.
        @raise UnsafeField: a field cannot be sent.
        """
        self.status = status
        self.reason = reason
        self.lines = fields if isinstance(fields, bytes) else field_lines(fields)
        self.vary = vary
        self.secondary = secondary
        self.tags = tuple(sorted(tags)) if tags else ()
        self.received = freshness.received
        self.born = freshness.born
        self.expires = freshness.expires
        self.no_cache = freshness.no_cache
        self.must_revalidate = freshness.must_revalidate
        self.immutable = freshness.immutable
        self.stale_while_revalidate = freshness.stale_while_revalidate
        self.stale_if_error = freshness.stale_if_error
        self.etag = validators.etag
        self.modified = validators.modified
        self.modified_at = validators.modified_at or 0
        self.dated_at = validators.dated_at
        self.size = _size(self)

    @property
    def fields(self) -> FrozenFields:
        """
        The fields, read from the lines.
        """
        return read_lines(self.lines)

    @property
    def freshness(self) -> Freshness:
        """
        What decides whether it may be used, for the rules.
        """
        return Freshness(
            self.received,
            self.born,
            self.expires,
            self.no_cache,
            self.must_revalidate,
            self.immutable,
            self.stale_while_revalidate,
            self.stale_if_error,
        )

    @property
    def validators(self) -> Validators:
        """
        Its validators, for the rules.
        """
        modified_at = None if self.modified is None else self.modified_at
        return Validators(self.etag, self.modified, modified_at, self.dated_at)

    def age(self, now: float) -> int:
        """
        The value of C{Age}, as L{Freshness.age} has it.
        """
        return int(max(now, self.received) - self.born)

    def ttl(self, now: float) -> int:
        """
        For how many seconds it stays fresh, as L{Freshness.ttl} has it.
        """
        return int((self.expires - now) // 1)

    def with_freshness(self, freshness: Freshness) -> KeptHead:
        """
        The same with another freshness, such as after a purge.
        """
        return KeptHead(
            self.status,
            self.reason,
            self.lines,
            self.vary,
            self.secondary,
            freshness,
            self.validators,
            self.tags,
        )

    def fits_same(self, other: KeptHead) -> bool:
        """
        Whether the two are kept for the same requests: then the newer one takes the place
        of the older.
        """
        return self.secondary == other.secondary and self.vary == other.vary


def octets_of(data: bytes) -> int:
    """
    How much memory octets take, with what Python and the C library add.
    """
    size = len(data) + 33
    return (size + 15) & ~15 if size <= 512 else (size + 8 + 15) & ~15


def _size(head: KeptHead) -> int:
    size = _FIXED + octets_of(head.lines) + octets_of(head.reason)
    if head.secondary:
        size += octets_of(head.secondary)
    if head.vary:
        size += sys.getsizeof(head.vary) + sum(map(octets_of, head.vary))
    if head.tags:
        size += sys.getsizeof(head.tags) + sum(map(octets_of, head.tags))
    if head.etag is not None:
        size += octets_of(head.etag)
    if head.modified is not None:
        size += octets_of(head.modified)
    return size


_FIXED: Final = 192 if WHY_SOURCES is None else 368
"""
What every head takes: the object and, where it is not compiled, the numbers in it, which
are objects of their own then.
"""
