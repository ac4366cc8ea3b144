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

from twisted.internet.interfaces import IReactorFDSet

from revproxy.flow.splice.ends import Inlet
from revproxy.flow.splice.pipes import Pipe
from revproxy.flow.splice.watched import Watched
from revproxy.interfaces import IOutlet

ENDLESS: Final = sys.maxsize
"""
Octets without a bound: all that come.
"""

_NONBLOCK = getattr(os, "SPLICE_F_NONBLOCK", 0)


class Pump:
    """
    Moves octets until it is told to stop, or all were moved, or no more come.

    @ivar _left: how many octets are to be taken from the source yet.
    @ivar _held: how many are in the pipe.
    @ivar _over: whether nothing will be moved any more.
    """

    __slots__ = (
        "_gave_back", "_held", "_inlet", "_left", "_outlet", "_over", "_pipe", "_reactor", "_sink", "_source",
    )  # fmt: skip

    def __init__(
        self,
        reactor: IReactorFDSet,
        pipe: Pipe,
        give_back: Callable[[Pipe, bool], None],
        inlet: Inlet,
        outlet: IOutlet,
        octets: int,
    ) -> None:
        """
        @param give_back: called once with the pipe, and whether it is empty.
        @param octets: how many are to be moved, or L{ENDLESS}.
        @raise OSError: the process may have no more descriptors.
        """
        source = inlet.descriptor()
        try:
            sink = outlet.descriptor()
        except OSError:
            os.close(source)
            raise
        self._reactor = reactor
        self._pipe = pipe
        self._gave_back = give_back
        self._inlet = inlet
        self._outlet = outlet
        self._left = octets
        self._held = 0
        self._over = False
        self._source = Watched(source, self._come)
        self._sink = Watched(sink, self._room)

    def start(self) -> None:
        """
        Begin; what was written to the sink's transport goes before.
        """
        if self._outlet.unsent():
            self._wait()
        else:
            self._reactor.addReader(self._source)

    def stop(self) -> None:
        """
        Move nothing any more; what is in the pipe is lost.
        """
        if self._over:
            return
        self._over = True
        for watched in (self._source, self._sink):
            self._reactor.removeReader(watched)
            self._reactor.removeWriter(watched)
            os.close(watched.descriptor)
        self._gave_back(self._pipe, not self._held)

    def surrender(self) -> bytes:
        """
        Move nothing any more.

        @return: what is in the pipe.
        """
        held, data = self._held, b""
        while len(data) < held and not self._over:
            data += os.read(self._pipe.exit, held - len(data))
        self._held -= len(data)
        self.stop()
        return data

    def _come(self) -> None:
        """
        The source has something, and the pipe is empty.
        """
        if self._over:
            return
        try:
            came = os.splice(
                self._source.descriptor,
                self._pipe.entrance,
                min(self._left, self._pipe.size),
                flags=_NONBLOCK,
            )
        except BlockingIOError:
            return
        except OSError:
            self._break(self._inlet.broken)
            return
        self._left -= came
        self._held = came
        if came:
            self._give()
            self._inlet.moved(came)
            if self._held and not self._over:
                self._wait()
        if not ((came and self._left) or self._held):
            self._release()

    def _room(self) -> None:
        """
        The sink takes more.  Its transport may have something that goes before; both
        wait for the same, so this is looked at again.
        """
        if self._over or self._outlet.unsent():
            return
        moved = not self._held or self._give()
        if self._over or not moved:
            return
        self._outlet.has_room()
        if self._held:
            self._outlet.full()
            return
        self._reactor.removeWriter(self._sink)
        if self._left:
            self._reactor.addReader(self._source)
        else:
            self._release()

    def _give(self) -> int:
        """
        @return: how many octets the sink took.
        """
        try:
            gave = os.splice(self._pipe.exit, self._sink.descriptor, self._held, flags=_NONBLOCK)
        except BlockingIOError:
            return 0
        except OSError:
            self._break(self._outlet.broken)
            return 0
        self._held -= gave
        self._outlet.moved(gave)
        return gave

    def _wait(self) -> None:
        """
        Go on when the sink takes more.
        """
        self._reactor.removeReader(self._source)
        self._reactor.addWriter(self._sink)
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
