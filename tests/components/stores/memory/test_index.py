"""
Tests of L{revproxy.components.stores.memory.index}.
"""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.memory.index import Index
from revproxy.components.stores.memory.kept import MemoryKept
from revproxy.testing import stand_in_head


def an_entry(key: bytes, *tags: bytes) -> MemoryKept:
    return MemoryKept(key, stand_in_head(tags=tags), b"")


class IndexTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.index = Index()

    def put(self, key: bytes, *tags: bytes) -> MemoryKept:
        kept = an_entry(key, *tags)
        self.index.put(kept)
        return kept

    def test_one_of_several(self) -> None:
        """
        Of several under one key any can be taken out, the others stay in order.
        """
        for gone in range(4):
            kepts = [self.put(b"key") for _ in range(4)]
            self.index.remove(kepts[gone])
            left = [kept for kept in reversed(kepts) if kept is not kepts[gone]]
            self.assertEqual(list(self.index.find(b"key")), left)
            for kept in left:
                self.index.remove(kept)
            self.assertEqual(self.index.find(b"key"), ())

    def test_one_key(self) -> None:
        """
        Those of one key share it, as it may be long.
        """
        first = self.put(bytes(1000))
        second = self.put(bytes(1000))
        self.assertIs(first.key, second.key)

    def test_steps(self) -> None:
        """
        Of many keys no step gives more than a few.
        """
        for number in range(5000):
            self.put(b"%d" % number)
        steps = list(self.index.keys(b""))
        self.assertEqual(sum(map(len, steps)), 5000)
        self.assertLess(max(map(len, steps)), 50)

    def test_tags_are_forgotten(self) -> None:
        """
        When the last entry with a tag is gone nothing of the tag is left.
        """
        kepts = [self.put(b"%d" % number, b"tag", b"tag-%d" % number) for number in range(10)]
        for kept in kepts:
            self.index.remove(kept)
        self.assertEqual([shard.tags for shard in self.index._shards if shard.tags], [])

    def test_not_looked_at(self) -> None:
        """
        However many entries there are, Python does not look at them for garbage.
        """
        for number in range(2000):
            self.put(b"%d" % number)
        self.index.remove(self.put(b"1"))
        tracked = [shard for shard in self.index._shards if gc.is_tracked(shard.kept)]
        self.assertEqual(tracked, [])
