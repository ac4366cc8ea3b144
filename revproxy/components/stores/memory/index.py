"""
Where entries are found by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from revproxy.components.stores.memory.kept import MemoryKept
from revproxy.components.stores.memory.unwatched import WATCHED, unwatch

SHARDS: Final = 512


class Shard:
    """
    A part of the index.

    @ivar kept: the newest entry of each key, from which the older ones are reached.
    @ivar tags: how many of all these entries have each tag.
    """

    __slots__ = ("kept", "tags")

    def __init__(self) -> None:
        self.kept: dict[bytes, MemoryKept] = {}
        self.tags: dict[bytes, int] = {}

    def count_tags(self, tags: tuple[bytes, ...], more: int) -> None:
        """
        Count the tags of an entry that comes or goes.

        @param more: 1 or -1.
        """
        counted = self.tags
        for tag in tags:
            count = counted.get(tag, 0) + more
            if count:
                counted[tag] = count
            else:
                del counted[tag]

    def keys_tagged(self, tag: bytes) -> list[bytes]:
        """
        @return: the keys of the entries with a tag.
        """
        if tag not in self.tags:
            return []
        return [key for key, newest in self.kept.items() if any_tagged(newest, tag)]


class Index:
    """
    All entries by their keys, in parts: a dictionary of a million entries takes a fifth of
    a second to grow, and to list, while everybody waits; a part of it takes no time worth
    naming.
    """

    __slots__ = ("_shards",)

    def __init__(self) -> None:
        self._shards = [Shard() for _ in range(SHARDS)]

    def find(self, key: bytes) -> tuple[MemoryKept, ...]:
        """
        @return: the entries of a key, newest first.
        """
        newest = self._shards[hash(key) & (SHARDS - 1)].kept.get(key)
        if newest is None:
            return ()
        if newest.older is None:
            return (newest,)
        return tuple(_chain(newest))

    def put(self, kept: MemoryKept) -> None:
        """
        Add an entry, the newest of its key.
        """
        shard = self._shards[hash(kept.key) & (SHARDS - 1)]
        older = shard.kept.get(kept.key)
        if older is not None:
            kept.key = older.key
            kept.older = older
        shard.kept[kept.key] = kept
        if WATCHED:
            unwatch(shard.kept)
        if kept.head.tags:
            shard.count_tags(kept.head.tags, 1)

    def remove(self, kept: MemoryKept) -> None:
        """
        Take an entry out that is there.
        """
        shard = self._shards[hash(kept.key) & (SHARDS - 1)]
        newest = shard.kept[kept.key]
        if newest is not kept:
            _newer_than(kept, newest).older = kept.older
        elif kept.older is None:
            del shard.kept[kept.key]
        else:
            shard.kept[kept.key] = kept.older
            if WATCHED:
                unwatch(shard.kept)
        kept.older = None
        if kept.head.tags:
            shard.count_tags(kept.head.tags, -1)

    def retag(self, kept: MemoryKept, tags: tuple[bytes, ...]) -> None:
        """
        An entry that is there is about to have other tags.
        """
        shard = self._shards[hash(kept.key) & (SHARDS - 1)]
        shard.count_tags(kept.head.tags, -1)
        shard.count_tags(tags, 1)

    def keys(self, prefix: bytes) -> Iterator[list[bytes]]:
        """
        Go through all keys that begin with a prefix, part by part.
        """
        for shard in self._shards:
            yield [key for key in shard.kept if key.startswith(prefix)]

    def tagged(self, tag: bytes) -> Iterator[list[bytes]]:
        """
        Go through the keys of all entries with a tag, part by part.
        """
        for shard in self._shards:
            yield shard.keys_tagged(tag)


def any_tagged(newest: MemoryKept, tag: bytes) -> bool:
    """
    Whether one of the entries of a key has a tag.
    """
    kept: MemoryKept | None = newest
    while kept is not None:
        if tag in kept.head.tags:
            return True
        kept = kept.older
    return False


def _chain(newest: MemoryKept) -> list[MemoryKept]:
    chain: list[MemoryKept] = []
    kept: MemoryKept | None = newest
    while kept is not None:
        chain.append(kept)
        kept = kept.older
    return chain


def _newer_than(kept: MemoryKept, newest: MemoryKept) -> MemoryKept:
    """
    @return: the one whose next older one is C{kept}, which is among them.
    """
    newer = newest
    while newer.older is not kept:
        assert newer.older is not None
        newer = newer.older
    return newer
