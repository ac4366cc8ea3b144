"""
A descriptor that the reactor watches for us.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadWriteDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer


class IWatchingReactor(IReactorFDSet, IReactorTime):
    """
    A reactor that watches descriptors, as those of POSIX systems do.
    """


@implementer(IReadWriteDescriptor)
class Watched:
    """
    Calls back when there is something to be done.

    @ivar descriptor: its number.
    """

    __slots__ = ("_ready", "descriptor")

    def __init__(self, descriptor: int, ready: Callable[[], None]) -> None:
        """
        @param ready: called when the descriptor can be read or written, as the reactor
            was asked for, or when something is wrong with it, which shows then.
        """
        self.descriptor = descriptor
        self._ready = ready

    def fileno(self) -> int:
        """
        Implement L{IReadWriteDescriptor}.
        """
        return self.descriptor

    def doRead(self) -> None:
        """
        Implement L{IReadWriteDescriptor}.
        """
        self._ready()

    def doWrite(self) -> None:
        """
        Implement L{IReadWriteDescriptor}.
        """
        self._ready()

    def connectionLost(self, reason: Failure) -> None:
        """
        Implement L{IReadWriteDescriptor}: the reactor watches it no more.
        """
        self._ready()

    def logPrefix(self) -> str:
        """
        Implement L{ILoggingContext}.
        """
        return "splice"
