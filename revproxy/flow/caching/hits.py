"""
The way of most hits: what is kept is fresh, all of it is wanted, and it is at hand.

It is one look-up and one write.  The head is written anew once in a second, as C{Age} and
C{Cache-Status} change no sooner; the body is sent as it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from revproxy.exchange import Exchange, Response
from revproxy.flow.caching.beginning import begin_response
from revproxy.flow.caching.cache import Cache, Found, choose
from revproxy.flow.caching.sending import PIECE
from revproxy.flow.caching.telling import age_line, hit_line
from revproxy.interfaces import IResponseFilter
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.status import CacheStatus
from revproxy.wire.framing import response_has_body
from revproxy.wire.serialize import Prepared

_MOST_REMEMBERED: Final = 1024


class Hits:
    """
    Answers for one way of using a cache.

    @ivar _recent: for heads that were sent of late: the head, the second, and the fields.
    """

    __slots__ = ("_cache", "_note", "_recent", "_status")

    def __init__(self, cache: Cache, status: CacheStatus | None) -> None:
        self._cache = cache
        self._status = status
        self._note = f"cache {cache.name}: fresh"
        self._recent: dict[int, tuple[KeptHead, int, Prepared]] = {}

    def answer(self, exchange: Exchange, filters: Sequence[IResponseFilter], found: Found) -> bool:
        """
        Answer a request that anything fresh will do for.

        @param found: what is kept under its key.
        @return: whether it is answered; if not, nothing was done.
        """
        if not isinstance(found, tuple | list) or not found:
            return False
        kept = choose(found, exchange.outbound.pairs)
        if kept is None:
            return False
        head: KeptHead = kept.head
        cache = self._cache
        now = cache.now()
        if now >= head.expires or head.no_cache or head.status == 206:
            return False
        body: bytes | None = kept.whole
        if body is None or len(body) > PIECE or not response_has_body(head.status, b"GET"):
            return False
        cache.used(kept)
        cache.count("hit-fresh")
        cache.count("octets", len(body))
        exchange.why.append(self._note)
        response = Response(head.status, head.reason, self._fields(head, now), len(body))
        downstream = exchange.downstream
        error = begin_response(exchange, filters, response)
        if error is not None:
            downstream.refuse(error)
        else:
            if body:
                downstream.write(body)
            downstream.end()
        return True

    def _fields(self, head: KeptHead, now: float) -> Prepared:
        second = int(now)
        recent = self._recent.get(id(head))
        if recent is not None and recent[0] is head and recent[1] == second:
            return recent[2]
        if len(self._recent) >= _MOST_REMEMBERED:
            self._recent.clear()
        fields = Prepared(head.lines + age_line(head, now) + hit_line(self._status, head, now))
        self._recent[id(head)] = (head, second, fields)
        return fields
