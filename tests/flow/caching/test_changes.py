"""
What changes while it is under way is not kept.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.caching.changes import Changes
from revproxy.flow.caching.receiving import answer_with_cache
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.caching_case import CachingCase

HOUR = "Cache-Control: max-age=3600"


class ChangesTests(SynchronousTestCase):
    def test_by_url(self) -> None:
        """
        A change counts for what was asked for before, whatever its key is made of beside
        the URL.
        """
        changes = Changes()
        self.assertFalse(changes.any)
        changes.at(b"http://a/", 10)
        self.assertTrue(changes.since(b"http://a/", 9))
        self.assertTrue(changes.since(b"http://a/ field:1:a,1:b", 9))
        self.assertFalse(changes.since(b"http://a/", 11))
        self.assertFalse(changes.since(b"http://a/b", 9))

    def test_everywhere(self) -> None:
        """
        A change of many URLs counts for all; so does one of more than are remembered.
        """
        changes = Changes()
        changes.everywhere(10)
        self.assertTrue(changes.since(b"http://b/", 9))
        self.assertFalse(changes.since(b"http://b/", 11))
        for number in range(5000):
            changes.at(b"http://a/%d" % number, 20)
        self.assertTrue(changes.since(b"http://a/0", 19))
        self.assertTrue(changes.since(b"http://b/", 19))
        self.assertFalse(changes.since(b"http://b/", 21))


class UnderWayTests(CachingCase):
    def begun(self) -> None:
        self.ask()
        self.answer(HOUR, body=None, length=10)
        self.more(b"old")
        self.passes(1)

    def post(self) -> None:
        answer_with_cache(an_exchange(RecordingDownstream(), b"POST", b"/page"), self.route, self.terms)
        self.accept()
        self.answer(body=b"")
        self.passes(1)

    def finished(self) -> None:
        self.more(b"content", 0)
        self.end(0)

    def test_invalidated(self) -> None:
        """
        What a POST changes while it is on its way is not kept, and is not for those who ask
        afterwards.
        """
        self.begun()
        self.post()
        late = self.ask()
        self.assertEqual(len(self.requests), 3)
        self.finished()
        self.answer(HOUR, body=b"new content")
        self.assertEqual((late.seen.body, self.ask().seen.body), (b"new content",) * 2)

    def test_purged(self) -> None:
        """
        Nor is what is purged meanwhile, by its URL, by how that begins or by a tag.
        """
        purge = self.terms.purge
        for purging in (purge.url, purge.prefix, purge.tag):
            before = len(self.requests)
            self.ask()
            self.answer(HOUR, body=None, length=3)
            self.passes(1)
            purging(b"http://example.com/page")
            self.passes(1)
            self.more(b"old")
            self.end()
            self.ask()
            self.assertEqual(len(self.requests), before + 2, purging)
            self.answer("Cache-Control: no-store")
