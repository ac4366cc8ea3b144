"""
Moving octets from one socket to another: into a pipe, and out of it at once.

Each time that octets have come the pump takes one pipe-full at most, so that others
have their turn.  What the sink does not take stays in the pipe; nothing more is taken
from the source before the pipe is empty again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall

from revproxy.flow.splice.ends import Inlet
from revproxy.flow.splice.pipes import Pipe
from revproxy.flow.splice.watched import IWatchingReactor, Watched
from revproxy.interfaces import IOutlet

ENDLESS: Final = sys.maxsize
"""
Octets without a bound: all that come.
"""

_NONBLOCK = getattr(os, "SPLICE_F_NONBLOCK", 0)


class Pump:
    """
    Moves octets until it is told to stop, or all were moved, or no more come.

    What it can do at once it does with the connections' own descriptors.  To wait, be it
    for the end of the turn, it needs others for the same sockets: reactors watch a
    descriptor once, and theirs close when they like, whereupon the number may be another
    connection's.

    @ivar _left: how many octets are to be taken from the source yet.
    @ivar _held: how many are in the pipe.
    @ivar _over: whether nothing will be moved any more.
    @ivar _call: begins to move.
    @ivar _watched: the source and the sink, once there is something to wait for.
    """

    __slots__ = (
        "_call", "_give_back", "_held", "_inlet", "_left", "_outlet", "_over", "_pipe", "_reactor", "_sink",
        "_source", "_watched",
    )  # fmt: skip

    def __init__(
        self,
        reactor: IWatchingReactor,
        pipe: Pipe,
        give_back: Callable[[Pipe, bool], None],
        inlet: Inlet,
        outlet: IOutlet,
        octets: int,
    ) -> None:
        """
        @param give_back: called once with the pipe, and whether it is empty.
        @param octets: how many are to be moved, or L{ENDLESS}.
        """
        self._reactor = reactor
        self._pipe = pipe
        self._give_back = give_back
        self._inlet = inlet
        self._outlet = outlet
        self._left = octets
        self._held = 0
        self._over = False
        self._source = inlet.descriptor()
        self._sink = outlet.descriptor()
        self._call: IDelayedCall | None = None
        self._watched: tuple[Watched, Watched] | None = None

    def start(self) -> None:
        """
        Begin; what was written to the sink's transport goes before, and may leave by
        the end of the turn.
        """
        if not self._outlet.unsent():
            self._begin()
        elif self._prepare_to_wait() is not None:
            self._call = self._reactor.callLater(0, self._begin)

    def _begin(self) -> None:
        self._call = None
        ready = not self._outlet.unsent()
        if ready:
            self._round()
        if self._over:
            return
        watched = self._watched or self._prepare_to_wait()
        if watched is None:
            return
        if ready and not self._held:
            self._reactor.addReader(watched[0])
        else:
            self._wait(*watched)

    def _prepare_to_wait(self) -> tuple[Watched, Watched] | None:
        """
        Go on by descriptors of our own, while the transport reads nothing.

        @return: the source and the sink; C{None} where there are no descriptors to be
            had, and so nothing is moved any more.
        """
        watched = self._watched = self._to_be_watched()
        if watched is None:
            self.surrender()
            self._inlet.released()
            return None
        self._source, self._sink = watched[0].descriptor, watched[1].descriptor
        self._inlet.pause()
        return watched

    def stop(self) -> None:
        """
        Move nothing any more; what is in the pipe is lost.
        """
        if self._over:
            return
        self._over = True
        if self._call is not None:
            self._call.cancel()
        for watched in self._watched or ():
            self._reactor.removeReader(watched)
            self._reactor.removeWriter(watched)
            os.close(watched.descriptor)
        self._give_back(self._pipe, not self._held)

    def surrender(self) -> None:
        """
        Move nothing any more; what is in the pipe goes out as if it had been written.
        """
        while self._held and not self._over:
            data = os.read(self._pipe.exit, self._held)
            self._held -= len(data)
            self._outlet.write(data)
            self._outlet.moved(len(data))
        self.stop()

    def _to_be_watched(self) -> tuple[Watched, Watched] | None:
        """
        @return: the source and the sink, by descriptors of our own; C{None} where the
            process may have no more.
        """
        try:
            source = os.dup(self._source)
        except OSError:
            return None
        try:
            sink = os.dup(self._sink)
        except OSError:
            os.close(source)
            return None
        return Watched(source, self._come), Watched(sink, self._room)

    def _come(self) -> None:
        """
        The source has something, and the pipe is empty.
        """
        if self._over or self._watched is None:
            return
        self._round()
        if self._held and not self._over:
            self._wait(*self._watched)

    def _round(self) -> None:
        """
        Take what the source has, and give it to the sink.
        """
        try:
            came = os.splice(
                self._source, self._pipe.entrance, min(self._left, self._pipe.size), flags=_NONBLOCK
            )
        except BlockingIOError:
            return
        except OSError:
            self._break(self._inlet.broken)
            return
        if not came:
            self._release()
            return
        self._left -= came
        self._held = came
        self._give()
        self._inlet.moved(came)
        if not (self._left or self._held):
            self._release()

    def _room(self) -> None:
        """
        The sink takes more.  Its transport may have something that goes before; both
        wait for the same, so this is looked at again.
        """
        if self._over or self._watched is None or self._outlet.unsent():
            return
        if self._held and not self._give():
            return
        self._outlet.has_room()
        if self._held:
            self._outlet.full()
            return
        if self._over:
            return
        source, sink = self._watched
        self._reactor.removeWriter(sink)
        if self._left:
            self._reactor.addReader(source)
        else:
            self._release()

    def _give(self) -> int:
        """
        @return: how many octets the sink took.
        """
        try:
            gave = os.splice(self._pipe.exit, self._sink, self._held, flags=_NONBLOCK)
        except BlockingIOError:
            return 0
        except OSError:
            self._break(self._outlet.broken)
            return 0
        self._held -= gave
        self._outlet.moved(gave)
        return gave

    def _wait(self, source: Watched, sink: Watched) -> None:
        """
        Go on when the sink takes more.
        """
        self._reactor.removeReader(source)
        self._reactor.addWriter(sink)
        self._outlet.full()

    def _break(self, tell: Callable[[], None]) -> None:
        self.stop()
        tell()

    def _release(self) -> None:
        """
        The source may be read as ever again.
        """
        if not self._over:
            self.stop()
            self._inlet.released()
