"""
From a response to what is kept of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from revproxy.exchange import Exchange, Response
from revproxy.wire.caching.freshness import read_freshness
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.request import Asked, read_request
from revproxy.wire.caching.response import telling_fields
from revproxy.wire.caching.response_directives import ResponseDirectives
from revproxy.wire.caching.storable import COOKIE_FIELDS, sets_cookies, why_not_shared, why_not_stored
from revproxy.wire.caching.stored_fields import is_stored_as_it_is, stored_fields
from revproxy.wire.caching.tags import TAG_FIELDS, read_tags
from revproxy.wire.caching.targeted import effective_directives
from revproxy.wire.caching.updating import updated_fields
from revproxy.wire.caching.validators import read_validators
from revproxy.wire.caching.vary import secondary_key, vary_names
from revproxy.wire.fields import Fields
from revproxy.wire.pairs import Pair


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
    request, status = exchange.request, response.status
    telling = telling_fields(response.pairs, policy.targets)
    said = effective_directives(telling, policy.targets, policy.capability)
    why_not = why_not_stored(asked, request.method, False, request.path, status, telling, said, policy)
    if why_not is not None:
        return Storable(None, why_not)
    names, tags = vary_names(telling), read_tags(telling)
    if names is None or tags is None:
        return Storable(None, "vary" if names is None else "tags")
    freshness = read_freshness(asked, status, telling, said, policy, requested, received)
    validators = read_validators(telling, received)
    if not freshness.is_worth_keeping(validators):
        return Storable(None, "useless")
    secondary = secondary_key(names, exchange.outbound.pairs) if names else b""
    kept = _stored(response, said, received)
    head = KeptHead(status, response.reason, kept, names, secondary, freshness, validators, tags)
    return Storable(head, "")


def _stored(response: Response, said: ResponseDirectives, received: float) -> Fields | bytes:
    """
    @return: the fields that are stored; as lines where these are at hand.
    """
    if is_stored_as_it_is(response.pairs, said, received):
        return response.lines()
    kept = stored_fields(response.pairs, said, received)
    kept.remove_all(TAG_FIELDS)
    return kept


class Update(NamedTuple):
    """
    What a 304, or an answer to HEAD, makes of a kept response.

    @ivar own: the head for the client whose request it answers.
    @ivar kept: the head that is kept from now on; C{None} where this one is not kept.
    @ivar stays: whether what is kept stays as it is then.
    """

    own: KeptHead
    kept: KeptHead | None
    stays: bool = False


def update_of(
    kept: KeptHead,
    newer: Response,
    asked: Asked,
    sent: Sequence[Pair],
    policy: Policy,
    requested: float,
    received: float,
) -> Update:
    """
    Update what is kept (RFC 9111 section 3.2).  What is only for the client that asked
    does not get to others: neither its cookies, nor what it gets as it is authorized.

    @param newer: a 304, or a 200 to HEAD, that is about what is kept.
    @param asked: the request that it answers.
    @param sent: the fields of that request.
    """
    fields = newer.pairs
    said = effective_directives(fields, policy.targets, policy.capability)
    added = stored_fields(fields, said, received)
    updated = updated_fields(kept.fields, added, said)
    updated.remove_all(TAG_FIELDS)
    said = effective_directives(updated, policy.targets, policy.capability)
    names = vary_names(updated)
    age = [pair for pair in fields if pair[0] == b"age"]
    freshness = read_freshness(
        read_request(()), kept.status, Fields([*updated, *age]), said, policy, requested, received
    )
    validators, tags = read_validators(updated, received), read_tags(fields) or kept.tags
    vary, secondary = kept.vary, kept.secondary
    if names is not None and names != vary:
        vary, secondary = names, secondary_key(names, sent) if names else b""
    own = KeptHead(kept.status, kept.reason, updated, vary, secondary, freshness, validators, tags)
    why_not = "vary" if names is None else why_not_shared(asked, said)
    if why_not is not None:
        return Update(own, None, why_not == "authorization")
    if policy.store_cookies or not sets_cookies(added, said):
        return Update(own, own)
    updated.remove_all(COOKIE_FIELDS)
    updated.extend(pair for pair in kept.fields if pair[0] in COOKIE_FIELDS)
    return Update(
        own, KeptHead(kept.status, kept.reason, updated, vary, secondary, freshness, validators, tags)
    )
