"""
Taking out of a cache what is not to be answered with any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Cooperator

from revproxy.flow.caching.cache import Cache
from revproxy.interfaces import IKept
from revproxy.wire.caching.invalidation import Resource
from revproxy.wire.caching.keys import KeyRule

PAUSE = 0.001
"""
Seconds between two slices of a long work.
"""


class Purge:
    """
    Purges one cache.  What is purged hard is gone; soft, it is stale from now on, so that it
    can still be validated, or stand in where the servers fail.

    Where there is a great deal to look at, some is in each turn of the reactor.
    """

    def __init__(self, cache: Cache, clock: IReactorTime) -> None:
        self._cache = cache
        self._cooperator = Cooperator(scheduler=lambda work: clock.callLater(PAUSE, work))

    def url(self, url: bytes, soft: bool = False) -> Deferred[int]:
        """
        Purge all that is kept for one URL, whatever else its key is made of.

        @param url: scheme, authority, path and query, as L{KeyRule.url} writes it.
        @return: fires with how many responses were purged.
        """
        self._cache.changes.at(url, self._cache.now())
        own = url + b" "
        return self._purge(
            self._cache.store.keys(url), soft, lambda key, kept: key == url or key.startswith(own)
        )

    def prefix(self, prefix: bytes, soft: bool = False) -> Deferred[int]:
        """
        Purge all whose URL begins so; all that there is where it is empty.
        """
        self._cache.changes.everywhere(self._cache.now())
        return self._purge(self._cache.store.keys(prefix), soft, lambda key, kept: True)

    def tag(self, tag: bytes, soft: bool = False) -> Deferred[int]:
        """
        Purge all that has a tag.
        """
        self._cache.changes.everywhere(self._cache.now())
        return self._purge(self._cache.store.tagged(tag), soft, lambda key, kept: tag in kept.head.tags)

    def _purge(
        self, steps: Iterator[Sequence[bytes]], soft: bool, wanted: Callable[[bytes, IKept], bool]
    ) -> Deferred[int]:
        count = 0

        def look(key: bytes, found: Sequence[IKept]) -> None:
            nonlocal count
            for kept in found:
                if wanted(key, kept):
                    count += drop(self._cache, kept, soft)

        def work() -> Iterator[Deferred[None] | None]:
            for keys in steps:
                for key in keys:
                    found = self._cache.find_all(key)
                    if isinstance(found, Deferred):
                        yield found.addCallback(partial(look, key))
                    else:
                        look(key, found)
                yield None

        return self._cooperator.cooperate(work()).whenDone().addCallback(lambda _: count)


def drop(cache: Cache, kept: IKept, soft: bool) -> bool:
    """
    Purge one response.

    @return: whether that was possible, and there was anything to do.
    """
    now = cache.now()
    if soft:
        if kept.head.expires <= now:
            return False
        purged = cache.update(kept, kept.head.with_freshness(kept.head.freshness.expired(now)))
    else:
        purged = cache.remove(kept)
    cache.count("purged", purged)
    return purged


def invalidate(
    cache: Cache, purge: Purge, rules: Sequence[KeyRule], resource: Resource, apart: bytes
) -> None:
    """
    Something has changed at a URL (RFC 9111 section 4.4): what is kept of it has to be
    validated before it is used.

    @param rules: what keys are made of, those of all routes that use the cache.  Where the
        keys of a URL differ by them all are looked for; otherwise it is a few single looks.
    @param apart: what keys may have behind that, for requests that go where this one did.
    """
    now = cache.now()
    urls: dict[bytes, None] = {}
    keys: dict[bytes, None] = {}
    for rule in rules:
        url = rule.url(*resource)
        cache.changes.at(url, now)
        if rule.varies:
            urls[url] = None
        else:
            keys[url + rule.ending] = keys[url + rule.ending + apart] = None
    for url in urls:
        purge.url(url)
    for key in keys:
        found = cache.find_all(key)
        if isinstance(found, Deferred):
            found.addCallback(_invalidate_all, cache)
        else:
            _invalidate_all(found, cache)


def _invalidate_all(found: Sequence[IKept], cache: Cache) -> None:
    now = cache.now()
    for kept in found:
        cache.count("invalidated")
        cache.update(kept, kept.head.with_freshness(kept.head.freshness.invalidated(now)))
