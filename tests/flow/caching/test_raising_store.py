"""
Tests of L{revproxy.flow.caching.cache}: a store that raises what it should not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typing_extensions import override

from revproxy.flow.caching.receiving import answer_with_cache
from revproxy.flow.caching.terms import CacheTerms
from revproxy.interfaces import IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.networks import Networks
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.caching_case import CachingCase
from tests.flow.caching.dict_store import DictKeeping, DictKept, DictStore

SHORT = "Cache-Control: max-age=10"
TAG = 'ETag: "one"'


class Broken(Exception):
    """
    What the store raises.
    """


class RaisingKept(DictKept):
    def __init__(self, store: RaisingStore, kept: DictKept) -> None:
        assert kept.whole is not None
        super().__init__(kept.key, kept.head, kept.whole)
        self._store = store

    @override
    def used(self) -> None:
        self._store.may_raise("used")

    @override
    def body(self, start: int, stop: int) -> bytes:
        self._store.may_raise("body")
        return super().body(start, stop)


class RaisingKeeping(DictKeeping):
    raising: RaisingStore

    @override
    def write(self, data: bytes) -> bool:
        self.raising.may_raise("write")
        return super().write(data)

    @override
    def commit(self) -> IKept | None:
        self.raising.may_raise("commit")
        return super().commit()

    @override
    def abort(self) -> None:
        self.raising.may_raise("abort")
        super().abort()


class RaisingStore(DictStore):
    """
    @ivar raises: the names of the methods that do.
    """

    def __init__(self) -> None:
        super().__init__()
        self.raises: set[str] = set()

    def may_raise(self, name: str) -> None:
        if name in self.raises:
            raise Broken(name)

    @override
    def keep(self, kept: DictKept) -> None:
        super().keep(RaisingKept(self, kept))

    @override
    def find(self, key: bytes) -> Sequence[IKept]:
        self.may_raise("find")
        return super().find(key)

    @override
    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        self.may_raise("keys")
        return super().keys(prefix)

    @override
    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept]:
        self.may_raise("more")
        return super().more(key, found)

    @override
    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        self.may_raise("begin")
        keeping = RaisingKeeping(self, key, head, length)
        keeping.raising = self
        return keeping

    @override
    def update(self, kept: IKept, head: KeptHead) -> None:
        self.may_raise("update")
        super().update(kept, head)

    @override
    def remove(self, kept: IKept) -> None:
        self.may_raise("remove")
        super().remove(kept)


class RaisingStoreTests(CachingCase):
    """
    Whatever raises, the client gets its answer, and the log has it once.
    """

    def make_store(self) -> RaisingStore:
        self.raising = RaisingStore()
        return self.raising

    def said(self) -> int:
        return len(self.flushLoggedErrors(Broken))

    def test_keeping(self) -> None:
        """
        While a response is being kept.
        """
        for name in ("find", "begin", "write", "commit"):
            self.raising.raises = {name, "abort"}
            for _ in range(2):
                client = self.ask(target=b"/" + name.encode())
                self.answer(SHORT)
                self.assertEqual((client.status, client.seen.body, client.whole), (200, b"hello", True))
        self.assertEqual(self.said(), 1)
        self.assertGreaterEqual(self.cache.counts["store-failed"], 8)

    def test_hit(self) -> None:
        """
        While what is kept is used: a body that cannot be read is asked for anew.
        """
        self.ask()
        self.answer(SHORT, TAG)
        self.raising.raises = {"used"}
        self.assertEqual([self.ask().seen.body, self.ask("Range: bytes=1-2").seen.body], [b"hello", b"el"])
        self.raising.raises = {"body", "remove"}
        client = self.ask("Range: bytes=1-2")
        self.answer(SHORT, TAG)
        self.assertEqual((client.status, client.seen.body), (200, b"hello"))
        self.assertEqual(self.said(), 1)

    def test_validated(self) -> None:
        """
        While it is validated.
        """
        self.ask()
        self.answer(SHORT, TAG)
        self.passes(20)
        self.raising.raises = {"update", "more"}
        client = self.ask()
        self.answer(SHORT, TAG, status=304, body=b"")
        self.assertEqual((client.status, client.seen.body, client.whole), (200, b"hello", True))
        head = self.ask(method=b"HEAD")
        self.answer(SHORT, TAG, body=None, length=5)
        self.end()
        self.assertEqual(head.status, 200)
        self.assertEqual(self.said(), 1)

    def test_unsafe(self) -> None:
        """
        While a POST makes it stale.
        """
        self.ask()
        self.answer(SHORT, TAG)
        self.raising.raises = {"update"}
        client = self.ask(method=b"POST")
        self.answer()
        self.assertEqual((client.status, client.seen.body, self.said()), (200, b"hello", 1))

    def test_purge_request(self) -> None:
        """
        Where not even the keys can be looked at, who purges is told that it failed.
        """
        self.raising.raises = {"keys"}
        seen = RecordingDownstream()
        terms = self.terms
        purging = CacheTerms(
            terms.cache,
            terms.purge,
            terms.rule,
            terms.policy,
            terms.status,
            purgers=Networks(["192.0.2.0/24"]),
        )
        answer_with_cache(an_exchange(seen, b"PURGE", b"/page"), self.route, purging)
        assert seen.error is not None
        self.assertEqual((seen.error.status, self.said()), (500, 1))

    def test_purge(self) -> None:
        """
        What could not be purged is not said to be.
        """
        self.ask()
        self.answer(SHORT, TAG)
        self.raising.raises = {"update", "remove"}
        for soft in (True, False):
            purged = self.terms.purge.url(b"http://example.com/page", soft)
            self.passes(1)
            self.assertEqual(self.successResultOf(purged), 0)
        self.assertEqual(self.said(), 1)
