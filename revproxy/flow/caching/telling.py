"""
What clients are told of the cache's part in an answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from revproxy.errors import ExchangeError, NotCached
from revproxy.exchange import Response
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.revalidation import not_modified_fields
from revproxy.wire.caching.status import CacheStatus
from revproxy.wire.caching.tags import TAG_FIELDS
from revproxy.wire.serialize import Prepared, field_lines

if TYPE_CHECKING:
    from revproxy.flow.caching.terms import CacheTerms

_TARGETED: Final = TAG_FIELDS | {b"surrogate-control"}


def age_line(head: KeptHead, now: float) -> bytes:
    """
    @return: the line of C{Age}, with its CRLF.
    """
    return b"age: %d\r\n" % head.age(now)


def hit_line(
    status: CacheStatus | None,
    head: KeptHead,
    now: float,
    word: str = "fresh",
    forwarded: bytes = b"",
    answered: int | None = None,
) -> bytes:
    """
    @param word: in short why what is kept may be used.
    @param forwarded: why a server was asked first, as C{fwd} has it; empty where none was.
    @param answered: the status that it answered with, where it did.
    @return: the line of C{Cache-Status}, with its CRLF.
    """
    if status is None:
        return b""
    ttl = head.ttl(now)
    if word == "validated":
        member = status.forwarded(forwarded, 304, ttl, stored=True)
    elif forwarded:
        member = status.forwarded(forwarded, answered, detail=word.encode())
    else:
        member = status.hit(ttl, None if word == "fresh" else word.encode())
    return b"cache-status: %b\r\n" % member


def fill_line(
    status: CacheStatus | None, forwarded: bytes, response: Response, why_not: str, joined: bool
) -> bytes:
    """
    @param why_not: in a word why the response is not stored; empty where it is.
    @param joined: whether the answer was waited for that another request had asked for.
    @return: the line of C{Cache-Status}, with its CRLF.
    """
    return b"" if status is None else _fill_line(status, forwarded, response.status, why_not, joined)


@lru_cache(maxsize=1024)
def _fill_line(status: CacheStatus, forwarded: bytes, answered: int, why_not: str, joined: bool) -> bytes:
    member = status.forwarded(
        forwarded,
        answered,
        stored=not why_not,
        collapsed=True if joined else None,
        detail=why_not.encode() or None,
    )
    return b"cache-status: %b\r\n" % member


@lru_cache(maxsize=256)
def forwarding_words(cache: str, why: bytes) -> tuple[str, str]:
    """
    @param why: a server is asked, as C{fwd} has it.
    @return: what is counted, and what the log has.
    """
    return f"fwd-{why.decode()}", f"cache {cache}: {why.decode()}"


def refusal_member(
    status: CacheStatus | None, forwarded: bytes, error: ExchangeError, joined: bool
) -> bytes | None:
    """
    @return: the value of C{Cache-Status} where an error is all that the client gets.
    """
    if status is None:
        return None
    if forwarded:
        return status.forwarded(forwarded, collapsed=True if joined else None)
    return status.refused(b"only-if-cached") if isinstance(error, NotCached) else None


def hidden_fields(terms: CacheTerms) -> frozenset[bytes]:
    """
    @return: the names of the fields that are for this cache alone.
    """
    return _TARGETED if terms.policy.capability is not None else TAG_FIELDS


def public_lines(response: Response, terms: CacheTerms) -> bytes:
    """
    @return: the fields that clients get, as lines: what is for this cache alone is not for
        them.
    """
    hidden = hidden_fields(terms)
    pairs = response.pairs
    for pair in pairs:
        if pair[0] in hidden:
            return field_lines([pair for pair in pairs if pair[0] not in hidden])
    return response.lines()


def not_modified(response: Response, terms: CacheTerms, added: bytes) -> Response:
    """
    @param response: with 200, which the client has already.
    @return: the head of a 304 for it.
    """
    public = not_modified_fields(response.pairs)
    public.remove_all(hidden_fields(terms))
    fields = Prepared(public)
    return Response(304, b"Not Modified", Prepared(fields.lines + added), None)


def told(response: Response, lines: bytes, added: bytes) -> Response:
    """
    @return: the head of a response for one client, which its filters may change.
    """
    return Response(response.status, response.reason, Prepared(lines + added), response.length)
