"""
A transport that keeps what is written.
"""

from __future__ import annotations

import asyncio


class WrittenTransport(asyncio.Transport):
    """
    Stands in for a connection's transport.
    """

    def __init__(self) -> None:
        super().__init__()
        self._written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._written += bytes(data)

    def taken(self) -> bytes:
        """
        What was written since this was last asked.
        """
        written, self._written = self._written, b""
        return written
