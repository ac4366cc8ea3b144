from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept, IOpenBody
from revproxy.testing import CacheStoreContract
from revproxy.wire.caching.kept import KeptHead
from tests.testing.verdict import broken_by


@implementer(IKept)
class PlainKept:
    """
    A response in a list.
    """

    def __init__(self, key: bytes, head: KeptHead, body: bytes) -> None:
        self.key = key
        self.head = head
        self.whole: bytes | None = body
        self.length = len(body)

    def used(self) -> None:
        """
        Implement L{IKept.used}.
        """

    def body(self, start: int, stop: int) -> bytes:
        """
        Implement L{IKept.body}.
        """
        assert self.whole is not None
        return self.whole[start:stop]

    def open(self) -> IOpenBody | None:
        """
        Implement L{IKept.open}.
        """
        return None


@implementer(IKeeping)
class PlainKeeping:
    """
    A body that comes.
    """

    def __init__(self, store: Plain, key: bytes, head: KeptHead, length: int | None) -> None:
        self._store = store
        self._key = key
        self._head = head
        self._length = length
        self._body = b""
        self._over = False

    def write(self, data: bytes) -> bool:
        """
        Implement L{IKeeping.write}.
        """
        self._body += data
        if self._length is not None and len(self._body) > self._length:
            self._over = True
        return not self._over

    def commit(self) -> IKept | None:
        """
        Implement L{IKeeping.commit}.
        """
        if self._over or self._length not in (None, len(self._body)):
            return None
        return self._store.keep(PlainKept(self._key, self._head, self._body))

    def abort(self) -> None:
        """
        Implement L{IKeeping.abort}.
        """
        self._over = True


@implementer(ICacheStore)
class Plain:
    """
    Keeps what there is in a list.
    """

    most = 200

    def __init__(self) -> None:
        self.kept: list[PlainKept] = []
        self.stores = 0

    def keep(self, kept: PlainKept) -> IKept:
        self.kept = [each for each in self.kept if not self.replaces(kept, each)]
        self.kept.insert(0, kept)
        self.stores += 1
        own = [each for each in self.kept if each.key == kept.key]
        for each in own[self.most :]:
            self.kept.remove(each)
        return kept

    def replaces(self, kept: PlainKept, other: PlainKept) -> bool:
        return kept.key == other.key and kept.head.fits_same(other.head)

    def find(self, key: bytes) -> Sequence[IKept]:
        """
        Implement L{ICacheStore.find}.
        """
        return [each for each in self.kept if each.key == key]

    def more(self, key: bytes, found: Sequence[IKept]) -> Sequence[IKept]:
        """
        Implement L{ICacheStore.more}.
        """
        return ()

    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        """
        Implement L{ICacheStore.begin}.
        """
        return PlainKeeping(self, key, head, length)

    def update(self, kept: IKept, head: KeptHead) -> None:
        """
        Implement L{ICacheStore.update}.
        """
        if kept in self.kept:
            kept.head = head
            self.kept = [
                each
                for each in self.kept
                if each is kept or each.key != kept.key or not each.head.fits_same(head)
            ]

    def remove(self, kept: IKept) -> None:
        """
        Implement L{ICacheStore.remove}.
        """
        self.kept = [each for each in self.kept if each is not kept]

    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.keys}.
        """
        yield [each.key for each in self.kept if each.key.startswith(prefix)]

    def tagged(self, tag: bytes) -> Iterator[Sequence[bytes]]:
        """
        Implement L{ICacheStore.tagged}.
        """
        yield [each.key for each in self.kept if tag in each.head.tags]

    def figures(self) -> Figures:
        """
        Implement L{ICacheStore.figures}.
        """
        return Figures(len(self.kept), sum(each.length for each in self.kept), self.stores)


class Hoarder(Plain):
    """
    Replaces nothing.
    """

    @override
    def replaces(self, kept: PlainKept, other: PlainKept) -> bool:
        return False


class Forgetful(Plain):
    """
    Keeps one response under a key.
    """

    @override
    def replaces(self, kept: PlainKept, other: PlainKept) -> bool:
        return kept.key == other.key


class Boundless(Plain):
    """
    Keeps any number under a key.
    """

    most = 1 << 30


class ShortSighted(Plain):
    """
    Looks at the beginning of keys alone.
    """

    @override
    def find(self, key: bytes) -> Sequence[IKept]:
        return [each for each in self.kept if each.key[:500] == key[:500]]


class Undecided(Plain):
    """
    Lets nothing go.
    """

    @override
    def remove(self, kept: IKept) -> None:
        pass


class Rough(Plain):
    """
    Lets go of all that is under the same key.
    """

    @override
    def remove(self, kept: IKept) -> None:
        self.kept = [each for each in self.kept if each.key != kept.key]


class Stubborn(Plain):
    """
    Leaves heads as they are.
    """

    @override
    def update(self, kept: IKept, head: KeptHead) -> None:
        pass


class Early(PlainKeeping):
    """
    Keeps what is not whole.
    """

    @override
    def write(self, data: bytes) -> bool:
        super().write(data)
        super().commit()
        return not self._over


class Hasty(Plain):
    """
    Has everything found before it is whole.
    """

    @override
    def begin(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        return Early(self, key, head, None)


class Brittle(Plain):
    """
    Does not stand changes while somebody goes through it.
    """

    @override
    def keys(self, prefix: bytes) -> Iterator[Sequence[bytes]]:
        count = len(self.kept)
        for kept in list(self.kept):
            if len(self.kept) != count:
                raise RuntimeError("changed meanwhile")
            if kept.key.startswith(prefix):
                yield [kept.key]


class CacheStoreContractTests(SynchronousTestCase):
    """
    Each clause of the contract is broken by a store that breaks it.
    """

    def broken(self, make: Callable[[], object]) -> set[str]:
        return broken_by(CacheStoreContract, make_store=make)

    def test_kept(self) -> None:
        """
        A store that keeps the contract passes.
        """
        self.assertEqual(self.broken(Plain), set())

    def test_no_store(self) -> None:
        """
        What is no store is found out.
        """
        self.assertIn("test_provides_its_interfaces", self.broken(object))

    def test_breakers(self) -> None:
        """
        Who keeps too much or too little, finds what it should not, or does not do what it
        is told, is found out.
        """
        for store, tests in (
            (Hoarder, {"test_variants", "test_update", "test_kept"}),
            (Forgetful, {"test_variants", "test_remove"}),
            (Boundless, {"test_many_variants"}),
            (ShortSighted, {"test_keys_differ"}),
            (Undecided, {"test_remove", "test_purge", "test_used", "test_tagged"}),
            (Rough, {"test_remove"}),
            (Stubborn, {"test_update", "test_update_to_the_same_requests", "test_tagged"}),
            (Hasty, {"test_not_before_it_is_whole", "test_other_length"}),
            (Brittle, {"test_purge"}),
        ):
            self.assertLessEqual(tests, self.broken(store), store)
