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

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.compiled import mypyc_attr
from revproxy.flow.splice.ends import Inlet
from revproxy.flow.splice.pipes import Pipe, Pipes
from revproxy.flow.splice.watch import Watch, Watches
from revproxy.interfaces import IOutlet

ENDLESS: Final = sys.maxsize
"""
Octets without a bound: all that come.
"""

_NONBLOCK = getattr(os, "SPLICE_F_NONBLOCK", 0)


@mypyc_attr(allow_interpreted_subclasses=True)
class Pump:
    """
    Moves octets until it is told to stop, or all were moved, or no more come.

    The sockets are the connections'.  These close when they like, whereupon a
    descriptor's number may be another connection's; so they are asked for it each time.

    @ivar _left: how many octets are to be taken from the source yet.
    @ivar _pipe: what holds octets; C{None} as long as there are none.
    @ivar _held: how many are in the pipe.
    @ivar _over: whether nothing will be moved any more.
    @ivar _call: begins to move.
    @ivar _waiting: where we wait, by which descriptor, and what is called then; C{None}
        as long as there is nothing to wait for.
    """

    __slots__ = (
        "_call", "_held", "_inlet", "_left", "_outlet", "_over", "_pipe", "_pipes", "_reactor", "_waiting",
        "_watches",
    )  # fmt: skip

    def __init__(
        self,
        reactor: IReactorTime,
        watches: Watches,
        pipes: Pipes,
        inlet: Inlet,
        outlet: IOutlet,
        octets: int,
    ) -> None:
        """
        @param watches: tell when there is something to be done.
        @param octets: how many are to be moved, or L{ENDLESS}.
        """
        self._reactor = reactor
        self._watches = watches
        self._pipes = pipes
        self._inlet = inlet
        self._outlet = outlet
        self._left = octets
        self._pipe: Pipe | None = None
        self._held = 0
        self._over = False
        self._call: IDelayedCall | None = None
        self._waiting: tuple[Watch, int, Callable[[], None]] | None = None

    def start(self) -> None:
        """
        Begin; what was written to the sink's transport goes before, and may leave by
        the end of the turn.
        """
        if self._outlet.unsent():
            self._inlet.pause()
            self._call = self._reactor.callLater(0, self._begin)
        else:
            self._begin()

    def _begin(self) -> None:
        self._call = None
        ready = not self._outlet.unsent()
        if ready:
            self._take()
        if self._over:
            return
        self._inlet.pause()
        if ready and not self._held:
            self._await_source()
        else:
            self._await_room()

    def stop(self) -> None:
        """
        Move nothing any more; what is in the pipe is lost.
        """
        if self._over:
            return
        self._over = True
        if self._call is not None:
            self._call.cancel()
        self._wait_no_more()
        self._return_pipe()

    def surrender(self) -> None:
        """
        Move nothing any more; what is in the pipe goes out as if it had been written.
        """
        while self._pipe is not None and not self._over:
            data = os.read(self._pipe.exit, self._held)
            self._held -= len(data)
            self._outlet.write(data)
            self._outlet.moved(len(data))
            if not self._held:
                self._return_pipe()
        self.stop()

    def _come(self) -> None:
        """
        The source has something, and nothing is held.
        """
        self._take()
        if self._held and not self._over:
            self._await_room()

    def _room(self) -> None:
        """
        The sink takes more.  Its transport may have something that goes before; both
        wait for the same, so this is looked at again.
        """
        if self._outlet.unsent() or (self._held and not self._give()):
            return
        self._outlet.has_room()
        if self._held:
            self._outlet.full()
        elif self._left:
            self._await_source()
        else:
            self._release()

    def _take(self) -> None:
        """
        Take what the source has, and give it to the sink.
        """
        pipe = self._pipe = self._pipes.take()
        if pipe is None:
            self._give_up()
            return
        try:
            came = os.splice(
                self._inlet.descriptor(), pipe.entrance, min(self._left, pipe.size), flags=_NONBLOCK
            )
        except BlockingIOError:
            self._return_pipe()
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

    def _give(self) -> int:
        """
        @return: how many octets the sink took.
        """
        assert self._pipe is not None
        try:
            gave = os.splice(self._pipe.exit, self._outlet.descriptor(), self._held, flags=_NONBLOCK)
        except BlockingIOError:
            return 0
        except OSError:
            self._break(self._outlet.broken)
            return 0
        self._held -= gave
        if not self._held:
            self._return_pipe()
        self._outlet.moved(gave)
        return gave

    def _return_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self._pipes.give_back(pipe, not self._held)

    def _await_source(self) -> None:
        self._wait(self._watches.readable, self._inlet.descriptor(), self._come)

    def _await_room(self) -> None:
        self._wait(self._watches.writable, self._outlet.descriptor(), self._room)
        if not self._over:
            self._outlet.full()

    def _wait(self, watch: Watch, descriptor: int, ready: Callable[[], None]) -> None:
        """
        Wait for this and nothing else.
        """
        if self._over:
            return
        self._wait_no_more()
        try:
            watch.add(descriptor, ready)
        except (OSError, ValueError):
            self._give_up()
        else:
            self._waiting = watch, descriptor, ready

    def _wait_no_more(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            watch, descriptor, ready = waiting
            watch.remove(descriptor, ready)

    def _break(self, tell: Callable[[], None]) -> None:
        self.stop()
        tell()

    def _give_up(self) -> None:
        """
        Leave it to the transport to read and write the rest.
        """
        self.surrender()
        self._inlet.released()

    def _release(self) -> None:
        """
        The source may be read as ever again.
        """
        if not self._over:
            self.stop()
            self._inlet.released()
