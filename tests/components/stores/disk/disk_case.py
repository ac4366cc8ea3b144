"""
A store on disk to be tested.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.change import Change
from revproxy.components.stores.disk.index import Index
from revproxy.components.stores.disk.shelf import Shelf
from revproxy.components.stores.disk.store import DiskStore
from revproxy.interfaces import IKept
from revproxy.testing import stand_in_head
from revproxy.wire.caching.kept import KeptHead

MiB = 1 << 20

LARGE = bytes(range(256)) * 40
"""
A body that is in a file.
"""


class DiskTestCase(SynchronousTestCase):
    """
    @ivar logged: what the store says of itself in the log.
    """

    size = 64 * MiB

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.path = Path(self.mktemp()).absolute()
        self.logged: list[LogEvent] = []
        observer = cast(ILogObserver, self._logged)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.store = self.start()

    def _logged(self, event: LogEvent) -> None:
        if str(event.get("log_namespace")).endswith("Trouble"):
            self.logged.append(event)

    def start(self, path: Path | None = None, boot: bytes = b"boot", open_files: int = 16) -> DiskStore:
        store = DiskStore(self.clock, path or self.path, self.size, 8 * MiB, open_files, lambda: boot)
        store.startService()
        self.addCleanup(self.stop, store)
        return store

    def stop(self, store: DiskStore | None = None) -> None:
        store = store or self.store
        if store.running:
            store.stopService()

    def keep(self, body: bytes = b"body", key: bytes = b"key", head: KeptHead | None = None) -> IKept | None:
        keeping = self.store.begin(key, head or stand_in_head(), len(body))
        if keeping is None:
            return None
        keeping.write(body)
        return keeping.commit()

    def find(self, key: bytes = b"key", store: DiskStore | None = None) -> IKept | None:
        found = (store or self.store).find(key)
        return found[0] if found else None

    def body(self, key: bytes = b"key", store: DiskStore | None = None) -> bytes | None:
        kept = self.find(key, store)
        return None if kept is None else kept.body(0, kept.length)

    def as_killed(self) -> Path:
        """
        What a process leaves that is killed now: what it has written, and no lock.
        """
        copy = Path(self.mktemp()).absolute()
        shutil.copytree(self.path, copy)
        copy.chmod(0o700)
        return copy

    def shelf(self) -> Shelf:
        shelf = self.store._depot.access.shelf
        assert shelf is not None
        return shelf

    def files(self, of: str = "bodies") -> list[Path]:
        return [path for path in self.path.joinpath(of).rglob("*") if path.is_file()]

    def assertTold(self, times: int, errors: int) -> None:
        """
        So often the log says that something is wrong, or well again, and so often it was.
        """
        self.assertEqual([formatEvent(event) for event in self.logged][times:], [])
        self.assertEqual(len(self.logged), times)
        self.assertEqual(self.store.figures().errors, errors)


class FullIndex:
    """
    An index that cannot be changed.

    @ivar error: what the next change raises.
    """

    def __init__(self, index: Index, error: Exception) -> None:
        self._index = index
        self.error: Exception | None = error

    def change(self) -> Change | None:
        change = self._index.change()
        assert change is not None
        if self.error is not None:
            change.commit = self._fail  # type: ignore[method-assign]
        return change

    def _fail(self) -> None:
        assert self.error is not None
        raise self.error

    def __getattr__(self, name: str) -> object:
        return getattr(self._index, name)
