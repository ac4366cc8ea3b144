"""
What requests say to caches, remembered.
"""

from __future__ import annotations

from typing import Final

from revproxy.wire.caching.request import Asked, read_request
from revproxy.wire.fields import FrozenFields

_MOST_REMEMBERED: Final = 1024
_MOST_OCTETS: Final = 2048

_remembered: Final[dict[int, tuple[FrozenFields, bool, Asked]]] = {}
"""
By the identity of the fields: a client that sends the same header section again gives the
same object, unless it is large: such a one is new each time, and is not held.  So all
that is held is at most 2 MiB of fields.
"""


def asked_by(fields: FrozenFields, heeded: bool) -> Asked:
    """
    @param heeded: see L{read_request}.
    """
    known = _remembered.get(id(fields))
    if known is not None and known[0] is fields and known[1] == heeded:
        return known[2]
    asked = read_request(fields, heeded)
    octets = 0
    for name, value in fields:
        octets += len(name) + len(value)
    if octets > _MOST_OCTETS:
        return asked
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[id(fields)] = (fields, heeded, asked)
    return asked
