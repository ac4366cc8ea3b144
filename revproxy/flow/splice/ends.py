"""
The two connections that octets are moved between.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from zope.interface import classImplements

from revproxy.compiled import mypyc_attr
from revproxy.flow.splice.file_sending import FileSending
from revproxy.flow.splice.sockets import descriptor_of
from revproxy.flow.splice.watch import Watch
from revproxy.flow.transport import IStreamTransport
from revproxy.interfaces import IFileSending, IOutlet


@mypyc_attr(allow_interpreted_subclasses=True)
class Inlet:
    """
    Where octets come from.

    @ivar moved: called with how many octets were taken from the socket.
    @ivar released: called when all were moved that were to be, or no more come: the
        transport may read again.
    """

    __slots__ = ("_transport", "moved", "released")

    def __init__(
        self,
        transport: IStreamTransport,
        moved: Callable[[int], None],
        released: Callable[[], None],
    ) -> None:
        self._transport = transport
        self.moved = moved
        self.released = released

    def descriptor(self) -> int:
        """
        @return: the socket's descriptor at this moment; -1 after the connection's end.
        """
        return descriptor_of(self._transport)

    def pause(self) -> None:
        """
        Have the transport read nothing for a while.
        """
        self._transport.pauseProducing()

    def broken(self) -> None:
        """
        The socket cannot be read.
        """
        self._transport.abortConnection()


class Outlet:
    """
    Where octets go.
    """

    __slots__ = ("_full", "_has_room", "_moved", "_reactor", "_room", "_transport", "_unsent")

    def __init__(
        self,
        reactor: IReactorTime,
        room: Watch,
        transport: IStreamTransport,
        unsent: Callable[[], object],
        full: Callable[[], None],
        has_room: Callable[[], None],
        moved: Callable[[int], None],
    ) -> None:
        """
        @param room: tells when the socket has room.
        @param unsent: see L{IOutlet.unsent}, and so with the others.
        """
        self._reactor = reactor
        self._room = room
        self._transport = transport
        self._unsent = unsent
        self._full = full
        self._has_room = has_room
        self._moved = moved

    def descriptor(self) -> int:
        """
        Implement L{IOutlet.descriptor}.
        """
        return descriptor_of(self._transport)

    def unsent(self) -> object:
        """
        Implement L{IOutlet.unsent}.
        """
        return self._unsent()

    def moved(self, octets: int) -> None:
        """
        Implement L{IOutlet.moved}.
        """
        self._moved(octets)

    def write(self, data: bytes) -> None:
        """
        Implement L{IOutlet.write}.
        """
        self._transport.write(data)

    def send_file(self, file: int, offset: int, octets: int, tell: Callable[[bool], None]) -> IFileSending:
        """
        Implement L{IOutlet.send_file}.
        """
        sending = FileSending(self._reactor, self._room, self, file, offset, octets, tell)
        sending.start()
        return sending

    def full(self) -> None:
        """
        Implement L{IOutlet.full}.
        """
        self._full()

    def has_room(self) -> None:
        """
        Implement L{IOutlet.has_room}.
        """
        self._has_room()

    def broken(self) -> None:
        """
        Implement L{IOutlet.broken}.
        """
        self._transport.abortConnection()


classImplements(Outlet, IOutlet)
