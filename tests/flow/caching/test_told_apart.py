"""
Pitfall 27: what a server is asked for is in the key, whatever made it so.
"""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import implementer

from revproxy.exchange import Exchange
from revproxy.flow.caching.countries import Countries
from revproxy.flow.caching.receiving import answer_with_cache
from revproxy.flow.caching.terms import CacheTerms
from revproxy.interfaces import IRequestFilter
from revproxy.wire.caching.keys import KeyRule
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.caching_case import CachingCase, Client
from tests.wire.caching.messages import fields

HOUR = "Cache-Control: max-age=3600"
BETA = "X-Beta: 1"


@implementer(IRequestFilter)
class ForBeta:
    """
    Makes something else of some clients' requests.

    @ivar change: what.
    """

    change: Callable[[Exchange], None]

    def filter_request(self, exchange: Exchange) -> None:
        if exchange.request.fields.get(b"x-beta"):
            self.change(exchange)


def other_target(exchange: Exchange) -> None:
    exchange.outbound.target = b"/beta"


def other_authority(exchange: Exchange) -> None:
    exchange.outbound.authority = b"beta.example.com"


def other_method(exchange: Exchange) -> None:
    exchange.outbound.method = b"REPORT"


class FilteredTests(CachingCase):
    """
    Filters that make other requests of some.
    """

    changes = ForBeta()
    request_filters = (changes,)

    def get(self, *lines: str, body: bytes) -> Client:
        """
        A client asks; where that goes to the server it answers.
        """
        before = len(self.requests)
        client = self.ask(*lines)
        if len(self.requests) > before:
            self.answer(HOUR, body=body)
        return client

    def post(self, *lines: str) -> None:
        exchange = an_exchange(RecordingDownstream(), b"POST", b"/page", fields=fields(*lines), length=0)
        answer_with_cache(exchange, self.route, self.terms)
        self.accept()
        self.answer(body=b"")

    def test_told_apart(self) -> None:
        """
        Nobody gets the answer to a request that a filter made another one of, but who made
        the same; which is found again.
        """
        for change in (other_target, other_authority, other_method):
            self.changes.change = change
            self.get(BETA, body=b"beta")
            self.assertEqual(self.get(body=b"page").seen.body, b"page")
            self.assertEqual(self.get(BETA, body=b"new").seen.body, b"beta")
            self.assertEqual(self.get(body=b"new").seen.body, b"page")
            self.purge()

    def test_untouched(self) -> None:
        """
        A filter that changes nothing of it leaves the key as it is.
        """
        self.get(body=b"page")
        self.assertEqual(list(self.store.keys(b"")), [[b"http://example.com/page"]])

    def test_invalidates(self) -> None:
        """
        RFC 9111 section 4.4: an unsafe request makes what is kept of its URL stale, and of that
        which it went to in fact.
        """
        self.changes.change = other_target
        for asked, stale in (((), [True, False]), ((BETA,), [True, True])):
            self.get(BETA, body=b"beta")
            self.get(body=b"page")
            self.post(*asked)
            bodies = [self.get(body=b"new").seen.body, self.get(BETA, body=b"new").seen.body]
            self.assertEqual([body == b"new" for body in bodies], stale)
            self.purge()

    def test_purge(self) -> None:
        """
        All that is kept of a URL is purged by it.
        """
        self.changes.change = other_target
        self.get(BETA, body=b"beta")
        self.get(body=b"page")
        self.assertEqual(self.purge(), 2)

    def purge(self) -> int:
        purged = self.terms.purge.url(b"http://example.com/page")
        for _ in range(9):
            self.clock.advance(0.01)
        return self.successResultOf(purged)


class ToldTests(CachingCase):
    """
    What the server is told that is not in the URL.
    """

    def get(self, apart: bytes = b"", client: str = "192.0.2.7") -> bool:
        """
        @return: whether it is answered without asking the server.
        """
        seen = RecordingDownstream()
        exchange = an_exchange(seen, b"GET", b"/page")
        exchange.apart, exchange.client = apart, client
        before = len(self.requests)
        answer_with_cache(exchange, self.route, self.terms)
        self.accept()
        if len(self.requests) == before:
            return True
        self.answer(HOUR)
        return False

    def test_apart(self) -> None:
        """
        Who came by another host or port gets an answer of its own.
        """
        told = (b" host:1:a", b"", b" host:1:b")
        self.assertEqual([self.get(apart) for apart in told], [False] * 3)
        self.assertEqual([self.get(apart) for apart in told], [True] * 3)

    def test_invalidates(self) -> None:
        """
        An unsafe request makes what is kept for its URL stale, by that host and without one.
        """
        for apart in (b" host:1:a", b"", b" host:1:b"):
            self.get(apart)
        exchange = an_exchange(RecordingDownstream(), b"POST", b"/page", length=0)
        exchange.apart = b" host:1:a"
        answer_with_cache(exchange, self.route, self.terms)
        self.accept()
        self.answer(body=b"")
        self.assertEqual([self.get(b" host:1:a"), self.get(), self.get(b" host:1:b")], [False, False, True])

    def test_countries(self) -> None:
        """
        Clients in one country get one answer, where the key has the country.
        """
        known = {"192.0.2.7": "DE", "192.0.2.8": "DE", "192.0.2.9": "FR"}
        terms = self.terms
        self.terms = CacheTerms(
            terms.cache,
            terms.purge,
            KeyRule(country=True),
            terms.policy,
            terms.status,
            countries=Countries(lambda address: {"country": known.get(address)}),
        )
        found = [self.get(client=f"192.0.2.{last}") for last in (7, 8, 9, 10, 7, 10)]
        self.assertEqual(found, [False, True, False, False, True, True])


class SharedCacheTests(CachingCase):
    """
    Two routes with one cache.
    """

    def with_rules(self, own: KeyRule, *rules: KeyRule) -> CacheTerms:
        terms = self.terms
        return CacheTerms(terms.cache, terms.purge, own, terms.policy, terms.status, rules=rules)

    def test_invalidates(self) -> None:
        """
        RFC 9111 section 4.4: an unsafe request to one route makes stale what another one's
        requests for the same URL are kept under, whatever that adds to its keys.
        """
        for own, other in [
            (KeyRule(), KeyRule(fields=[b"x-kind"])),
            (KeyRule(fields=[b"x-kind"]), KeyRule()),
            (KeyRule(way=[b"app"]), KeyRule(way=[b"beta"])),
        ]:
            terms = self.terms
            self.terms = self.with_rules(other, own, other)
            self.ask("X-Kind: 1")
            self.answer(HOUR)
            self.assertEqual(self.ask("X-Kind: 1").seen.body, b"hello")
            self.terms = self.with_rules(own, own, other)
            self.ask(method=b"POST")
            self.answer(body=b"")
            for _ in range(9):
                self.clock.advance(0.01)
            self.terms = self.with_rules(other, own, other)
            before = len(self.requests)
            self.ask("X-Kind: 1")
            self.assertEqual(len(self.requests), before + 1)
            self.answer("Cache-Control: no-store")
            self.terms = terms
