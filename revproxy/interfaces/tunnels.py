"""
How octets go past the protocols, or through once a connection has left HTTP.
"""

from __future__ import annotations

from zope.interface import Interface


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
