"""
From the settings of a cache to the cache, and to how a route uses it.
"""

from __future__ import annotations

from typing import NamedTuple

from twisted.application.service import IService, MultiService

from revproxy.config.caching import CacheUseSettings
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.purging import Purge
from revproxy.flow.caching.terms import CacheTerms
from revproxy.interfaces import ICacheStore
from revproxy.registry import ComponentSpec
from revproxy.service.context import Workshop
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.query import QueryRule
from revproxy.wire.caching.status import CacheStatus
from revproxy.wire.networks import Networks


class BuiltCache(NamedTuple):
    """
    @ivar life: that of its store, while the cache is in use.
    """

    cache: Cache
    purge: Purge
    life: MultiService


def build_cache(name: str, spec: ComponentSpec, workshop: Workshop) -> BuiltCache:
    """
    @raise ComponentError: its store cannot be made.
    """
    store = workshop.registry.build(ICacheStore, spec, workshop.environment)
    life = MultiService()
    if IService.providedBy(store):
        store.setServiceParent(life)
    cache = Cache(name, store, workshop.time_of_day)
    return BuiltCache(cache, Purge(cache, workshop.reactor), life)


def cache_terms(settings: CacheUseSettings, built: BuiltCache) -> CacheTerms:
    """
    @return: how a route uses a cache.
    """
    rule = _key_rule(settings)
    policy = Policy(
        {status: int(seconds) for status, seconds in settings.ttl.items()},
        settings.heuristic,
        int(settings.heuristic_most),
        int(settings.stale_while_revalidate),
        int(settings.stale_if_error),
        settings.store_cookies,
        tuple(settings.targeted),
        settings.surrogate,
        rule.keyed,
    )
    return CacheTerms(
        built.cache,
        built.purge,
        rule,
        policy,
        None if settings.status is None else CacheStatus(settings.status),
        settings.join_timeout,
        settings.heed_clients,
        Networks(settings.purge_from),
    )


def _key_rule(settings: CacheUseSettings) -> KeyRule:
    key = settings.key
    query = QueryRule([*settings.ignore_query, *key.ignore_query], key.only_query, key.sort_query)
    return KeyRule(query, key.headers, key.cookies)
