"""
Tests of L{revproxy.flow.caching.purging}, L{revproxy.flow.caching.purge_request} and
L{revproxy.flow.caching.passing}: what takes something out of a cache.
"""

from __future__ import annotations

import json

from revproxy.flow.caching.purge_request import PurgeRequest
from revproxy.flow.caching.receiving import answer_with_cache
from revproxy.flow.caching.terms import CacheTerms
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.networks import Networks
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.caching_case import CachingCase
from tests.wire.caching.messages import fields

HOUR = "Cache-Control: max-age=3600, stale-if-error=3600"
TAG = 'ETag: "one"'


class PurgingCase(CachingCase):
    def keep(self, target: bytes, *lines: str, asked: tuple[str, ...] = ()) -> None:
        self.ask(*asked, target=target)
        self.answer(HOUR, *lines)

    def is_kept(self, target: bytes, *asked: str) -> bool:
        """
        Whether a request is answered without asking the server.
        """
        before = len(self.requests)
        client = self.ask(*asked, target=target)
        client.receiver.client_left()
        return len(self.requests) == before

    def terms_for(self, *purgers: str) -> CacheTerms:
        terms = self.terms
        return CacheTerms(
            terms.cache, terms.purge, terms.rule, terms.policy, terms.status, purgers=Networks(purgers)
        )

    def purged(self, *lines: str, target: bytes = b"/page") -> tuple[int, object]:
        """
        A client purges.
        """
        seen = RecordingDownstream()
        exchange = an_exchange(seen, b"PURGE", target, fields=fields(*lines))
        receiver = answer_with_cache(exchange, self.route, self.terms_for("192.0.2.0/24"))
        self.assertIsInstance(receiver, PurgeRequest)
        for _ in range(9):
            self.clock.advance(0.01)
        if seen.error is not None:
            return seen.error.status, None
        assert seen.response is not None
        return seen.response.status, json.loads(seen.body)["purged"]


class PurgeTests(PurgingCase):
    def test_url(self) -> None:
        """
        What is kept for a URL is purged, and nothing else.
        """
        for target in (b"/page", b"/page2", b"/page/x"):
            self.keep(target)
        self.assertEqual(self.purged(), (200, 1))
        self.assertEqual(
            [self.is_kept(target) for target in (b"/page", b"/page2", b"/page/x")], [False, True, True]
        )

    def test_variants(self) -> None:
        """
        All variants of a URL are.
        """
        for language in ("de", "en"):
            self.keep(b"/page", "Vary: Accept-Language", asked=(f"Accept-Language: {language}",))
        self.assertEqual(self.purged(), (200, 2))

    def test_prefix(self) -> None:
        """
        So is all whose URL begins in a way.
        """
        for target in (b"/a/1", b"/a/2", b"/b"):
            self.keep(target)
        self.assertEqual(self.purged(target=b"/a/*"), (200, 2))
        self.assertEqual([self.is_kept(target) for target in (b"/a/1", b"/a/2", b"/b")], [False, False, True])

    def test_tags(self) -> None:
        """
        So is all that has a tag, of which clients see nothing.
        """
        self.keep(b"/a", "Cache-Tag: x, y")
        self.keep(b"/b", "Surrogate-Key: y z")
        client = self.ask(target=b"/a")
        self.assertIsNone(client.fields.get(b"cache-tag"))
        self.assertEqual(self.purged("Cache-Tag: z, x"), (200, 2))
        self.assertFalse(self.is_kept(b"/a"))

    def test_first_client_sees_no_tags(self) -> None:
        """
        Nor does the client whose request brought the response.
        """
        client = self.ask()
        self.answer(HOUR, "Cache-Tag: x", "X: 1")
        self.assertEqual((client.fields.get(b"cache-tag"), client.fields.get(b"x")), (None, b"1"))

    def test_nobody_sees_tags(self) -> None:
        """
        Nor who is told with 304 that it has the new response already, nor who has sent a POST.
        """
        self.keep(b"/page", TAG)
        self.passes(4000)
        client = self.ask('If-None-Match: "two"')
        self.answer(HOUR, 'ETag: "two"', "Cache-Tag: x", "X: 1")
        self.assertEqual(client.status, 304)
        self.assertEqual((client.fields.get(b"cache-tag"), client.fields.get(b"x")), (None, b"1"))
        client = self.ask(method=b"POST")
        self.answer("Surrogate-Key: x", "X: 1")
        self.assertEqual((client.fields.get(b"surrogate-key"), client.fields.get(b"x")), (None, b"1"))

    def test_no_tags(self) -> None:
        """
        Where tags are named that cannot be read nothing is purged: the URL is not what was meant.
        """
        self.keep(b"/page", "Cache-Tag: x")
        many = ",".join(f"x{number}" for number in range(1001))
        for line in (
            f"Cache-Tag: {many}",
            "Cache-Tag:",
            "Surrogate-Key: ",
            "Cache-Tag: ,",
            "Cache-Tag: " + "x" * 1025,
        ):
            self.assertEqual(self.purged(line, target=b"/*"), (400, None))
        self.assertTrue(self.is_kept(b"/page"))

    def test_soft(self) -> None:
        """
        What is purged softly is validated, and stands in where the servers fail.
        """
        self.keep(b"/page", TAG)
        self.assertEqual(self.purged("Purge-Mode: soft"), (200, 1))
        client = self.ask()
        self.assertEqual(self.sent().get(b"if-none-match"), b'"one"')
        self.answer(status=503, body=b"sorry")
        self.assertEqual((client.status, client.seen.body), (200, b"hello"))

    def test_stranger(self) -> None:
        """
        Who is not among those who may is answered with 403, and nothing is purged.
        """
        self.keep(b"/page")
        seen = RecordingDownstream()
        terms = self.terms_for("198.51.100.0/24")
        answer_with_cache(an_exchange(seen, b"PURGE", b"/page"), self.route, terms)
        assert seen.error is not None
        self.assertEqual((seen.error.status, self.is_kept(b"/page")), (403, True))

    def test_turned_off(self) -> None:
        """
        Where nobody may, PURGE is a method like any other.
        """
        seen = RecordingDownstream()
        answer_with_cache(an_exchange(seen, b"PURGE", b"/page"), self.route, self.terms)
        self.accept()
        outbound = self.requests[-1].outbound
        assert outbound is not None
        self.assertEqual(outbound.method, b"PURGE")
        self.answer()
        assert seen.response is not None
        self.assertEqual(seen.response.fields.get(b"cache-status"), b"test; fwd=method; fwd-status=200")


class UnsafeTests(PurgingCase):
    def change(self, method: bytes, *lines: str, status: int = 200, target: bytes = b"/page") -> None:
        seen = RecordingDownstream()
        answer_with_cache(an_exchange(seen, method, target, length=0), self.route, self.terms)
        self.accept()
        self.answer(*lines, status=status, body=b"")
        for _ in range(9):
            self.clock.advance(0.01)

    def test_invalidates(self) -> None:
        """
        An unsafe request that goes well makes what is kept of its URL stale, one that does not
        go well does not.
        """
        for method in (b"POST", b"PUT", b"DELETE"):
            self.keep(b"/page", TAG)
            self.change(method, status=500)
            self.assertTrue(self.is_kept(b"/page"))
            self.change(method, status=204)
            self.assertFalse(self.is_kept(b"/page"))

    def test_locations(self) -> None:
        """
        And of the URLs that its answer names, where they are of the same origin.
        """
        for target in (b"/a", b"/b", b"/c"):
            self.keep(target)
        self.change(b"POST", "Location: /a", "Content-Location: http://other.example/b", status=201)
        self.assertEqual([self.is_kept(target) for target in (b"/a", b"/b", b"/c")], [False, True, True])


class RichKeyTests(UnsafeTests):
    """
    The same where keys are made of more than the URL.
    """

    rule = KeyRule(fields=[b"x-kind"])

    def test_all_of_them(self) -> None:
        """
        All that is kept of a URL is stale then, whatever the rest of its key is.
        """
        for kind in ("1", "2"):
            self.keep(b"/page", TAG, asked=(f"X-Kind: {kind}",))
        self.assertTrue(self.is_kept(b"/page", "X-Kind: 1"))
        self.change(b"POST")
        self.assertFalse(self.is_kept(b"/page", "X-Kind: 1"))
        self.assertFalse(self.is_kept(b"/page", "X-Kind: 2"))
