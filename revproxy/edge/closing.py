"""
Ending a connection so that the other side can tell a broken message from a whole one.
"""

from __future__ import annotations

import socket
import struct

from revproxy.flow.transport import IStreamTransport

_AT_ONCE = struct.pack("ii", 1, 0)


def reset(transport: IStreamTransport, secure: bool) -> None:
    """
    Close at once.  Over plain TCP the other side gets a reset, as an ordinary end
    would complete a body that the end of the connection ends (RFC 9112 section
    8); over TLS the missing notice of closing tells the same.
    """
    if not secure:
        handle = transport.getHandle()
        if isinstance(handle, socket.socket) and handle.family != socket.AF_UNIX:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abortConnection()
