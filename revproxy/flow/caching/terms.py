"""
How a route uses a cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from revproxy.exchange import Exchange
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.countries import Countries
from revproxy.flow.caching.hits import Hits
from revproxy.flow.caching.purging import Purge
from revproxy.wire.caching.keys import KeyRule, sent_otherwise
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.status import CacheStatus
from revproxy.wire.networks import Networks

NOBODY: Final = Networks()


class CacheTerms:
    """
    What its exchanges share.  Frozen by convention.

    @ivar rule: what the key of a request is made of.
    @ivar rules: those of all routes that use the cache, each once.
    @ivar countries: tells the countries of clients, where the rule has them.
    @ivar policy: what the operator chose of the rules.
    @ivar status: writes C{Cache-Status}; C{None} where clients are not told.
    @ivar join_timeout: for how many seconds a request waits for an equal one to be
        answered; 0 where each goes to a server.
    @ivar heeds_clients: whether what clients say in C{Cache-Control} counts.
    @ivar purgers: who may purge; where that is nobody, PURGE is a method like any other.
    @ivar hits: answers with what is at hand.
    """

    __slots__ = (
        "cache", "countries", "heeds_clients", "hits", "join_timeout", "policy", "purge", "purgers", "rule",
        "rules", "status",
    )  # fmt: skip

    def __init__(
        self,
        cache: Cache,
        purge: Purge,
        rule: KeyRule,
        policy: Policy,
        status: CacheStatus | None,
        join_timeout: float = 5.0,
        heeds_clients: bool = True,
        purgers: Networks = NOBODY,
        rules: Sequence[KeyRule] = (),
        countries: Countries | None = None,
    ) -> None:
        self.cache = cache
        self.purge = purge
        self.rule = rule
        self.policy = policy
        self.status = status
        self.join_timeout = join_timeout
        self.heeds_clients = heeds_clients
        self.purgers = purgers
        self.rules = tuple(rules) or (rule,)
        self.countries = countries
        self.hits = Hits(cache, status)

    def key(self, exchange: Exchange, filtered: bool = False) -> bytes:
        """
        @param filtered: whether there were filters, which may have made another request of
            it.
        @return: the key of a request as it goes to the server.
        """
        request = exchange.request
        key = self.rule.key(
            request.scheme,
            request.authority,
            request.path,
            request.query,
            exchange.outbound.pairs,
            b"" if self.countries is None else self.countries.country(exchange.client),
        )
        if exchange.apart:
            key += exchange.apart
        return key + _sent(exchange, exchange.outbound.method) if filtered else key

    def apart(self, exchange: Exchange) -> bytes:
        """
        @return: what comes behind the key of a request with any method that goes where
            this one went.
        """
        return exchange.apart + _sent(exchange, exchange.request.method)


def _sent(exchange: Exchange, method: bytes) -> bytes:
    """
    What comes behind a key where filters made another request of the one that came: they
    may send some clients' elsewhere.
    """
    request, sent = exchange.request, exchange.outbound
    target = request.target
    if sent.target == target and sent.authority is None and method == request.method:
        return b""
    return sent_otherwise(
        None if method == request.method else method,
        sent.authority,
        None if sent.target == target else sent.target,
    )
