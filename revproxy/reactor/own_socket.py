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

    def __init__(self, uv: Transport) -> None:
        """
        @param uv: the open transport that the descriptor belongs to.
        """
        inner: Any = uv.get_extra_info("socket")
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
