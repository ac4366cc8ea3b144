"""
The contract of stores for the cache.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from twisted.application.service import IService
from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from revproxy.interfaces import Figures, ICacheStore, IKeeping, IKept, IOpenBody
from revproxy.testing.stand_ins import stand_in_head
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.packing import pack_head

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as Base
else:
    Base = object

KEY = b"https://example.com/page"

BODIES = (b"", b"short", bytes(range(256)) * 31, b"a body of some length " * 3000)
"""
Bodies of different sizes, the last of 66000 octets.
"""


class CacheStoreContract(Base):
    """
    What holds for every store.
    """

    def make_store(self) -> ICacheStore:
        """
        @return: a new store with nothing in it and room for some megabytes, that takes
            bodies of 100,000 octets.  It is started here where it is a service.
        """
        raise NotImplementedError

    def setUp(self) -> None:
        """
        Make the store.
        """
        self.store = self.make_store()
        if IService.providedBy(self.store):
            service = cast(IService, self.store)
            service.startService()
            self.addCleanup(service.stopService)

    def keeping(self, key: bytes, head: KeptHead, length: int | None) -> IKeeping:
        """
        @return: what takes the body.
        """
        keeping = self.store.begin(key, head, length)
        assert keeping is not None
        return keeping

    def keep(self, body: bytes = b"body", key: bytes = KEY, head: KeptHead | None = None) -> IKept:
        """
        @return: a response that was kept.
        """
        keeping = self.keeping(key, head or stand_in_head(), len(body))
        self.assertTrue(keeping.write(body))
        kept = keeping.commit()
        assert kept is not None
        return kept

    def found(self, key: bytes = KEY) -> list[IKept]:
        """
        @return: all that is kept under a key.
        """
        found = self._now(self.store.find(key))
        return [*found, *self._now(self.store.more(key, found))]

    def bodies(self, key: bytes = KEY) -> list[bytes]:
        """
        @return: the bodies of all that is kept under a key.
        """
        return [read_body(kept) for kept in self.found(key)]

    def all_of(self, steps: Iterator[Sequence[bytes]]) -> set[bytes]:
        """
        @return: what all steps have found.
        """
        return {key for step in steps for key in step}

    def _now(self, found: Sequence[IKept] | Deferred[Sequence[IKept]]) -> Sequence[IKept]:
        return self.successResultOf(found) if isinstance(found, Deferred) else found

    def test_provides_its_interfaces(self) -> None:
        """
        It provides L{ICacheStore}, and what it gives the interfaces that it should.
        """
        self.assertTrue(verifyObject(ICacheStore, self.store))
        self.assertTrue(verifyObject(IKeeping, self.keeping(KEY, stand_in_head(), None)))
        for body in BODIES:
            kept = self.keep(body)
            self.assertTrue(verifyObject(IKept, kept))
            opened = kept.open()
            self.assertEqual(opened is None, kept.whole is not None)
            if opened is not None:
                self.assertTrue(verifyObject(IOpenBody, opened))
                opened.close()
                opened.close()

    def test_nothing(self) -> None:
        """
        Where nothing was kept nothing is found.
        """
        self.assertEqual(self.found(), [])
        self.assertEqual(self.all_of(self.store.keys(b"")), set())
        self.assertEqual(self.all_of(self.store.tagged(b"tag")), set())
        self.assertEqual(self.store.figures().entries, 0)

    def test_kept(self) -> None:
        """
        What was kept is found with its head and its whole body, whether its length was
        told or not, and however it came.
        """
        for body in BODIES:
            for length in (len(body), None):
                for piece in (len(body) or 1, 1000):
                    head = stand_in_head(fields=((b"x-length", b"%d" % len(body)),))
                    keeping = self.keeping(KEY, head, length)
                    for start in range(0, len(body), piece):
                        self.assertTrue(keeping.write(body[start : start + piece]))
                    kept = keeping.commit()
                    assert kept is not None
                    (found,) = self.found()
                    for each in (kept, found):
                        self.assertEqual((each.key, each.length), (KEY, len(body)))
                        self.assertEqual(pack_head(each.head), pack_head(head))
                        self.assertEqual(read_body(each), body)

    def test_parts(self) -> None:
        """
        Any part of a body can be read.
        """
        for body in BODIES:
            self.keep(body)
            (kept,) = self.found()
            for start in (0, 1, len(body) // 2, len(body)):
                for stop in (start, min(start + 10, len(body)), len(body)):
                    self.assertEqual(kept.body(start, stop), body[start:stop])

    def test_not_before_it_is_whole(self) -> None:
        """
        Nobody finds what is not committed, or was aborted, and what was there before
        stays.
        """
        for body in BODIES:
            self.keep(b"before")
            keeping = self.keeping(KEY, stand_in_head(), None)
            keeping.write(body)
            self.assertEqual(self.bodies(), [b"before"])
            keeping.abort()
            self.assertEqual(self.bodies(), [b"before"])
            self.assertFalse(keeping.write(b"more"))
            self.assertIsNone(keeping.commit())
            self.assertEqual(self.bodies(), [b"before"])

    def test_other_length(self) -> None:
        """
        A body that is shorter or longer than was announced is not kept.
        """
        for body in BODIES[1:]:
            short = self.keeping(KEY, stand_in_head(), len(body) + 1)
            self.assertTrue(short.write(body))
            self.assertIsNone(short.commit())
            long = self.keeping(KEY, stand_in_head(), len(body))
            self.assertTrue(long.write(body))
            self.assertFalse(long.write(b"!"))
            self.assertIsNone(long.commit())
        self.assertEqual(self.found(), [])

    def test_keys_differ(self) -> None:
        """
        Keys may be long and of any octets; what is kept under another key is not found.
        """
        keys = [
            b"k",
            b"",
            b"\0\xff",
            b"https://example.com/" + b"x" * 5000,
            b"https://example.com/" + b"x" * 5001,
        ]
        for key in keys:
            self.keep(key, key)
        for key in keys:
            self.assertEqual(self.bodies(key), [key])
        self.assertEqual(self.bodies(b"https://example.com/" + b"x" * 4999), [])

    def test_variants(self) -> None:
        """
        Responses for different requests are kept beside each other, the newest first; of
        two for the same requests the newer one stays.
        """
        for secondary in (b"gzip", b"br", b"", b"gzip"):
            self.keep(
                b"for " + secondary, head=stand_in_head(vary=(b"accept-encoding",), secondary=secondary)
            )
        self.assertEqual(self.bodies(), [b"for gzip", b"for ", b"for br"])
        self.keep(b"for all")
        self.assertEqual(self.bodies()[0], b"for all")
        self.assertEqual(len(self.bodies()), 4)

    def test_many_variants(self) -> None:
        """
        However many there are for different requests, some are kept, the newest among
        them, and not without bound.
        """
        for number in range(300):
            self.keep(head=stand_in_head(vary=(b"user-agent",), secondary=b"%d" % number))
        found = self.found()
        self.assertEqual(found[0].head.secondary, b"299")
        self.assertLess(len(found), 300)

    def test_update(self) -> None:
        """
        Another head takes the place of the one before, with the same body.
        """
        for body in BODIES:
            self.keep(body)
            (kept,) = self.found()
            head = stand_in_head(fields=((b"x-updated", b"yes"),))
            self.store.update(kept, head)
            for each in (kept, *self.found()):
                self.assertEqual(pack_head(each.head), pack_head(head))
                self.assertEqual(read_body(each), body)
            self.assertEqual(len(self.found()), 1)

    def test_update_to_the_same_requests(self) -> None:
        """
        Where another head makes it one for the requests of another, that one goes.
        """
        first, second = (stand_in_head(vary=(b"accept",), secondary=name) for name in (b"1", b"2"))
        self.keep(b"one", head=first)
        kept = self.keep(b"two", head=second)
        self.store.update(kept, first)
        self.assertEqual(self.bodies(), [b"two"])

    def test_remove(self) -> None:
        """
        What is removed is found no more, and what is beside it stays.
        """
        kept = self.keep(b"one", head=stand_in_head(vary=(b"accept",), secondary=b"1"))
        self.keep(b"two", head=stand_in_head(vary=(b"accept",), secondary=b"2"))
        self.assertEqual(self.bodies(), [b"two", b"one"])
        for _ in range(2):
            self.store.remove(kept)
            self.assertEqual(self.bodies(), [b"two"])
        self.store.update(kept, stand_in_head())
        self.assertEqual(self.bodies(), [b"two"])
        self.store.remove(self.found()[0])
        self.assertEqual(self.bodies(), [])

    def test_remove_what_was_replaced(self) -> None:
        """
        Whoever still has what was replaced removes or changes nothing with it.
        """
        self.keep(b"old")
        (old,) = self.found()
        self.keep(b"new", head=stand_in_head(fields=((b"x-new", b"yes"),)))
        self.store.remove(old)
        self.store.update(old, stand_in_head())
        (new,) = self.found()
        self.assertEqual(read_body(new), b"new")
        self.assertEqual(new.head.fields, ((b"x-new", b"yes"),))

    def test_readers(self) -> None:
        """
        Whoever has a body open or in memory can read it to its end, whatever becomes of
        the response.
        """
        for body in BODIES:
            self.keep(body)
            (kept,) = self.found()
            opened = kept.open()
            self.store.remove(kept)
            if opened is None:
                self.assertEqual(kept.whole, body)
            else:
                self.assertEqual(os.pread(opened.descriptor, len(body), opened.offset), body)
                opened.close()

    def test_same_response(self) -> None:
        """
        What was found twice is equal where it is the same response, another head or not.
        """
        self.keep(b"one")
        (first,) = self.found()
        self.assertEqual(first, self.found()[0])
        self.store.update(self.found()[0], stand_in_head(fields=((b"x-new", b"yes"),)))
        self.assertEqual(first, self.found()[0])
        self.keep(b"two")
        self.assertNotEqual(first, self.found()[0])

    def test_used(self) -> None:
        """
        That it was used can be told of what is there and of what is gone.
        """
        for body in BODIES:
            self.keep(body)
            (kept,) = self.found()
            for _ in range(10):
                kept.used()
            self.store.remove(kept)
            kept.used()
        self.assertEqual(self.found(), [])

    def test_keys(self) -> None:
        """
        All keys with a prefix are found.
        """
        keys = {
            b"https://example.com/%s/%d" % (part, number) for part in (b"a", b"b") for number in range(300)
        }
        for key in keys:
            self.keep(b"", key)
        self.assertEqual(self.all_of(self.store.keys(b"")), keys)
        self.assertEqual(
            self.all_of(self.store.keys(b"https://example.com/a/")),
            {key for key in keys if key.startswith(b"https://example.com/a/")},
        )
        self.assertEqual(
            self.all_of(self.store.keys(b"https://example.com/a/299")), {b"https://example.com/a/299"}
        )
        self.assertEqual(self.all_of(self.store.keys(b"http://")), set())

    def test_tagged(self) -> None:
        """
        The keys of all responses with a tag are found, as the tags are now.
        """
        self.keep(b"", b"both", stand_in_head(tags=(b"a", b"b")))
        self.keep(b"", b"one", stand_in_head(tags=(b"a",)))
        self.keep(b"", b"none", stand_in_head())
        self.assertEqual(self.all_of(self.store.tagged(b"a")), {b"both", b"one"})
        self.assertEqual(self.all_of(self.store.tagged(b"b")), {b"both"})
        self.assertEqual(self.all_of(self.store.tagged(b"c")), set())
        self.store.update(self.found(b"both")[0], stand_in_head(tags=(b"b", b"c")))
        self.store.remove(self.found(b"one")[0])
        self.assertEqual(self.all_of(self.store.tagged(b"a")), set())
        self.assertEqual(self.all_of(self.store.tagged(b"b")), {b"both"})
        self.assertEqual(self.all_of(self.store.tagged(b"c")), {b"both"})

    def test_purge(self) -> None:
        """
        Whoever goes through the keys may remove what they find, while others keep more.
        """
        for number in range(1000):
            self.keep(b"", b"old/%d" % number, stand_in_head(tags=(b"odd",) if number % 2 else ()))
        for steps in (self.store.tagged(b"odd"), self.store.keys(b"old/")):
            for number, step in enumerate(steps):
                self.keep(b"", b"new/%d" % number)
                for key in step:
                    for kept in self.found(key):
                        self.store.remove(kept)
        self.assertEqual(self.all_of(self.store.keys(b"old/")), set())
        self.assertIn(b"new/0", self.all_of(self.store.keys(b"new/")))

    def test_figures(self) -> None:
        """
        It tells how many entries there are and that they take some room.
        """
        before = self.store.figures()
        self.assertIsInstance(before, Figures)
        self.keep(BODIES[-1])
        self.keep(BODIES[-1], b"another")
        figures = self.store.figures()
        self.assertGreaterEqual(figures.entries, 2)
        self.assertGreaterEqual(figures.stores, 2)
        self.assertGreaterEqual(figures.octets, before.octets + 2 * len(BODIES[-1]))
        self.assertEqual((figures.evictions, figures.errors), (0, 0))


def read_body(kept: IKept) -> bytes:
    """
    Read a body as those do who send it: out of its file where it is in one.
    """
    if kept.whole is not None:
        return kept.whole
    opened = kept.open()
    assert opened is not None
    try:
        return os.pread(opened.descriptor, kept.length, opened.offset)
    finally:
        opened.close()
