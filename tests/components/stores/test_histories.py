"""
Random histories of each store, beside a store that is a dictionary.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from twisted.application.service import IService
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.stores.disk.store import DiskStore
from revproxy.components.stores.memory.store import MemoryStore
from revproxy.components.stores.tiered.store import TieredStore
from revproxy.interfaces import ICacheStore, IKept
from revproxy.testing import stand_in_head
from revproxy.testing.stores import read_body
from revproxy.wire.caching.kept import KeptHead

MiB = 1 << 20
SHARED_MEMORY = Path("/dev/shm")
"""
Where directories are quick to make and to remove, on Linux.
"""

KEYS = (b"a", b"a/1", b"a/2", b"b", b"b/" + b"x" * 600)
NAMES = (b"", b"gzip", b"br")
SIZES = (0, 1, 4095, 4096, 20_000)

Entry: TypeAlias = tuple[bytes, int, bytes]
"""
The secondary key, the number of the head, and the body.
"""


def said_by(kept: IKept) -> Entry:
    return kept.head.secondary, kept.head.status, read_body(kept)


class History(RuleBasedStateMachine):
    """
    What may happen to a store.

    @ivar whole: whether the store forgets nothing by itself.
    @ivar model: what should be kept, newest first.
    """

    whole = True

    def __init__(self, clock: Clock, store: ICacheStore, end: Callable[[], object]) -> None:
        super().__init__()
        self.clock = clock
        self.store = store
        self.end = end
        self.model: dict[bytes, list[Entry]] = {key: [] for key in KEYS}
        self.number = 100
        self.held: list[tuple[IKept, bytes]] = []

    def head(self, secondary: bytes) -> KeptHead:
        self.number += 1
        tags = [b"even" if self.number % 2 else b"odd"]
        return stand_in_head(self.number, vary=(b"accept-encoding",), secondary=secondary, tags=tags)

    def found(self, key: bytes) -> list[IKept]:
        found = cast("list[IKept]", self.store.find(key))
        return [*found, *cast("list[IKept]", self.store.more(key, found))]

    @rule(key=st.sampled_from(KEYS), name=st.sampled_from(NAMES), size=st.sampled_from(SIZES))
    def keep(self, key: bytes, name: bytes, size: int) -> None:
        head = self.head(name)
        body = bytes((self.number % 256,)) * size
        keeping = self.store.begin(key, head, size if self.number % 3 else None)
        assert keeping is not None
        keeping.write(body[:100])
        keeping.write(body[100:])
        kept = keeping.commit()
        assert kept is not None
        self.model[key] = [each for each in self.model[key] if each[0] != name]
        self.model[key].insert(0, (name, self.number, body))

    @rule(key=st.sampled_from(KEYS), size=st.sampled_from(SIZES), short=st.booleans())
    def fail_to_keep(self, key: bytes, size: int, short: bool) -> None:
        keeping = self.store.begin(key, self.head(b"gzip"), size + 1)
        assert keeping is not None
        keeping.write(bytes(size))
        if short:
            assert keeping.commit() is None
        else:
            keeping.abort()

    @rule(key=st.sampled_from(KEYS), uses=st.integers(0, 3))
    def look(self, key: bytes, uses: int) -> None:
        found = self.found(key)
        said = [said_by(kept) for kept in found]
        if self.whole:
            assert sorted(said) == sorted(self.model[key]), (said, self.model[key])
        else:
            assert set(said) <= set(self.model[key])
        for kept in found:
            assert kept.key == key
            for _ in range(uses):
                kept.used()
            self.held.append((kept, read_body(kept)))
        del self.held[:-5]

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def read_what_is_held(self, data: st.DataObject) -> None:
        kept, body = data.draw(st.sampled_from(self.held))
        if kept.whole is not None:
            assert kept.whole == body

    @rule(key=st.sampled_from(KEYS), place=st.integers(0, 2))
    def update(self, key: bytes, place: int) -> None:
        found = self.found(key)
        if place < len(found):
            kept = found[place]
            head = self.head(kept.head.secondary)
            before = said_by(kept)
            self.store.update(kept, head)
            changed = (before[0], head.status, before[2])
            self.model[key] = [changed if each == before else each for each in self.model[key]]

    @rule(key=st.sampled_from(KEYS), place=st.integers(0, 2))
    def remove(self, key: bytes, place: int) -> None:
        found = self.found(key)
        if place < len(found):
            said = said_by(found[place])
            self.store.remove(found[place])
            self.model[key] = [each for each in self.model[key] if each != said]

    @rule(prefix=st.sampled_from((b"", b"a", b"a/", b"b/", b"nothing")), purge=st.booleans())
    def go_through(self, prefix: bytes, purge: bool) -> None:
        keys = {key for step in self.store.keys(prefix) for key in step}
        expected = {key for key, entries in self.model.items() if entries and key.startswith(prefix)}
        assert keys == expected if self.whole else keys <= expected
        if purge:
            for key in keys:
                for kept in self.found(key):
                    self.store.remove(kept)
                self.model[key] = []

    @rule(tag=st.sampled_from((b"even", b"odd")))
    def go_through_tagged(self, tag: bytes) -> None:
        keys = {key for step in self.store.tagged(tag) for key in step}
        wanted = int(tag == b"even")
        expected = {
            key for key, entries in self.model.items() if any(each[1] % 2 == wanted for each in entries)
        }
        assert keys == expected if self.whole else keys <= expected

    @rule()
    def wait(self) -> None:
        self.clock.pump([0.01] * 3)

    def teardown(self) -> None:
        self.end()


class BoundedHistory(History):
    """
    What may happen to a store that has no room for all.
    """

    whole = False


class HistoriesTests(SynchronousTestCase):
    """
    Each store finds what was kept in it, as it was kept or changed last, and nothing else.
    """

    def play(
        self, make: Callable[[Clock, Path], ICacheStore], history: type[History] = History, most: int = 20
    ) -> None:
        def begin() -> History:
            quick = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
            clock, directory = Clock(), Path(tempfile.mkdtemp(dir=quick))
            store = make(clock, directory / "cache")
            if IService.providedBy(store):
                IService(store).startService()

            def end() -> None:
                if IService.providedBy(store):
                    IService(store).stopService()
                shutil.rmtree(directory)

            return history(clock, store, end)

        run_state_machine_as_test(
            cast("type[History]", begin),
            settings=settings(max_examples=most, stateful_step_count=40, deadline=None),
        )

    def test_memory(self) -> None:
        """
        So does the one in memory.
        """
        self.play(lambda clock, path: MemoryStore(64 * MiB, MiB), most=60)

    def test_full_memory(self) -> None:
        """
        So it does where it has no room for all.
        """
        self.play(lambda clock, path: MemoryStore(200_000, 50_000), BoundedHistory, most=60)

    def test_disk(self) -> None:
        """
        So does the one on disk.
        """
        self.play(lambda clock, path: DiskStore(clock, path, 64 * MiB, MiB, 64, lambda: b"boot"))

    def test_tiered(self) -> None:
        """
        So do the two of them together.
        """

        def make(clock: Clock, path: Path) -> ICacheStore:
            disk = DiskStore(clock, path, 64 * MiB, MiB, 64, lambda: b"boot")
            return TieredStore(clock, [MemoryStore(64 * MiB, 10_000), disk])

        self.play(make)

    def test_tiered_with_little_memory(self) -> None:
        """
        So they do where the memory has no room for all.
        """

        def make(clock: Clock, path: Path) -> ICacheStore:
            disk = DiskStore(clock, path, 64 * MiB, MiB, 64, lambda: b"boot")
            return TieredStore(clock, [MemoryStore(150_000, 10_000), disk])

        self.play(make)
