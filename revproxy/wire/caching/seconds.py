"""
Lengths of time as fields write them: delta-seconds, RFC 9111 section 1.2.2.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 2**31
"""
What stands for every longer time, 68 years: no sum of a few of them overflows anywhere.
"""

_MOST_DIGITS: Final = 10


def delta_seconds(text: bytes) -> int | None:
    """
    Read a number of seconds, of any length.

    @return: at most L{MOST}; C{None} for what is not digits alone.
    """
    if not text.isdigit():
        return None
    if len(text) > _MOST_DIGITS:
        text = text.lstrip(b"0") or b"0"
        if len(text) > _MOST_DIGITS:
            return MOST
    return min(int(text), MOST)
