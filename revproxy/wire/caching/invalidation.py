"""
Which stored responses an unsafe request invalidates: RFC 9111 section 4.4.

What is decided here, where the standard leaves a choice:

  - C{Location} and C{Content-Location} are invalidated too, where they have the same
    scheme, host and port; what cannot be read there is left out.
  - A method that is not known to be safe is unsafe.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority
from revproxy.wire.pairs import Pair, values_of
from revproxy.wire.target import canonical_target

_SAFE: Final = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PROPFIND", b"QUERY", b"REPORT", b"SEARCH", b"TRACE"))
_OWN_PORTS: Final = {b"http": 80, b"https": 443}
_NO_ERROR: Final = range(200, 400)
_MOST_OCTETS: Final = 8192


class Resource(NamedTuple):
    """
    A URL in its parts, as L{KeyRule.url} takes them.
    """

    scheme: bytes
    authority: bytes
    path: bytes
    query: bytes | None


def is_unsafe(method: bytes) -> bool:
    """
    Whether a request may change something, so that it has to reach the server.
    """
    return method not in _SAFE


def invalidated(method: bytes, status: int, target: Resource, fields: Iterable[Pair]) -> list[Resource]:
    """
    Tell what the response to a request invalidates.

    @param target: of the request; its path is canonical.
    @param fields: of the response, names in lower case.
    @return: the URLs, each once, with canonical paths.
    """
    if status not in _NO_ERROR or not is_unsafe(method):
        return []
    found = [target]
    for name in (b"location", b"content-location"):
        for value in values_of(fields, name):
            other = _resolved(target, value)
            if other is not None and other not in found:
                found.append(other)
    return found


def _resolved(target: Resource, reference: bytes) -> Resource | None:
    """
    Resolve a reference.

    @return: C{None} for what is malformed and what is of another origin.
    """
    if len(reference) > _MOST_OCTETS:
        return None
    base = b"%b://%b%b" % target[:3] + (b"" if target.query is None else b"?" + target.query)
    try:
        joined = urljoin(base.decode("latin-1"), reference.decode("latin-1"))
        pieces = urlsplit(joined)
        scheme, authority = pieces.scheme.encode("latin-1"), pieces.netloc.encode("latin-1")
        if _origin(scheme, authority) != _origin(target.scheme, target.authority):
            return None
        without_fragment = joined.partition("#")[0].encode("latin-1")
        found = canonical_target(b"GET", without_fragment)
    except (BadRequest, ValueError):
        return None
    return Resource(target.scheme, target.authority, found.path, found.query)


def _origin(scheme: bytes, authority: bytes) -> tuple[bytes, bytes, int]:
    """
    @raise BadRequest: where the authority is malformed.
    """
    host, port = split_authority(authority)
    return scheme, host, _OWN_PORTS.get(scheme, 0) if port is None else port
