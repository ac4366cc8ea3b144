"""
Whether octets can be moved from socket to socket, and by what.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, Final, cast

from twisted.internet.interfaces import IReactorFDSet

from revproxy.compiled import mypyc_attr
from revproxy.flow.splice.ends import Inlet, Outlet
from revproxy.flow.splice.pipes import Pipe, Pipes
from revproxy.flow.splice.pump import Pump
from revproxy.flow.splice.sockets import has_unread, read_little, unsent_question
from revproxy.flow.splice.watch import IWatchingReactor, watches_by
from revproxy.flow.transport import IStreamTransport
from revproxy.interfaces import IOutlet

WORTH_MOVING: Final = 65536
"""
So many octets have to be left of a body before moving them costs less than reading
and writing them.
"""

MUCH: Final = 2 * WORTH_MOVING
"""
So many octets at once are more than would be read of a body that is to be moved: the
processor's cache does not keep them on their way through the process.
"""


@mypyc_attr(allow_interpreted_subclasses=True)
class Splicer:
    """
    Joins pairs of connections.
    """

    def __init__(self, reactor: IWatchingReactor, pipes: Pipes) -> None:
        """
        @param reactor: the one that runs the connections.
        """
        self._reactor = reactor
        self._pipes = pipes
        self._watches = watches_by(reactor)

    def outlet(
        self,
        transport: IStreamTransport,
        full: Callable[[], None],
        has_room: Callable[[], None],
        moved: Callable[[int], None],
    ) -> Outlet | None:
        """
        @param full: called when the socket takes no more.
        @param has_room: called when it has taken something since.
        @param moved: called with how many octets it took, each time.
        @return: where octets go out by that transport; C{None} where it is no plain
            socket.
        """
        unsent = unsent_question(transport)
        if unsent is None:
            return None
        room = self._watches.writable
        return Outlet(self._reactor, room, transport, unsent, full, has_room, moved)

    def move(
        self,
        transport: IStreamTransport,
        outlet: IOutlet,
        octets: int,
        moved: Callable[[int], None],
        released: Callable[[], None],
    ) -> Pump | None:
        """
        Prepare to move what comes at a transport's socket.  As long as it takes, the
        transport reads nothing; then it reads little at a time, so that more is left
        of the next body.

        @param octets: how many, or C{ENDLESS}.
        @param moved: called with how many octets came, each time.
        @param released: called when the transport may read again.
        @return: what moves them, once it is started; C{None} where it is not possible.
        """
        if unsent_question(transport) is None:
            return None
        read_little(transport)
        inlet = Inlet(transport, moved, released)
        return Pump(self._reactor, self._watches, self._pipes, inlet, outlet, octets)

    def read_little(self, transport: IStreamTransport) -> None:
        """
        Leave more of the next body to be moved.
        """
        read_little(transport)

    def has_unread(self, transport: IStreamTransport) -> bool:
        """
        Whether octets have come at a transport's socket that nobody has read.
        """
        return has_unread(transport)


def splicer_for(reactor: Any) -> Splicer | None:
    """
    @return: C{None} where the reactor watches no descriptors, or the system does not
        splice sockets.
    """
    pipes = Pipes()
    if not IReactorFDSet.providedBy(reactor) or not system_splices(pipes):
        return None
    return Splicer(cast(Any, reactor), pipes)


def system_splices(pipes: Pipes) -> bool:
    """
    Try it: kernels, and what stands in their place in some containers, know better
    than any list of them.

    @param pipes: where a pipe is, so that it is there later, too.
    """
    pipe = pipes.take() if hasattr(os, "splice") else None
    if pipe is None:
        return False
    moved = _moves(pipe)
    pipes.give_back(pipe, moved)
    return moved


def _moves(pipe: Pipe) -> bool:
    """
    Send an octet to a socket, through the pipe, and back.
    """
    left, right = socket.socketpair()
    try:
        right.send(b"x")
        os.splice(left.fileno(), pipe.entrance, 1)
        os.splice(pipe.exit, left.fileno(), 1)
        return right.recv(1) == b"x"
    except OSError:
        return False
    finally:
        left.close()
        right.close()
