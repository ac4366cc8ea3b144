"""
Fields as tests write them.
"""

from __future__ import annotations

from revproxy.wire.caching.dates import format_date
from revproxy.wire.fields import FrozenFields

NOW = 1_800_000_000
"""
The time at which tests are played: 15 January 2027, 08:00:00 GMT.
"""


def at(offset: int) -> str:
    """
    A date so many seconds from L{NOW}.
    """
    return format_date(NOW + offset).decode()


def fields(*lines: str) -> FrozenFields:
    """
    Fields from lines such as C{Age: 5}.
    """
    pairs = (line.encode("latin-1").partition(b":") for line in lines)
    return FrozenFields((name.lower(), value.strip(b" ")) for name, _, value in pairs)
