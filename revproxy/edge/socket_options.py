"""
How the kernel treats our connections.

What is written is sent at once, for it is whole when we write it, and the kernel finds out
when the other machine is gone.  UNIX sockets need neither.
"""

from __future__ import annotations

import socket

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IListeningPort

from revproxy.flow.transport import IStreamTransport


def set_socket_options(transport: IStreamTransport) -> None:
    """
    Have it so for a connection that we have made.
    """
    if isinstance(transport.getHost(), IPv4Address | IPv6Address):
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)


def set_listening_options(port: IListeningPort) -> None:
    """
    Have it so for all connections that will be accepted: they inherit it from the socket
    that they came by, so that it costs nothing for each.  Those that waited already do not.

    @param port: one that has no C{socket}, as Twisted's own have, stays as it is.
    """
    listening = getattr(port, "socket", None)
    if isinstance(listening, socket.socket) and listening.family in (socket.AF_INET, socket.AF_INET6):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
