"""
The directory that a cache on disk has for itself.

Several processes share it.  What is in there may be thrown away at any time, but never
by mistake: a directory that has anything else in it, or that others can write to, is
refused.
"""

from __future__ import annotations

import os
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import Final

from revproxy.errors import RevproxyError

INDEX: Final = "index"
STATE: Final = "state"
MARKS: Final = "marks"
BODIES: Final = "bodies"
ASIDE: Final = "aside"
GATE: Final = "gate"
USERS: Final = "users"
WRITER: Final = "writer"
SWEEPER: Final = "sweeper"

_OURS: Final = frozenset(
    (INDEX, f"{INDEX}-lock", STATE, f"{STATE}.new", MARKS, BODIES, ASIDE, GATE, USERS, WRITER, SWEEPER)
)
_LET_BE: Final = frozenset(("lost+found",))

_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class DirectoryRefused(RevproxyError):
    """
    A directory cannot be used for a cache; the message says why.
    """


class DirectoryBusy(DirectoryRefused):
    """
    Another process is opening or closing the cache in a directory, which takes no time worth
    naming.
    """


class Directory:
    """
    An open directory: what is done in it is done there, whatever becomes of its name.

    @ivar identity: tells it from all others of the machine.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        status = os.fstat(descriptor)
        self.identity = (status.st_dev, status.st_ino)

    def close(self) -> None:
        """
        Close the directory.
        """
        os.close(self.descriptor)
        self.descriptor = -1

    def make(self, name: str) -> None:
        """
        Make a directory in it, unless it is there.

        @raise OSError: it cannot be made.
        """
        try:
            os.mkdir(name, 0o700, dir_fd=self.descriptor)
        except FileExistsError:
            pass

    def file(self, name: str, flags: int) -> int:
        """
        Open a file in it, for its owner alone.

        @return: its descriptor.
        @raise OSError: it cannot be opened.
        """
        return os.open(name, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=self.descriptor)

    def directory(self, name: str) -> int:
        """
        Open a directory in it.

        @return: its descriptor.
        @raise OSError: it cannot be opened.
        """
        return os.open(name, _FLAGS, dir_fd=self.descriptor)

    def list(self, name: str) -> list[str]:
        """
        @return: what is in a directory in it.
        @raise OSError: it cannot be read.
        """
        descriptor = self.directory(name)
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)

    def unlink(self, name: str) -> bool:
        """
        Remove a file in it.

        @return: whether it was there.
        @raise OSError: it cannot be removed.
        """
        try:
            os.unlink(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            return False
        return True

    def read(self, name: str) -> bytes:
        """
        @return: what a small file in it holds; nothing where there is none.
        @raise OSError: it cannot be read.
        """
        try:
            descriptor = self.file(name, os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            return os.read(descriptor, 4096)
        finally:
            os.close(descriptor)

    def replace(self, name: str, content: bytes) -> None:
        """
        Write a small file so that a power failure leaves what it held before or what it
        holds now.

        @raise OSError: it cannot be written.
        """
        descriptor = self.file(f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        here = self.descriptor
        os.replace(f"{name}.new", name, src_dir_fd=here, dst_dir_fd=here)
        os.fsync(here)


class Lock:
    """
    A lock that other processes see.  A process that dies lets go of it.
    """

    def __init__(self, descriptor: int) -> None:
        """
        @param descriptor: of an open file, which is closed with the lock.
        """
        self._descriptor = descriptor

    def take(self, shared: bool = False) -> bool:
        """
        @return: whether it was to be had at once.
        """
        try:
            flock(self._descriptor, (LOCK_SH if shared else LOCK_EX) | LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_go(self) -> None:
        """
        Let another take it.
        """
        flock(self._descriptor, LOCK_UN)

    def close(self) -> None:
        """
        Let go of it for good.
        """
        os.close(self._descriptor)


def open_lock(directory: Directory, name: str) -> Lock:
    """
    @return: the lock of a name, which nobody has taken by that.
    @raise OSError: it cannot be opened.
    """
    return Lock(directory.file(name, os.O_RDWR | os.O_CREAT))


def open_directory(path: Path) -> Directory:
    """
    Open the directory of a cache, which is made where there is none.

    @raise DirectoryRefused: it is not for us.
    @raise OSError: it cannot be made or opened.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    if path.is_symlink():
        raise DirectoryRefused(f"{path} is a symbolic link")
    directory = Directory(path, os.open(path, _FLAGS))
    try:
        _check(directory)
    except BaseException:
        directory.close()
        raise
    return directory


def _check(directory: Directory) -> None:
    """
    @raise DirectoryRefused: it is not for us.
    """
    status = os.fstat(directory.descriptor)
    if status.st_uid != os.geteuid():
        raise DirectoryRefused(f"{directory.path} belongs to another user")
    if status.st_mode & 0o077:
        raise DirectoryRefused(f"{directory.path} can be used by others: chmod 700 it")
    strange = sorted(set(os.listdir(directory.descriptor)) - _OURS - _LET_BE)
    if strange:
        raise DirectoryRefused(f"{directory.path} is not a cache's alone: there is {strange[0]}")
