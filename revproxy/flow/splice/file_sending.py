"""
Sending what is in a file to a socket, past the process: sendfile(2).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import classImplements

from revproxy.flow.splice.watch import Watch
from revproxy.interfaces import IFileSending, IOutlet

AT_ONCE: Final = 1 << 19
"""
So many octets are sent, and then others have their turn.
"""


class FileSending:
    """
    Sends a part of a file, as fast as the socket takes it.

    @ivar _offset: the next octet of the file.
    @ivar _left: how many octets are to be sent yet.
    @ivar _begins: whether L{start} has not returned.
    @ivar _over: whether nothing will be sent any more.
    @ivar _call: goes on in the reactor's next turn.
    @ivar _waits_at: the descriptor where we wait for room; -1 as long as we do not.
    """

    __slots__ = (
        "_begins", "_call", "_file", "_left", "_offset", "_outlet", "_over", "_reactor", "_room", "_tell",
        "_waits_at",
    )  # fmt: skip

    def __init__(
        self,
        reactor: IReactorTime,
        room: Watch,
        outlet: IOutlet,
        file: int,
        offset: int,
        octets: int,
        tell: Callable[[bool], None],
    ) -> None:
        """
        @param room: tells when the socket has room.
        @param file: the file's descriptor, which stays open until we are over.
        @param tell: called with whether all was sent, once nothing more will be.
        """
        self._reactor = reactor
        self._room = room
        self._outlet = outlet
        self._file = file
        self._offset = offset
        self._left = octets
        self._tell = tell
        self._begins = False
        self._over = False
        self._call: IDelayedCall | None = None
        self._waits_at = -1

    def start(self) -> None:
        """
        Begin; what was written before goes before, and may leave by the end of the turn.
        """
        if self._outlet.unsent():
            self._call_later()
        else:
            self._begins = True
            self._send()
            self._begins = False

    def stop(self) -> None:
        """
        Implement L{IFileSending.stop}.
        """
        self._over = True
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self._wait_no_more()

    def _call_later(self) -> None:
        self._call = self._reactor.callLater(0, self._called)

    def _called(self) -> None:
        self._call = None
        if self._outlet.unsent():
            self._wait()
        else:
            self._send()

    def _has_room(self) -> None:
        """
        The socket takes more.  Its transport may have something that goes before; both wait
        for the same, so this is looked at again.
        """
        if not self._outlet.unsent():
            self._outlet.has_room()
            self._wait_no_more()
            self._send()

    def _send(self) -> None:
        try:
            sent = os.sendfile(self._outlet.descriptor(), self._file, self._offset, min(self._left, AT_ONCE))
        except BlockingIOError:
            self._wait()
            return
        except OSError:
            self.stop()
            self._outlet.broken()
            return
        self._offset += sent
        self._left -= sent
        self._outlet.moved(sent)
        if self._over:
            return
        if not (sent and self._left):
            self._end(not self._left)
        elif sent == AT_ONCE:
            self._call_later()
        else:
            self._wait()

    def _wait(self) -> None:
        descriptor = self._outlet.descriptor()
        try:
            self._room.add(descriptor, self._has_room)
        except (OSError, ValueError):
            self._end(False)
        else:
            self._waits_at = descriptor
            self._outlet.full()

    def _wait_no_more(self) -> None:
        descriptor, self._waits_at = self._waits_at, -1
        if descriptor >= 0:
            self._room.remove(descriptor, self._has_room)

    def _end(self, whole: bool) -> None:
        """
        Tell that we are over; not before whoever began it knows that it has begun.
        """
        self.stop()
        if self._begins:
            self._call = self._reactor.callLater(0, self._tell_later, whole)
        else:
            self._tell(whole)

    def _tell_later(self, whole: bool) -> None:
        self._call = None
        self._tell(whole)


classImplements(FileSending, IFileSending)
