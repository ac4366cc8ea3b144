"""
The files that bodies are in.

A body is written aside, in a directory of this process alone, and moved to its place once
it is whole; behind it stands what it is the body of.  So a file in its place is whole,
and never another one's.
"""

from __future__ import annotations

import os
from secrets import token_hex
from struct import Struct
from typing import Final

from revproxy.components.stores.disk.directory import ASIDE, BODIES, Directory, Lock
from revproxy.errors import BodyLost

_END: Final = Struct("<8s24sQ")
_MAGIC: Final = b"revproxy"

FANS: Final = tuple(f"{BODIES}/{number:02x}" for number in range(256))
"""
The directories that the files are spread over.
"""


class BodyFiles:
    """
    The files in a directory, those that this process writes included.

    @ivar _own: the directory in which this process writes; who has it locked is alive.
    @ivar _open: how many files this process has open.
    """

    def __init__(self, directory: Directory, most_open: int) -> None:
        """
        @param most_open: how many files may be open at once.
        @raise OSError: a directory cannot be made.
        """
        self._directory = directory
        self._most_open = most_open
        self._open = 0
        self._made = 0
        for name in (BODIES, ASIDE, *FANS):
            directory.make(name)
        self._own_name = f"{ASIDE}/{token_hex(8)}"
        directory.make(self._own_name)
        self._own = directory.directory(self._own_name)
        Lock(self._own).take()

    def create(self) -> BodyWriter | None:
        """
        Begin a file.

        @return: C{None} where too many are open.
        @raise OSError: it cannot be made.
        """
        if self._open >= self._most_open:
            return None
        self._made += 1
        name = f"{self._own_name}/{self._made}"
        descriptor = self._directory.file(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        self._open += 1
        return BodyWriter(self, name, descriptor)

    def open(self, name: str, length: int) -> int | None:
        """
        Open the file of a body to read it; L{closed} is to be called in the end.

        @return: its descriptor; C{None} where too many are open.
        @raise FileNotFoundError: there is no such file any more.
        @raise OSError: it cannot be opened or read.
        @raise BodyLost: it is not what it should be.
        """
        if self._open >= self._most_open:
            return None
        descriptor = self._directory.file(_path(name), os.O_RDONLY)
        try:
            end = os.pread(descriptor, _END.size + 1, length)
            if end != _end(name, length):
                raise BodyLost(f"{_path(name)} is not what it was")
        except BaseException:
            os.close(descriptor)
            raise
        self._open += 1
        return descriptor

    def closed(self, descriptor: int) -> None:
        """
        Close a file.
        """
        self._open -= 1
        os.close(descriptor)

    def put(self, aside: str, name: str) -> None:
        """
        Move a file to its place.

        @raise OSError: it cannot be moved.
        """
        here = self._directory.descriptor
        os.rename(aside, _path(name), src_dir_fd=here, dst_dir_fd=here)

    def discard(self, aside: str) -> None:
        """
        Remove a file that was written aside.
        """
        try:
            self._directory.unlink(aside)
        except OSError:
            pass  # it is swept out later, where that is possible

    def remove(self, name: str) -> None:
        """
        Remove a file.

        @raise OSError: it cannot be removed.
        """
        self._directory.unlink(_path(name))

    def close(self) -> None:
        """
        Write no more.
        """
        try:
            os.rmdir(self._own_name, dir_fd=self._directory.descriptor)
        except OSError:
            pass  # something is being written still: it is swept out later
        os.close(self._own)


class BodyWriter:
    """
    A file that is being written.
    """

    def __init__(self, files: BodyFiles, aside: str, descriptor: int) -> None:
        self._files = files
        self._aside = aside
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        """
        Write a piece.

        @raise OSError: it cannot be written.
        """
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def finish(self, name: str, length: int) -> None:
        """
        The body is whole: put the file in its place.

        @param length: how many octets were written.
        @raise OSError: that is not possible; nothing is left of it.
        """
        try:
            self.write(_end(name, length))
            self._files.put(self._aside, name)
        except BaseException:
            self._files.discard(self._aside)
            raise
        finally:
            self._files.closed(self._descriptor)

    def discard(self) -> None:
        """
        Leave nothing of it.
        """
        self._files.closed(self._descriptor)
        self._files.discard(self._aside)


def _path(name: str) -> str:
    return f"{BODIES}/{name[:2]}/{name}"


def _end(name: str, length: int) -> bytes:
    """
    What stands behind a body.
    """
    return _END.pack(_MAGIC, bytes.fromhex(name), length)
