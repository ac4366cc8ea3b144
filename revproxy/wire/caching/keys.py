"""
The primary key of a stored response: scheme, authority, path and query, and what the
operator adds to it (RFC 9111 section 2).

A key begins with the URL as it is read and sorted by people, so that it can be purged
by URL and by prefix; what is added comes behind a space, which no URL has, with its
length before it: no two requests that differ in anything that counts have one key.

What is decided here, where the standards leave a choice:

  - A port that is the scheme's own is left out (RFC 3986 section 6.2.3).
  - A query that is empty is another than none.
  - Of a cookie or a field that is there several times all values count, since nobody
    knows which one the server takes.
  - Routes with different rules that share a cache share what has the same URL and the
    same additions.  Where they go different ways, and the URL alone does not tell which
    route a request has, the way is in the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from revproxy.wire.caching.query import QueryRule
from revproxy.wire.cookies import cookies_as_written
from revproxy.wire.pairs import Pair, values_of

_OWN_PORTS: Final = {b"http": b":80", b"https": b":443"}
_WHOLE: Final = QueryRule()


class KeyRule:
    """
    What a key is made of.  Frozen by convention.

    @ivar ending: what all keys have behind the URL; empty where it is nothing.
    @ivar varies: whether keys of one URL differ.
    @ivar keyed: the request fields that are in the key, in lower case.
    """

    __slots__ = ("_cookies", "_country", "_fields", "_query", "ending", "keyed", "varies")

    def __init__(
        self,
        query: QueryRule = _WHOLE,
        fields: Iterable[bytes] = (),
        cookies: Iterable[bytes] = (),
        country: bool = False,
        way: Sequence[bytes] = (),
    ) -> None:
        """
        @param fields: the names of request fields to add, in lower case.
        @param cookies: the names of cookies to add.
        @param country: whether to add the client's country.
        @param way: the names of what requests go through.
        """
        self._query = query
        self._fields = sorted(set(fields))
        self._cookies = sorted(set(cookies))
        self._country = country
        self.keyed = frozenset(self._fields)
        self.ending = b" " + _part(b"way", b"", way) if way else b""
        self.varies = bool(self._fields or self._cookies or country)

    def url(self, scheme: bytes, authority: bytes, path: bytes, query: bytes | None) -> bytes:
        """
        The part of the key that all requests for a URL have in common.  A key is of
        this URL if it is the same, or begins with it and a space.

        @param authority: in lower case.
        @param path: the canonical path.
        """
        if authority.find(b":") >= 0:
            authority = authority.removesuffix(_OWN_PORTS.get(scheme, b""))
        if self._query.changes:
            query = self._query.apply(query)
        url = scheme + b"://" + authority + path
        return url if query is None else url + b"?" + query

    def key(
        self,
        scheme: bytes,
        authority: bytes,
        path: bytes,
        query: bytes | None,
        fields: Sequence[Pair] = (),
        country: bytes = b"",
    ) -> bytes:
        """
        The key of a request.

        @param fields: of the request, names in lower case.
        @param country: the client's, where the rule has it.
        """
        url = self.url(scheme, authority, path, query)
        if not self.varies:
            return url + self.ending if self.ending else url
        parts = [url]
        parts.extend(_part(b"field", name, values_of(fields, name)) for name in self._fields)
        if self._cookies:
            lines = values_of(fields, b"cookie")
            parts.extend(_part(b"cookie", name, cookies_as_written(lines, name)) for name in self._cookies)
        if self._country:
            parts.append(_part(b"country", b"", [country]))
        return b" ".join(parts) + self.ending


def sent_otherwise(method: bytes | None, authority: bytes | None, target: bytes | None) -> bytes:
    """
    What comes behind a key, where a request goes to the server as another one than came.

    @param method: the method that it goes with, C{None} where it is its own; so all of
        these.
    @return: begins with a space; empty where all is its own.
    """
    parts = [b""]
    for name, value in ((b"method", method), (b"authority", authority), (b"target", target)):
        if value is not None:
            parts.append(_part(b"sent", name, [value]))
    return b" ".join(parts)


def _part(kind: bytes, name: bytes, values: Sequence[bytes]) -> bytes:
    """
    Write values so that nothing in them can be taken for another part.
    """
    written = b"".join(b",%d:%b" % (len(value), value) for value in values)
    return b"%b:%d:%b%b" % (kind, len(name), name, written)
