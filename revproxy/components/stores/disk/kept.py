"""
A response that is kept on disk.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zope.interface import implementer

from revproxy.components.stores.disk.record import Record, digest_of, file_name
from revproxy.errors import BodyLost
from revproxy.interfaces import IKept, IOpenBody
from revproxy.wire.caching.kept import KeptHead

if TYPE_CHECKING:
    from revproxy.components.stores.disk.depot import Depot
    from revproxy.components.stores.disk.files import BodyFiles


@implementer(IOpenBody)
class OpenBody:
    """
    A body's file, open.
    """

    offset = 0

    def __init__(self, files: BodyFiles, descriptor: int) -> None:
        self.descriptor = descriptor
        self._files: BodyFiles | None = files

    def close(self) -> None:
        """
        Implement L{IOpenBody.close}.
        """
        if self._files is not None:
            self._files.closed(self.descriptor)
            self._files = None
            self.descriptor = -1

    def __del__(self) -> None:
        """
        Whoever forgot to close it has no descriptor of it either.
        """
        self.close()


@implementer(IKept)
class DiskKept:
    """
    A response on disk, as it was found.  A small body is in memory, too.

    @ivar entry: the key of its entry in the index; empty as long as it has none.
    @ivar generation: tells it from every other under the same key.
    """

    def __init__(self, depot: Depot, entry: bytes, record: Record, head: KeptHead) -> None:
        self._depot = depot
        self.entry = entry
        self.generation = record.generation
        self.key = record.key
        self.head = head
        self.length = record.length
        self.whole = record.body
        self._opened: OpenBody | None = None

    def __eq__(self, other: object) -> bool:
        """
        Whether they are the same response, whatever became of its head.
        """
        if not isinstance(other, DiskKept):
            return NotImplemented
        return self.generation == other.generation and self.key == other.key

    def __hash__(self) -> int:
        """
        The same for the same response.
        """
        return hash(self.generation)

    @property
    def name(self) -> str:
        """
        What the file of its body is called, where it has one.
        """
        return file_name(digest_of(self.key), self.generation)

    def used(self) -> None:
        """
        Implement L{IKept.used}.
        """
        self._depot.mark(self.generation)

    def body(self, start: int, stop: int) -> bytes:
        """
        Implement L{IKept.body}.  The file stays open as long as this is held, so what
        could be read once can be read to its end.
        """
        if self.whole is not None:
            return self.whole[start:stop]
        if self._opened is None:
            self._opened = self._depot.open_body(self)
        try:
            data = os.pread(self._opened.descriptor, stop - start, start)
        except OSError as error:
            raise BodyLost(f"cannot be read: {error}") from error
        if len(data) != stop - start:
            raise BodyLost("is shorter than it was")
        return data

    def open(self) -> OpenBody | None:
        """
        Implement L{IKept.open}.
        """
        return None if self.whole is not None else self._depot.open_body(self)
