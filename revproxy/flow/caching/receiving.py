"""
Who answers the exchanges of a route with a cache.
"""

from __future__ import annotations

from typing import Final

from revproxy.exchange import Exchange
from revproxy.flow.caching.asking import asked_by
from revproxy.flow.caching.caching import Caching
from revproxy.flow.caching.passing import Passing
from revproxy.flow.caching.purge_request import PURGE, PurgeRequest
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IReceiver
from revproxy.receivers import Ignored

_ANSWERED: Final = Ignored()


def answer_with_cache(exchange: Exchange, route: RouteSettings, terms: CacheTerms) -> IReceiver:
    """
    Look into the cache where that may help; otherwise relay, and tell the cache what has
    changed.

    @return: who hears of the rest of the request.
    """
    request = exchange.request
    if request.method in (b"GET", b"HEAD") and not request.length and request.upgrade is None:
        return _look(exchange, route, terms)
    receiver: PurgeRequest | Relay
    if request.method == PURGE and terms.purgers:
        receiver = PurgeRequest(exchange, terms)
    else:
        receiver = Relay(exchange, route, Passing(exchange, terms))
    receiver.start()
    return receiver


def _look(exchange: Exchange, route: RouteSettings, terms: CacheTerms) -> IReceiver:
    asked = asked_by(exchange.request.fields, terms.heeds_clients)
    caching: Caching
    if route.request_filters or not asked.plain or exchange.request.method != b"GET":
        caching = Caching(exchange, route, terms, asked)
        caching.start()
        return caching
    key = terms.key(exchange)
    found = terms.cache.find(key)
    if terms.hits.answer(exchange, route.response_filters, found):
        return _ANSWERED
    caching = Caching(exchange, route, terms, asked)
    caching.take(key, found)
    return caching
