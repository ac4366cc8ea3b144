"""
A socket object over a descriptor that is uvloop's.
"""

from __future__ import annotations

import socket
from asyncio import Transport
from typing import Any

from typing_extensions import override


class OwnSocket(socket.socket):
    """
    A connection's socket, whose options may be read and set.

    uvloop has an object of its own for that, which is no socket to whoever asks.
    """

    def __init__(self, uv: Transport, ended: bool) -> None:
        """
        @param uv: the transport that the descriptor belongs to.
        @param ended: the connection has ended, and its descriptor may soon be another's:
            be as a socket that was closed.  Its number is -1, and L{OSError} is raised for
            its options.
        """
        inner: Any = None if ended else uv.get_extra_info("socket")
        if inner is not None:
            super().__init__(inner.family, inner.type, inner.proto, inner.fileno())
        self._uv = uv

    def duplicate(self) -> socket.socket:
        """
        @return: a socket of the caller's own over a duplicate of the descriptor.
        """
        return socket.fromfd(self.fileno(), self.family, self.type)

    @override
    def close(self) -> None:
        """
        Have uvloop close the connection: a descriptor closed behind its back would soon
        be another connection's.
        """
        self._uv.abort()
