"""
The tags by which responses are purged: Cache-Tag, a list with commas, and
Surrogate-Key, a list with spaces.

Tags are compared as they are written.  A response with more or longer ones than are
kept is not stored: a purge that missed it would leave it there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from revproxy.wire.pairs import Pair

TAG_FIELDS: Final = frozenset((b"cache-tag", b"surrogate-key"))
"""
The fields with tags; they are for caches like this one, and clients do not get them.
"""

MOST: Final = 1000
"""
How many tags a response may have.
"""

MOST_OCTETS: Final = 16384
"""
How many octets all of them together may have.
"""

_LONGEST: Final = 1024
_NO_TAGS: Final[frozenset[bytes]] = frozenset()


def read_tags(fields: Iterable[Pair]) -> frozenset[bytes] | None:
    """
    @param fields: of the response, names in lower case.
    @return: each tag once; C{None} where there are too many or one is too long.
    """
    with_tags = [pair for pair in fields if pair[0] in TAG_FIELDS]
    return _read(with_tags) if with_tags else _NO_TAGS


def _read(with_tags: list[Pair]) -> frozenset[bytes] | None:
    found: set[bytes] = set()
    octets = 0
    for name, value in with_tags:
        octets += len(value)
        if octets > MOST_OCTETS:
            return None
        tags = value.split(b",") if name == b"cache-tag" else value.split()
        found.update(tag.strip(b"\t ") for tag in tags)
    found.discard(b"")
    if len(found) > MOST or any(len(tag) > _LONGEST for tag in found):
        return None
    return frozenset(found)
