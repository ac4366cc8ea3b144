"""
Tests of L{revproxy.flow.caching.caching}: a store with a quick place and a slow one.
"""

from __future__ import annotations

from revproxy.components.stores.memory.store import MemoryStore
from revproxy.components.stores.tiered.store import TieredStore
from revproxy.interfaces import ICacheStore, IKept
from revproxy.wire.caching.kept import KeptHead
from tests.components.stores.tiered.slow_store import SlowStore
from tests.flow.caching.caching_case import CachingCase

HOUR = "Cache-Control: max-age=3600"
SHORT = "Cache-Control: max-age=10"
TAG = 'ETag: "one"'
VARY = "Vary: Accept-Language"
KEY = b"http://example.com/page"


class TiersTests(CachingCase):
    """
    @ivar slow: the lower store.
    """

    def make_store(self) -> ICacheStore:
        self.quick = MemoryStore(16 << 20, 1 << 20)
        self.slow = SlowStore()
        return TieredStore(self.clock, [self.quick, self.slow])

    def keep(self, *lines: str, asked: tuple[str, ...] = (), body: bytes = b"hello") -> None:
        self.ask(*asked)
        self.look_below()
        self.answer(*lines, body=body)
        self.look_below()

    def look_below(self) -> None:
        """
        Let the slow store answer.
        """
        self.slow.answer()
        self.accept()

    def in_quick(self) -> list[IKept]:
        return list(self.quick.find(KEY))

    def keep_two(self) -> None:
        """
        Keep two variants, of which the quick store has one.
        """
        for language in ("de", "en"):
            self.keep(HOUR, VARY, asked=(f"Accept-Language: {language}",), body=language.encode())
        self.quick.remove(self.in_quick()[-1])

    def test_other_variant(self) -> None:
        """
        Where none that is at hand fits the slow place is looked into before a server is asked.
        """
        self.keep_two()
        before = len(self.requests)
        client = self.ask("Accept-Language: de")
        self.look_below()
        self.assertEqual((client.status, client.seen.body, len(self.requests)), (200, b"de", before))

    def test_at_hand(self) -> None:
        """
        Where one fits the slow place is left alone.
        """
        self.keep_two()
        self.assertEqual(self.ask("Accept-Language: en").seen.body, b"en")
        self.assertEqual(self.slow.asked, [])

    def test_newer_one(self) -> None:
        """
        What is at hand and stale may be there anew, put there by another process.
        """
        self.keep(SHORT, TAG)
        (stale,) = self.in_quick()
        self.passes(20)
        self.slow.inner.update(self.in_slow(), self.fresh_head(stale))
        before = len(self.requests)
        client = self.ask()
        self.look_below()
        self.assertEqual((client.status, client.seen.body, len(self.requests)), (200, b"hello", before))

    def test_only_if_cached(self) -> None:
        """
        So is a client answered that wants only what is cached.
        """
        self.keep_two()
        client = self.ask("Accept-Language: de", "Cache-Control: only-if-cached")
        self.look_below()
        self.assertEqual(client.seen.body, b"de")

    def test_nothing_more(self) -> None:
        """
        Where there is no more a server is asked, once, for what was found first.
        """
        self.keep(SHORT, TAG)
        self.passes(20)
        client = self.ask()
        self.assertEqual(len(self.requests), 1)
        self.look_below()
        self.assertEqual(self.sent().get(b"if-none-match"), b'"one"')
        self.answer(SHORT, TAG, status=304, body=b"")
        self.look_below()
        self.assertEqual((client.status, client.seen.body), (200, b"hello"))

    def test_slow_place_fails(self) -> None:
        """
        Where the slow place fails the request goes on with what is at hand.
        """
        self.keep(SHORT, TAG)
        self.passes(20)
        client = self.ask()
        waiting, _ = self.slow.asked.pop(0)
        waiting.errback(OSError("broken"))
        self.accept()
        self.assertEqual(self.sent().get(b"if-none-match"), b'"one"')
        self.answer(HOUR, TAG, body=b"new")
        self.look_below()
        self.assertEqual(client.seen.body, b"new")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: a client that leaves meanwhile has no server asked, and is no failure.
        """
        self.keep(SHORT, TAG)
        self.passes(20)
        for client in (self.ask(), self.ask(target=b"/other")):
            client.receiver.client_left()
        self.look_below()
        self.assertEqual((len(self.requests), self.cache.counts.get("store-failed", 0)), (1, 0))

    def test_purge(self) -> None:
        """
        A purge reaches what is in the slow place alone, softly too, and counts each once.
        """
        self.keep_two()
        for soft in (True, False):
            purged = self.terms.purge.url(KEY, soft)
            for _ in range(9):
                self.look_below()
                self.passes(0.01)
            self.assertEqual(self.successResultOf(purged), 2)
            for kept in self.slow.inner.find(KEY):
                self.assertTrue(soft and kept.head.expires <= self.now())
        self.assertEqual(self.slow.inner.find(KEY), ())

    def in_slow(self) -> IKept:
        (kept,) = self.slow.inner.find(KEY)
        return kept

    def fresh_head(self, kept: IKept) -> KeptHead:
        """
        The head of a response that was validated just now.
        """
        head = kept.head
        freshness = head.freshness
        freshness.received = freshness.born = self.now()
        freshness.expires = self.now() + 3600
        validators = head.validators
        validators.dated_at = int(self.now())
        return KeptHead(
            head.status, head.reason, head.lines, head.vary, head.secondary, freshness, validators, head.tags
        )
