"""
Tests of L{revproxy.components.stores.memory.unwatched}.
"""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.stores.memory.store import MemoryStore
from revproxy.components.stores.memory.unwatched import unwatch
from revproxy.testing import stand_in_head


class Thing:
    """
    An object, and what it refers to.
    """

    __slots__ = ("other",)

    def __init__(self, other: object = None) -> None:
        self.other = other


class UnwatchTests(SynchronousTestCase):
    def test_unwatched(self) -> None:
        """
        What is not watched any more stays as it is, and so does what it refers to; once
        or twice makes no difference.
        """
        inner = Thing()
        thing = Thing([inner])
        for _ in range(2):
            unwatch(thing)
        self.assertFalse(gc.is_tracked(thing))
        gc.collect()
        self.assertEqual(thing.other, [inner])

    def test_a_full_store(self) -> None:
        """
        Entries, as many as there are, are not watched.
        """
        store = MemoryStore(1 << 24, 1 << 20)
        gc.collect()
        before = len(gc.get_objects())
        for number in range(1000):
            store.keep(b"%d" % number, stand_in_head(), b"body")
        gc.collect()
        self.assertLess(len(gc.get_objects()) - before, 50)

    def test_freed(self) -> None:
        """
        With the last reference to it an entry goes, and all that it has.
        """
        store = MemoryStore(1 << 24, 1 << 20)
        body = bytes(bytearray(b"a body"))
        kept = store.keep(b"key", stand_in_head(), body)
        assert kept is not None
        references = len(gc.get_referrers(body))
        store.remove(kept)
        del kept
        self.assertLessEqual(len(gc.get_referrers(body)), references)
