"""
The pipes that octets are moved through, kept from one use to the next.
"""

from __future__ import annotations

import fcntl
import os
from typing import Final, NamedTuple

SIZE: Final = 1 << 18
"""
In octets, where the system grants it.  A larger one is no faster, and of these as many
as there may be are what Linux lets a user have who is not root (pipe(7),
C{pipe-user-pages-soft}).
"""

LEAST_SIZE: Final = 1 << 16
"""
A pipe that is smaller is of no use.  The system gives such to users that have many.
"""

MOST_LENT: Final = 256
"""
So many pipes are in use at once at the most.
"""


class Pipe(NamedTuple):
    """
    @ivar exit: the descriptor to read from.
    @ivar entrance: the descriptor to write to.
    @ivar size: in octets.
    """

    exit: int
    entrance: int
    size: int

    def close(self) -> None:
        """
        Let go of both descriptors.
        """
        os.close(self.exit)
        os.close(self.entrance)


class Pipes:
    """
    Lends pipes, as many as there may be at once.

    @ivar _idle: empty ones, to be lent again.
    @ivar _lent: how many are in use.
    """

    def __init__(self, most: int = MOST_LENT, most_idle: int = 1) -> None:
        """
        @param most: how many may be in use at once.
        @param most_idle: how many are kept for later.  One serves all bodies that are
            there when they are moved; beside the others a new pipe costs nothing.
        """
        self._most = most
        self._most_idle = most_idle
        self._idle: list[Pipe] = []
        self._lent = 0

    def take(self) -> Pipe | None:
        """
        @return: an empty pipe; C{None} where there is none to be had.
        """
        if self._lent >= self._most:
            return None
        pipe = self._idle.pop() if self._idle else new_pipe()
        if pipe is not None:
            self._lent += 1
        return pipe

    def give_back(self, pipe: Pipe, empty: bool) -> None:
        """
        @param empty: whether nothing is left in it; octets of one connection must
            never come out at another.
        """
        self._lent -= 1
        if empty and len(self._idle) < self._most_idle:
            self._idle.append(pipe)
        else:
            pipe.close()


def new_pipe() -> Pipe | None:
    """
    @return: a pipe as large as can be, neither end of which ever blocks; C{None} where
        the process may have no more descriptors, or only a pipe that is too small.
    """
    try:
        exit_, entrance = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    pipe = Pipe(exit_, entrance, _enlarged(entrance))
    if pipe.size < LEAST_SIZE:
        pipe.close()
        return None
    return pipe


def _enlarged(entrance: int) -> int:
    """
    @return: the size that the system granted.
    """
    try:
        return fcntl.fcntl(entrance, fcntl.F_SETPIPE_SZ, SIZE)
    except OSError:
        return fcntl.fcntl(entrance, fcntl.F_GETPIPE_SZ)
