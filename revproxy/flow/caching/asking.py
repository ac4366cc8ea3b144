"""
What requests say to caches, remembered.
"""

from __future__ import annotations

from typing import Final

from revproxy.wire.caching.request import Asked, read_request, without_wishes
from revproxy.wire.fields import FrozenFields

_MOST_REMEMBERED: Final = 1024

_remembered: Final[dict[int, tuple[FrozenFields, Asked]]] = {}
"""
By the identity of the fields: a client that sends the same header section again gives the
same object.
"""


def asked_by(fields: FrozenFields, heeded: bool) -> Asked:
    """
    @param heeded: whether the client's directives count; C{no-store} does in any case.
    """
    known = _remembered.get(id(fields))
    if known is None or known[0] is not fields:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        known = _remembered[id(fields)] = (fields, read_request(fields))
    return known[1] if heeded else without_wishes(known[1])
