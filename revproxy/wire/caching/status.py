"""
The Cache-Status field, RFC 9211: what the cache did with a request, and why.

A response may have members of other caches already; ours comes in a line of its own
behind them (section 2).
"""

from __future__ import annotations

from typing import Final

from revproxy.wire.caching.structured import write_name, write_string

NAME: Final = b"cache-status"

BYPASS: Final = b"bypass"
"""
Why a request went on to the server (section 2.2): the cache was told to leave it alone.
"""

METHOD: Final = b"method"
"""
Its method has to reach the server.
"""

PARTIAL: Final = b"partial"
"""
Not all that it asks for is stored.
"""


class CacheStatus:
    """
    Writes the members of one cache.

    @ivar name: the cache's name as it is written.
    """

    __slots__ = ("_hit", "name")

    def __init__(self, name: bytes) -> None:
        self.name = write_name(name)
        self._hit = self.name + b"; hit; ttl="

    def hit(self, ttl: int, detail: bytes | None = None) -> bytes:
        """
        The request was answered without asking the server.

        @param ttl: for how many seconds the response stays fresh; less than 0 where it
            is stale.
        """
        member = self._hit + b"%d" % ttl
        return member if detail is None else member + b"; detail=" + write_name(detail)

    def refused(self, detail: bytes) -> bytes:
        """
        The request was neither answered with what is stored nor sent on (section 2).
        """
        return self.name + b"; detail=" + write_name(detail)

    def forwarded(
        self,
        why: bytes,
        status: int | None = None,
        ttl: int | None = None,
        stored: bool | None = None,
        collapsed: bool | None = None,
        key: bytes | None = None,
        detail: bytes | None = None,
    ) -> bytes:
        """
        The request went on to the server; what is C{None} is left out.

        @param why: a token of section 2.2.
        @param status: what the server answered with.
        @param stored: whether the answer was stored.
        @param collapsed: whether another request's answer could be used, where the
            request waited for one.
        @param key: the primary key, for debugging: it has what the operator added.
        """
        parts = [self.name, b"fwd=" + why]
        if status is not None:
            parts.append(b"fwd-status=%d" % status)
        if ttl is not None:
            parts.append(b"ttl=%d" % ttl)
        if stored is not None:
            parts.append(_flag(b"stored", stored))
        if collapsed is not None:
            parts.append(_flag(b"collapsed", collapsed))
        if key is not None:
            parts.append(b"key=" + write_string(key))
        if detail is not None:
            parts.append(b"detail=" + write_name(detail))
        return b"; ".join(parts)


def _flag(name: bytes, value: bool) -> bytes:
    return name if value else name + b"=?0"
