"""
Who uses a cache's directory, and whether the index in it can be trusted.

Nothing waits for the disk while the cache is in use.  What was written survives the end
of the process, however it ended, since the system has it; it does not survive the end of
the system, which may have written half of it.  So an index that was left open is not
trusted once the machine has started anew.  One that the last process has closed is: all
of it is on the disk then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from revproxy.components.stores.disk.directory import STATE, USERS, Directory, open_lock

VERSION: Final = b"1"
"""
Another one for each change of what is in the directory.
"""

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")

_CLOSED: Final = b"closed"


def boot_identity(path: Path = _BOOT) -> bytes:
    """
    @return: what differs each time that the machine has started; nothing where that is
        not to be had.
    """
    try:
        return path.read_bytes().strip()
    except OSError:
        return b""


class Tenancy:
    """
    One process's use of a directory.  Whoever calls has to see to it that one process at a
    time comes or goes.

    @ivar alone: whether nobody else used it when this process came.
    """

    def __init__(self, directory: Directory, boot: bytes) -> None:
        """
        @param boot: see L{boot_identity}.
        @raise OSError: the lock cannot be opened.
        """
        self._directory = directory
        self._boot = boot
        self._users = open_lock(directory, USERS)
        self.alone = False

    def enter(self) -> bool:
        """
        Begin to use the directory.

        @return: whether the index in it can be trusted.
        @raise OSError: what is needed cannot be written.
        """
        trusted = True
        self.alone = self._users.take()
        if self.alone:
            said = self._directory.read(STATE)
            trusted = said == self._state(_CLOSED) or (bool(self._boot) and said == self._state(self._boot))
            self._directory.replace(STATE, self._state(self._boot))
        self._users.take(shared=True)
        return trusted

    def leave(self, write_out: Callable[[], object]) -> None:
        """
        The index is not changed any more by this process.

        @param write_out: has the whole index written to the disk; called where nobody else
            uses it.
        @raise OSError: the directory's state cannot be written.
        """
        if self._users.take():
            write_out()
            self._directory.replace(STATE, self._state(_CLOSED))

    def close(self) -> None:
        """
        End the use of the directory.
        """
        self._users.close()

    def _state(self, said: bytes) -> bytes:
        return b"revproxy cache %b %b\n" % (VERSION, said)
