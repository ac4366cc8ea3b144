"""
What the kernel has to be told, and asked, of a transport's socket.
"""

from __future__ import annotations

from collections.abc import Callable
from fcntl import ioctl
from termios import FIONREAD
from typing import Any, cast

from twisted.internet.tcp import Connection

from revproxy.flow.transport import IStreamTransport
from revproxy.reactor.transport import StreamTransport

_NONE = bytes(4)
"""
The number 0, as the system writes it.
"""


def unsent_question(transport: IStreamTransport) -> Callable[[], object] | None:
    """
    Find out whether a transport is but a socket with a buffer.

    @return: tells whether octets wait in the transport that go before all others;
        C{None} where its octets are not those of a socket (TLS, memory), or cannot be
        asked for.
    """
    if not isinstance(transport, Connection | StreamTransport) or getattr(transport, "TLS", False):
        return None
    if isinstance(transport, StreamTransport):
        return transport.unsent
    return lambda: transport.dataBuffer or transport._tempDataBuffer


def descriptor_of(transport: IStreamTransport) -> int:
    """
    @return: the descriptor of the transport's socket; -1 after its end.
    """
    return int(cast(Any, transport).fileno())


def read_little(transport: IStreamTransport) -> None:
    """
    Leave in the socket for a while most of what comes behind a message's head.  Our own
    transports would read 250 KiB of it at once, Twisted's read 64 in any case.
    """
    if isinstance(transport, StreamTransport):
        transport.read_in_pieces()


def has_unread(transport: IStreamTransport) -> bool:
    """
    Whether octets have come that nobody has read.
    """
    return ioctl(descriptor_of(transport), FIONREAD, _NONE) != _NONE
