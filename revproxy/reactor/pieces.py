"""
Reading a connection piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PIECE: Final = 1 << 15
"""
In octets.
"""

LASTING: Final = 16
"""
After so many pieces reading is as usual again, unless it is asked for anew.
"""

_buffer: Final = memoryview(bytearray(PIECE))
"""
What all connections are read into, one after the other.
"""


class Pieces:
    """
    What uvloop reads into in place of its own buffer of 250 KiB.

    @ivar left: how many pieces are read before it is enough.
    """

    __slots__ = ("_enough", "_receive", "left")

    def __init__(self, receive: Callable[[bytes], object], enough: Callable[[], object]) -> None:
        """
        @param receive: called with each piece.
        @param enough: called before the last one.
        """
        self._receive = receive
        self._enough = enough
        self.left = LASTING

    def get_buffer(self, size: int) -> memoryview:
        """
        Say where to read into, as C{asyncio.BufferedProtocol} does.
        """
        return _buffer

    def buffer_updated(self, octets: int) -> None:
        """
        Take uvloop's word that so many are there.
        """
        data = bytes(_buffer[:octets])
        self.left -= 1
        if not self.left:
            self._enough()
        self._receive(data)
