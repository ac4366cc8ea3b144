"""
Whether a shared cache may store a response: RFC 9111 section 3.

What is decided here, where the standard leaves a choice:

  - GET is the one method whose responses are stored, and only where the request had no
    content: content is in no key.
  - Responses with C{Set-Cookie} are not stored, unless the policy says so or the
    response keeps the field from being stored (C{private="set-cookie"}).
  - Some statuses are not stored, whatever the response says (see C{statuses}).
  - A 206 is stored where it has one range of a known place.
  - A page under the name of a static file is stored only where the response says
    itself that it is for shared caches (see C{deception}).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from revproxy.wire.caching.content_range import parse_content_range
from revproxy.wire.caching.deception import is_disguised
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.request import Asked
from revproxy.wire.caching.response_directives import ResponseDirectives
from revproxy.wire.caching.statuses import HEURISTICALLY_CACHEABLE, NEVER, UNDERSTOOD
from revproxy.wire.caching.vary import vary_names
from revproxy.wire.pairs import Pair, first_value

COOKIE_FIELDS: Final = frozenset((b"set-cookie", b"set-cookie2"))
"""
The fields that set cookies.
"""


def why_not_stored(
    asked: Asked,
    method: bytes,
    has_content: bool,
    path: bytes,
    status: int,
    fields: Collection[Pair],
    said: ResponseDirectives,
    policy: Policy,
) -> str | None:
    """
    Judge a response by its head.  Whether its body comes whole shows later.

    @param has_content: whether the request has a body.
    @param path: the canonical path.
    @param fields: of the response, names in lower case.
    @param said: its directives that count.
    @return: in a word why it must not be stored, C{None} where it may.
    """
    return (
        _of_the_request(asked, method, has_content, fields, policy)
        or _of_the_status(asked, status, fields, said, policy)
        or why_not_shared(asked, said)
        or _of_the_fields(path, fields, said, policy)
    )


def _of_the_request(
    asked: Asked, method: bytes, has_content: bool, fields: Collection[Pair], policy: Policy
) -> str | None:
    if method != b"GET":
        return "method"
    if has_content:
        return "request-content"
    if asked.wishes.no_store:
        return "request-no-store"
    if asked.overrides and is_overridden(asked, policy.keyed.union(vary_names(fields) or ())):
        return "override"
    return None


def is_overridden(asked: Asked, keyed: Collection[bytes]) -> bool:
    """
    Tell whether the request has a field that may change its method or target and is
    not in the key: then the cache must leave it alone.
    """
    return not set(asked.overrides).issubset(keyed)


def _of_the_status(
    asked: Asked, status: int, fields: Collection[Pair], said: ResponseDirectives, policy: Policy
) -> str | None:
    if status < 200 or status in NEVER or (said.must_understand and status not in UNDERSTOOD):
        return "status"
    if status == 206 and not _is_one_range(asked, fields):
        return "partial"
    if status in HEURISTICALLY_CACHEABLE or status in policy.ttl or _is_told(fields, said):
        return None
    return "not-told"


def _is_told(fields: Collection[Pair], said: ResponseDirectives) -> bool:
    """
    Whether the response says itself that it may be stored.
    """
    if said.public or said.max_age is not None or said.s_maxage is not None:
        return True
    return not said.targeted and first_value(fields, b"expires") is not None


def _is_one_range(asked: Asked, fields: Collection[Pair]) -> bool:
    place = parse_content_range(first_value(fields, b"content-range") or b"")
    return asked.range is not None and place is not None and place.span is not None


def why_not_shared(asked: Asked, said: ResponseDirectives) -> str | None:
    """
    Judge by directives alone.

    @return: in a word why others must not get the response, C{None} where they may.
    """
    if said.no_store and not said.must_understand:
        return "no-store"
    if said.private:
        return "private"
    if asked.authorized and not (said.public or said.must_revalidate or said.s_maxage is not None):
        return "authorization"
    return None


def _of_the_fields(
    path: bytes, fields: Collection[Pair], said: ResponseDirectives, policy: Policy
) -> str | None:
    if not policy.store_cookies and sets_cookies(fields, said):
        return "set-cookie"
    if vary_names(fields) is None:
        return "vary"
    for_sharing = said.public or said.targeted or said.s_maxage is not None
    if not for_sharing and is_disguised(path, first_value(fields, b"content-type")):
        return "disguised"
    return None


def sets_cookies(fields: Iterable[Pair], said: ResponseDirectives) -> bool:
    """
    Whether others would get cookies, as the response does not keep the field from them.
    """
    for name, _ in fields:
        if name in COOKIE_FIELDS:
            return name not in said.private_fields and name not in said.no_cache_fields
    return False
