"""
The fields of a response that say something to caches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from revproxy.wire.pairs import Pair

TELLING: Final = frozenset(
    b"age cache-control cache-tag content-range content-type date etag expires last-modified pragma"
    b" set-cookie set-cookie2 surrogate-control surrogate-key vary".split()
)
"""
Their names, besides those of targeted fields.
"""


def telling_fields(fields: Iterable[Pair], targets: Collection[bytes] = ()) -> list[Pair]:
    """
    Choose the fields that rules look at, so that each looks at these alone.

    @param fields: names in lower case.
    @param targets: the names of the targeted fields that count.
    """
    found = []
    for pair in fields:
        if pair[0] in TELLING or pair[0] in targets:
            found.append(pair)  # noqa: PERF401 (quicker where it is compiled)
    return found
