"""
How the kernel treats our connections.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address, IPv6Address

from revproxy.flow.transport import IStreamTransport


def set_socket_options(transport: IStreamTransport) -> None:
    """
    Have what is written sent at once, for it is whole when we write it, and have the
    kernel find out when the other machine is gone.  UNIX sockets need neither.
    """
    if isinstance(transport.getHost(), IPv4Address | IPv6Address):
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)
