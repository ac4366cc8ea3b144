"""
Who answers the exchanges of a route with a cache.
"""

from __future__ import annotations

from revproxy.exchange import Exchange
from revproxy.flow.caching.caching import Caching
from revproxy.flow.caching.passing import Passing
from revproxy.flow.caching.purge_request import PURGE, PurgeRequest
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings


def caching_receiver(
    exchange: Exchange, route: RouteSettings, terms: CacheTerms
) -> Caching | Relay | PurgeRequest:
    """
    @return: what is yet to be started: a look into the cache where it may help, otherwise a
        relay that tells the cache what has changed.
    """
    request = exchange.request
    if request.method in (b"GET", b"HEAD") and request.length is None and request.upgrade is None:
        return Caching(exchange, route, terms)
    if request.method == PURGE and terms.purgers:
        return PurgeRequest(exchange, terms)
    return Relay(exchange, route, Passing(exchange, terms))
