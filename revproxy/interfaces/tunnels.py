"""
How octets go past the protocols, or through once a connection has left HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Interface

if TYPE_CHECKING:
    from collections.abc import Callable


class IFileSending(Interface):
    """
    A part of a file on its way to a socket.
    """

    def stop() -> None:
        """
        Send no more of it; nobody is told.
        """


class IOutlet(Interface):
    """
    Where octets can go out past the protocol that writes there: a plain socket.
    """

    def descriptor() -> int:
        """
        @return: the socket's descriptor at this moment, which closes with the connection;
            -1 after that.
        """

    def unsent() -> object:
        """
        @return: something true as long as octets wait that were written before.
        """

    def moved(octets: int) -> None:
        """
        The socket took so many.
        """

    def write(data: bytes) -> None:
        """
        Send what cannot be moved.
        """

    def send_file(file: int, offset: int, octets: int, tell: Callable[[bool], None]) -> IFileSending:
        """
        Send a part of a file, behind what was written before.

        @param file: the file's descriptor, which stays open until all is sent or L{IFileSending}
            is stopped.
        @param offset: the first octet, counted from 0.
        @param tell: called later with whether all was sent, unless the connection ends before.
        """

    def full() -> None:
        """
        The socket takes no more for now.
        """

    def has_room() -> None:
        """
        The socket, which was full, has taken something.
        """

    def broken() -> None:
        """
        The socket will never take any more.
        """


class ITunnelEnd(Interface):
    """
    A connection that has left HTTP: bytes go through as they come.
    """

    def join(other: ITunnelEnd) -> None:
        """
        Give all bytes that come here to C{other}, those that came already first.
        """

    def tunnel_write(data: bytes) -> None:
        """
        Send bytes.
        """

    def tunnel_outlet() -> IOutlet | None:
        """
        Bytes could be moved from socket to socket.

        @return: where to; C{None} where they have to be given to L{tunnel_write}.
        """

    def tunnel_finish() -> None:
        """
        No more bytes will be sent: close this direction.
        """

    def tunnel_close() -> None:
        """
        The other end is gone: send what was written, and close both directions.
        """

    def tunnel_abort() -> None:
        """
        Close both directions at once.
        """

    def tunnel_pause() -> None:
        """
        Read no more.
        """

    def tunnel_resume() -> None:
        """
        Read on.
        """
