"""
What the C library does with memory that is freed.

A piece of a body is read, written and freed.  Where it lay at the end of the heap, glibc
gives the memory back to the system and soon asks for it again, cleared: a page fault for
every four kilobytes.  A body of 64 KB took 45 microseconds so, and takes 32 where the
memory stays at hand; one of 1 MB sent 600, and 440.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

_TRIM_THRESHOLD: Final = -1
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3

KEPT: Final = {_TRIM_THRESHOLD: 8 << 20, _TOP_PAD: 256 << 10, _MMAP_THRESHOLD: 1 << 20}
"""
For mallopt(3), in octets: what may lie free at the end of the heap, by how much more than
is needed it grows, and from where on a piece is memory of its own.
"""


def keep_freed_memory(library: Any = None) -> bool:
    """
    Have a few megabytes of freed memory kept for the next piece.

    @param library: the C library; L{None} for the one that the process runs with.
    @return: whether it knows how to; that of Alpine Linux, for one, does not.
    """
    mallopt = getattr(ctypes.CDLL(None) if library is None else library, "mallopt", None)
    if mallopt is None:
        return False
    taken = [mallopt(option, octets) for option, octets in KEPT.items()]
    return all(taken)
