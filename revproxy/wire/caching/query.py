"""
Queries in cache keys: names to drop, to keep, to sort.

What does not reach the key must not change the answer, or one client's answer is given
to another (cache poisoning).  So a member is left out only where no server can read
anything else in it:

  - A member with C{;} in it is never left out, as some servers end members there.
  - To be kept, a name counts percent-decoded; to be dropped, only as it is written.
  - Sorting keeps the order of members of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes


class QueryRule:
    """
    What of a query goes into the key.  Frozen by convention.
    """

    __slots__ = ("_drop", "_keep", "_sort", "changes")

    def __init__(
        self, drop: Iterable[bytes] = (), keep: Iterable[bytes] | None = None, sort: bool = False
    ) -> None:
        """
        @param drop: patterns of names to leave out, in which C{*} is any octets.
        @param keep: patterns of the only names to keep, C{None} for all.
        @param sort: whether the order of different names does not matter.
        """
        self._drop = Patterns(drop)
        self._keep = None if keep is None else Patterns(keep)
        self._sort = sort
        self.changes = self._drop.any or keep is not None or sort

    def apply(self, query: bytes | None) -> bytes | None:
        """
        @return: the query for the key, C{None} where nothing of it is left.
        """
        if query is None or not self.changes:
            return query
        members = query.split(b"&")
        kept = [member for member in members if b";" in member or self._counts(member)]
        if not kept:
            return None
        if self._sort and len(kept) > 1:
            kept.sort(key=_name)
        return b"&".join(kept)

    def _counts(self, member: bytes) -> bool:
        name = _name(member)
        if self._drop.fits(name):
            return False
        return self._keep is None or self._keep.fits(unquote_to_bytes(name.replace(b"+", b" ")))


def _name(member: bytes) -> bytes:
    return member.partition(b"=")[0]


class Patterns:
    """
    Patterns of names.  A name is matched in one pass, whatever the pattern.

    @ivar any: whether there are patterns at all.
    """

    __slots__ = ("_beginnings", "_others", "_whole", "any")

    def __init__(self, patterns: Iterable[bytes]) -> None:
        """
        @param patterns: names in which C{*} is any octets.
        """
        listed = [pattern.split(b"*") for pattern in patterns]
        self.any = bool(listed)
        self._whole = frozenset(pieces[0] for pieces in listed if len(pieces) == 1)
        self._beginnings = tuple(pieces[0] for pieces in listed if len(pieces) == 2 and not pieces[1])
        self._others = [pieces for pieces in listed if len(pieces) > 2 or (len(pieces) == 2 and pieces[1])]

    def fits(self, name: bytes) -> bool:
        """
        Tell whether one of the patterns is the name's.
        """
        if name in self._whole or name.startswith(self._beginnings):
            return True
        for pieces in self._others:  # noqa: SIM110 (a generator costs more than all of it)
            if _fits(pieces, name):
                return True
        return False


def _fits(pieces: Sequence[bytes], name: bytes) -> bool:
    """
    @param pieces: what stands between a pattern's asterisks.
    """
    first, last = pieces[0], pieces[-1]
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    position, end = len(first), len(name) - len(last)
    for text in pieces[1:-1]:
        found = name.find(text, position, end)
        if found < 0:
            return False
        position = found + len(text)
    return True
