"""
From a response to what is kept of it.
"""

from __future__ import annotations

from typing import NamedTuple

from revproxy.exchange import Exchange, Response
from revproxy.wire.caching.freshness import read_freshness
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.request import Asked, read_request
from revproxy.wire.caching.storable import why_not_stored
from revproxy.wire.caching.stored_fields import stored_fields
from revproxy.wire.caching.tags import TAG_FIELDS, read_tags
from revproxy.wire.caching.targeted import effective_directives
from revproxy.wire.caching.updating import updated_fields
from revproxy.wire.caching.validators import read_validators
from revproxy.wire.caching.vary import secondary_key, vary_names
from revproxy.wire.fields import Fields


class Storable(NamedTuple):
    """
    @ivar head: what is to be kept; C{None} where nothing is.
    @ivar why_not: in a word why nothing is; empty where something is.
    """

    head: KeptHead | None
    why_not: str


def storable(
    exchange: Exchange, asked: Asked, response: Response, policy: Policy, requested: float, received: float
) -> Storable:
    """
    Decide whether a response to a request may be kept, and how.

    @param requested: when the request was sent, in seconds of the epoch.
    @param received: when the response came.
    """
    request, fields, status = exchange.request, response.pairs, response.status
    said = effective_directives(fields, policy.targets, policy.capability)
    why_not = why_not_stored(asked, request.method, False, request.path, status, fields, said, policy)
    if why_not is not None:
        return Storable(None, why_not)
    names, tags = vary_names(fields), read_tags(fields)
    if names is None or tags is None:
        return Storable(None, "vary" if names is None else "tags")
    freshness = read_freshness(asked, status, fields, said, policy, requested, received)
    validators = read_validators(fields, received)
    if not freshness.is_worth_keeping(validators):
        return Storable(None, "useless")
    secondary = secondary_key(names, exchange.outbound.pairs) if names else b""
    kept = stored_fields(fields, said, received)
    if tags:
        kept.remove_all(TAG_FIELDS)
    head = KeptHead(status, response.reason, kept, names, secondary, freshness, validators, tags)
    return Storable(head, "")


def updated_head(
    kept: KeptHead, newer: Response, policy: Policy, requested: float, received: float
) -> KeptHead:
    """
    @param newer: a 304, or a 200 to HEAD, that is about what is kept.
    @return: the head as it is from now on (RFC 9111 section 3.2).
    """
    fields = newer.pairs
    said = effective_directives(fields, policy.targets, policy.capability)
    updated = updated_fields(kept.fields, stored_fields(fields, said, received), said)
    tags = read_tags(fields) or kept.tags
    updated.remove_all(TAG_FIELDS)
    said = effective_directives(updated, policy.targets, policy.capability)
    age = [pair for pair in fields if pair[0] == b"age"]
    freshness = read_freshness(
        read_request(()), kept.status, Fields([*updated, *age]), said, policy, requested, received
    )
    validators = read_validators(updated, received)
    return KeptHead(kept.status, kept.reason, updated, kept.vary, kept.secondary, freshness, validators, tags)
