"""
A file of servers, taken over when it changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from typing_extensions import override

from revproxy.config.servers import ServerFileSettings, ServerSettings
from revproxy.discovery.sources import Entry, LookedUpEntry, Source
from revproxy.errors import ConfigurationError
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.server import Server

_Stamp: TypeAlias = tuple[int, int, int, int] | None


class ServerFile(Source):
    """
    The servers of a file.  One that is wrong, or not there any more, changes nothing, and
    that is told once for each change of it.

    @ivar _entries: those of the file, by their URLs.
    @ivar _stamp: what the file was when it was read last.
    """

    _log = Logger()

    def __init__(
        self,
        settings: ServerFileSettings,
        read: Callable[[Path], Sequence[ServerSettings]],
        make: Callable[[ServerSettings], Entry],
        clock: IReactorTime,
        events: Events,
    ) -> None:
        """
        @param read: reads the file; raises L{ConfigurationError}.
        @param make: makes what has the servers of one entry.
        @raise ConfigurationError: the file is wrong already.
        """
        super().__init__()
        self._path = settings.file
        self._interval = settings.reload_interval
        self._read = read
        self._make = make
        self._events = events
        self._entries: dict[str, Entry] = {}
        self._looking = LoopingCall(self._look)
        self._looking.clock = clock
        # Here and below the stamp is older than what is read, so no change is missed.
        self._stamp = _stamp(self._path)
        self._take(read(self._path))

    @property
    @override
    def servers(self) -> Sequence[Server]:
        return [server for entry in self._entries.values() for server in entry.servers]

    @property
    @override
    def settled(self) -> bool:
        return all(entry.settled for entry in self._entries.values())

    @override
    def looked_up(self) -> Iterator[LookedUpEntry]:
        for entry in self._entries.values():
            yield from entry.looked_up()

    @override
    def startService(self) -> None:
        super().startService()
        if self._interval > 0:
            self._looking.start(self._interval, now=False)

    @override
    def stopService(self) -> object:
        if self._looking.running:
            self._looking.stop()
        return super().stopService()

    @override
    def look(self) -> None:
        self._look()
        for entry in self._entries.values():
            entry.look()

    def _look(self) -> None:
        """
        Take the file over, if it has changed.
        """
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._take(self._read(self._path))
        except ConfigurationError as error:
            self._events.worse("file-refused", str(self._path), f"its servers stay as they were: {error}")
        except Exception:
            self._log.failure("cannot look at {path}", path=self._path)
        else:
            self._events.better("file-read", str(self._path), f"it has {len(self._entries)} entries now")
            self.changed(f"{self._path.name} has changed", True)

    def _take(self, servers: Sequence[ServerSettings]) -> None:
        """
        Have the entries that the file has; those that stay are the same objects.
        """
        before = self._entries
        self._entries = {settings.url.text: self._entry(settings, before) for settings in servers}
        for entry in before.values():
            if self._entries.get(entry.settings.url.text) is not entry:
                entry.disownServiceParent()
        for entry in self._entries.values():
            if entry.parent is None:
                entry.changed = self._entry_changed
                entry.setServiceParent(self)

    def _entry_changed(self, reason: str, slowly: bool) -> None:
        self.changed(reason, slowly)

    def _entry(self, settings: ServerSettings, before: dict[str, Entry]) -> Entry:
        known = before.get(settings.url.text)
        if known is not None and known.adjust(settings):
            return known
        entry = self._make(settings)
        if known is not None:
            entry.inherit(known)
        return entry


def _stamp(path: Path) -> _Stamp:
    """
    Tell one state of a file from another.  Links are followed, so one that is turned to
    another file counts as a change.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
