"""
A response whose body is coming, to be kept on disk.
"""

from __future__ import annotations

from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from zope.interface import implementer

from revproxy.components.stores.disk.record import GENERATION, digest_of, file_name, record_of
from revproxy.interfaces import IKeeping, IKept
from revproxy.wire.caching.kept import KeptHead

if TYPE_CHECKING:
    from revproxy.components.stores.disk.depot import Depot
    from revproxy.components.stores.disk.files import BodyWriter

SMALL: Final = 4096
"""
A body that is shorter is kept in the index.
"""


@implementer(IKeeping)
class DiskKeeping:
    """
    Gathers a small body in memory, and writes one that grows larger to a file.

    @ivar _held: what was not written to a file.
    @ivar _octets: how many have come.
    """

    def __init__(self, depot: Depot, key: bytes, head: KeptHead, length: int | None, max_object: int) -> None:
        self._depot = depot
        self._key = key
        self._head = head
        self._length = length
        self._most = max_object if length is None else length
        self._held = bytearray()
        self._octets = 0
        self._writer: BodyWriter | None = None
        self._over = False

    def write(self, data: bytes) -> bool:
        """
        Implement L{IKeeping.write}.
        """
        if self._over:
            return False
        self._octets += len(data)
        if self._octets > self._most:
            self.abort()
        elif self._octets < SMALL:
            self._held += data
        else:
            self._write_out(data)
        return not self._over

    def commit(self) -> IKept | None:
        """
        Implement L{IKeeping.commit}.
        """
        if self._over or (self._length is not None and self._octets != self._length):
            self.abort()
            return None
        self._over = True
        body = bytes(self._held) if self._writer is None else None
        record = record_of(self._key, token_bytes(GENERATION), self._head, self._octets, body)
        if self._writer is not None:
            name = file_name(digest_of(self._key), record.generation)
            try:
                self._writer.finish(name, self._octets)
            except OSError as error:
                self._depot.failed_to_keep(error)
                return None
        return self._depot.keep(record, self._head)

    def abort(self) -> None:
        """
        Implement L{IKeeping.abort}.
        """
        if not self._over:
            self._over = True
            if self._writer is not None:
                self._writer.discard()

    def _write_out(self, data: bytes) -> None:
        try:
            if self._writer is None:
                self._writer = self._depot.create_body()
            if self._writer is None:
                self.abort()
                return
            if self._held:
                data = bytes(self._held) + data
                self._held.clear()
            self._writer.write(data)
        except OSError as error:
            self.abort()
            self._depot.failed_to_keep(error)
