"""
From the settings of a cache to the cache, and to how a route uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from twisted.application.service import IService, MultiService

from revproxy.config.caching import CacheUseSettings
from revproxy.config.configuration import Configuration
from revproxy.config.routes import RouteSettings
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.countries import Countries
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


class CacheUses:
    """
    How the routes of a configuration use its caches.
    """

    def __init__(
        self, configuration: Configuration, built: Mapping[str, BuiltCache], countries: Countries | None
    ) -> None:
        self._built = built
        self._countries = countries
        self._rules: dict[str, dict[str, KeyRule]] = {name: {} for name in built}
        self._parted = parted_caches(configuration)
        for route in configuration.routes:
            if route.cache is not None:
                self._rule(route, route.cache)

    def terms(self, route: RouteSettings, use: CacheUseSettings) -> CacheTerms:
        """
        @return: how a route uses its cache.
        """
        built, rule = self._built[use.use], self._rule(route, use)
        return CacheTerms(
            built.cache,
            built.purge,
            rule,
            _policy(use, rule),
            None if use.status is None else CacheStatus(use.status),
            use.join_timeout,
            use.heed_clients,
            Networks(use.purge_from),
            list(self._rules[use.use].values()),
            self._countries if use.key.country else None,
        )

    def _rule(self, route: RouteSettings, use: CacheUseSettings) -> KeyRule:
        """
        What the keys of a route are made of: the same for all that have it in the same words.
        """
        way = _way(route) if use.use in self._parted else ()
        said = repr((use.key, use.ignore_query, way))
        rules = self._rules[use.use]
        if said not in rules:
            rules[said] = _key_rule(use, way)
        return rules[said]


def parted_caches(configuration: Configuration) -> frozenset[str]:
    """
    @return: the names of the caches whose keys have to say which way a request goes: one URL
        may go different ways, as a route asks for more of a request than its URL.
    """
    ways: dict[str, set[tuple[bytes, ...]]] = {}
    asking: set[str] = set()
    for route in configuration.routes:
        if route.cache is not None:
            ways.setdefault(route.cache.use, set()).add(_way(route))
            if route.methods or route.headers or route.query or route.listeners:
                asking.add(route.cache.use)
    return frozenset(name for name in asking if len(ways[name]) > 1)


def _way(route: RouteSettings) -> tuple[bytes, ...]:
    """
    What the requests of a route go through: its upstream, and its filters.
    """
    return (str(route.upstream).encode(), *(name.encode() for name in route.filters))


def _policy(use: CacheUseSettings, rule: KeyRule) -> Policy:
    return Policy(
        {status: int(seconds) for status, seconds in use.ttl.items()},
        use.heuristic,
        int(use.heuristic_most),
        int(use.stale_while_revalidate),
        int(use.stale_if_error),
        use.store_cookies,
        tuple(use.targeted),
        use.surrogate,
        rule.keyed,
    )


def _key_rule(use: CacheUseSettings, way: tuple[bytes, ...]) -> KeyRule:
    key = use.key
    query = QueryRule([*use.ignore_query, *key.ignore_query], key.only_query, key.sort_query)
    return KeyRule(query, key.headers, key.cookies, key.country, way)
