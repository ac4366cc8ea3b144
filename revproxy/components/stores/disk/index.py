"""
The index of a cache on disk: an lmdb file that processes share.

Reading takes no lock and sees the state of one moment.  Before a process changes anything
it takes a lock of ours that is never waited for: lmdb's own would have all processes wait
for one that was stopped in the middle.

lmdb writes to the file here, not to memory that is the file, as it can: where the disk is
full that is an error and not the end of the process.  It does not wait for the disk; see
L{revproxy.components.stores.disk.tenancy} for what becomes of it in a power failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import lmdb

from revproxy.components.stores.disk.change import Change
from revproxy.components.stores.disk.directory import (
    INDEX,
    WRITER,
    Directory,
    DirectoryRefused,
    open_lock,
)
from revproxy.components.stores.disk.marks import Marks
from revproxy.components.stores.disk.record import DIGEST, Record, digest_of, unpack_record
from revproxy.components.stores.disk.tables import Tables, under
from revproxy.components.stores.disk.totals import TOTALS, Totals

_STEP: Final = 256
"""
How many entries are looked at before others have their turn.
"""

_READERS: Final = 1024


class Index:
    """
    All entries of a cache.  Its methods raise C{lmdb.Error} where the file cannot be used.
    """

    def __init__(self, directory: Directory, map_size: int, marks: Marks) -> None:
        """
        @param map_size: how large the file may become.
        @raise OSError: a lock cannot be opened.
        @raise DirectoryRefused: the directory was exchanged for another one meanwhile.
        """
        self._marks = marks
        self._writer = open_lock(directory, WRITER)
        self._environment = lmdb.open(
            str(directory.path / INDEX),
            map_size,
            subdir=False,
            mode=0o600,
            create=False,
            readahead=False,
            sync=False,
            metasync=False,
            max_readers=_READERS,
            max_dbs=3,
            max_spare_txns=1,
        )
        try:
            self._page: int = self._environment.stat()["psize"]
            self._check(directory)
            self._environment.reader_check()
            self._tables = Tables(
                *(self._environment.open_db(name) for name in (b"entries", b"tags", b"state"))
            )
        except BaseException:
            self.close()
            raise

    def find(self, key: bytes) -> list[tuple[bytes, Record]]:
        """
        @return: the entries under a primary key, newest first.
        """
        with self._begin() as transaction:
            return under(transaction, self._tables, digest_of(key), key)

    def has(self, digest: bytes, generation: bytes) -> bool:
        """
        Whether there is an entry for the file of this name.
        """
        with self._begin() as transaction:
            cursor = transaction.cursor(self._tables.entries)
            here = cursor.set_range(digest)
            while here and cursor.key().startswith(digest):
                if unpack_record(cursor.value()).generation == generation:
                    return True
                here = cursor.next()
        return False

    def keys(self, prefix: bytes) -> Iterator[list[bytes]]:
        """
        Go through all primary keys that begin with a prefix, step by step.
        """
        position = b""
        while True:
            found: list[bytes] = []
            with self._begin() as transaction:
                cursor = transaction.cursor(self._tables.entries)
                here = cursor.set_range(position)
                for _ in range(_STEP):
                    if not here:
                        break
                    key = unpack_record(cursor.value()).key
                    if key.startswith(prefix):
                        found.append(key)
                    here = cursor.next()
                position = cursor.key() if here else b""
            yield found
            if not position:
                return

    def tagged(self, tag: bytes) -> Iterator[list[bytes]]:
        """
        Go through the primary keys of all entries with a tag, step by step.
        """
        digest = position = digest_of(tag)
        while True:
            found: list[bytes] = []
            with self._begin() as transaction:
                cursor = transaction.cursor(self._tables.tags)
                here = cursor.set_range(position)
                for _ in range(_STEP):
                    if not here or not cursor.key().startswith(digest):
                        here = False
                        break
                    value = transaction.get(cursor.key()[DIGEST:], db=self._tables.entries)
                    if value is not None:
                        found.append(unpack_record(value).key)
                    here = cursor.next()
                position = cursor.key() if here else b""
            yield found
            if not position:
                return

    def totals(self) -> tuple[int, int]:
        """
        @return: how many entries there are, and how many octets of the disk are taken.
        """
        with self._begin() as transaction:
            totals = Totals(transaction.get(TOTALS, db=self._tables.state))
            entries: int = transaction.stat(self._tables.entries)["entries"]
        return entries, totals.octets(self._size())

    def change(self) -> Change | None:
        """
        Begin to change something.  It has to be committed or aborted, and then L{changed}
        is to be called, before anything else is done.

        @return: C{None} where another process is at it.
        """
        if not self._writer.take():
            return None
        try:
            return Change(self._begin(write=True), self._tables, self._marks, self._size())
        except BaseException:
            self._writer.let_go()
            raise

    def changed(self) -> None:
        """
        Let others change something.
        """
        self._writer.let_go()

    def write_out(self) -> None:
        """
        Have all that was changed on the disk.
        """
        self._environment.sync(True)

    def close(self) -> None:
        """
        Close the file.
        """
        self._environment.close()
        self._writer.close()

    def _size(self) -> int:
        """
        How large the file is, which never becomes smaller.
        """
        return (self._environment.info()["last_pgno"] + 1) * self._page

    def _begin(self, write: bool = False) -> lmdb.Transaction[bytes]:
        try:
            return self._environment.begin(write=write)
        except lmdb.MapResizedError:
            self._environment.set_mapsize(0)  # another process has a larger one
            return self._environment.begin(write=write)

    def _check(self, directory: Directory) -> None:
        """
        @raise DirectoryRefused: the file is not the one in the directory.
        @raise lmdb.Error: it is shorter than it has to be: to read what is not there would
            be the end of the process.
        """
        status = os.stat(INDEX, dir_fd=directory.descriptor, follow_symlinks=False)
        if not os.path.samestat(status, os.stat(directory.path / INDEX)):
            raise DirectoryRefused(f"{directory.path} is not what it was a moment ago")
        if status.st_size < self._size():
            raise lmdb.CorruptedError(f"{directory.path / INDEX} is truncated")
