"""
Waiting for sockets that are somebody else's.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Final, NamedTuple

from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

_MOST_AT_ONCE: Final = 64


class IWatchingReactor(IReactorFDSet, IReactorTime):
    """
    A reactor that watches descriptors, as those of POSIX systems do.
    """


@implementer(IReadDescriptor)
class Watch:
    """
    Tells when sockets are ready.

    Reactors watch a descriptor once, and these they watch already, for the connections.
    So they are in an epoll(7) instance of our own, which the reactor watches in their
    place.  There the system forgets a socket that is closed, and nothing is told of
    another that gets its number.

    @ivar _waiting: what to call, by the sockets' descriptors.
    @ivar _watched: whether the reactor was asked to watch us.
    """

    _log = Logger()

    def __init__(self, reactor: IWatchingReactor, events: int) -> None:
        """
        @param events: what is waited for, C{select.EPOLLIN} or C{select.EPOLLOUT}.
        """
        self._reactor = reactor
        self._events = events
        self._epoll = select.epoll()
        self._waiting: dict[int, Callable[[], None]] = {}
        self._watched = False

    def add(self, descriptor: int, ready: Callable[[], None]) -> None:
        """
        @param ready: called as long as the socket is ready, or something is wrong with
            it, which shows then.
        @raise OSError: the system does not watch it.
        @raise ValueError: there is no such descriptor, or the reactor has stopped.
        """
        if not self._watched:
            self._watched = True
            self._reactor.addReader(self)
        self._epoll.register(descriptor, self._events)
        self._waiting[descriptor] = ready

    def remove(self, descriptor: int, ready: Callable[[], None]) -> None:
        """
        Undo L{add}.  The socket may be closed, and its number another's.
        """
        if self._waiting.get(descriptor) == ready:
            del self._waiting[descriptor]
            try:
                self._epoll.unregister(descriptor)
            except (OSError, ValueError):
                return

    def fileno(self) -> int:
        """
        Implement L{IReadDescriptor}.
        """
        return self._epoll.fileno()

    def doRead(self) -> None:
        """
        Implement L{IReadDescriptor}.
        """
        for descriptor, _ in self._epoll.poll(0, _MOST_AT_ONCE):
            ready = self._waiting.get(descriptor)
            if ready is not None:
                self._call(descriptor, ready)

    def _call(self, descriptor: int, ready: Callable[[], None]) -> None:
        """
        Who fails is not called again; the others are.
        """
        try:
            ready()
        except Exception:
            self._log.failure("Unhandled Error")
            self.remove(descriptor, ready)

    def connectionLost(self, reason: Failure) -> None:
        """
        Implement L{IReadDescriptor}: the reactor has stopped, so nothing is waited for
        any more.
        """
        self._epoll.close()

    def logPrefix(self) -> str:
        """
        Implement L{ILoggingContext}.
        """
        return "splice"


class Watches(NamedTuple):
    """
    @ivar readable: tells when sockets have something to be read.
    @ivar writable: tells when they have room for something to be written.
    """

    readable: Watch
    writable: Watch


def watches_by(reactor: IWatchingReactor) -> Watches:
    """
    @return: what is told by that reactor.
    """
    return Watches(Watch(reactor, select.EPOLLIN), Watch(reactor, select.EPOLLOUT))
