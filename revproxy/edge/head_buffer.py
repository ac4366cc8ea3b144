"""
Collects the bytes of a message's head until it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_END: Final = b"\r\n\r\n"
_EMPTY_LINES: Final = re.compile(rb"\A(?:\r\n)+")


class HeadBuffer:
    """
    Keeps what has come of a head.  Most heads come in one piece, and are not kept.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def __bool__(self) -> bool:
        """
        Whether a head has begun and is not whole.
        """
        return bool(self._held)

    @property
    def held(self) -> bytes:
        """
        What has come of a head that is not whole.
        """
        return bytes(self._held)

    def clear(self) -> None:
        """
        Forget what was kept.
        """
        self._held.clear()

    def feed(self, data: bytes, check: Callable[[bytearray, int], None]) -> tuple[bytes, bytes] | None:
        """
        Add to the head.  Empty lines before it are skipped (RFC 9112 section 2.2).

        @param check: is given an incomplete head, and how much of it was checked
            before; raises where it cannot become valid.
        @return: the head with the empty line that ends it, and what follows; or
            C{None} as long as it is not whole.
        """
        held = self._held
        searched = 0
        if held:
            searched = max(len(held) - 3, 0)
            held += data
            if held.find(_END, searched) < 0 and not held.startswith(b"\r\n"):
                check(held, searched)
                return None
            data = bytes(held)
            held.clear()
        if data.startswith(b"\r\n"):
            data = _EMPTY_LINES.sub(b"", data, 1)
        end = data.find(_END) + 4
        if end > 3:
            return data[:end], data[end:]
        held += data
        check(held, 0)
        return None
