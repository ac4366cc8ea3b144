"""
Header fields: pairs of bytes in the order received, names in lower case.

RFC 9110 section 5.  The same two types serve requests, responses and trailers
of every protocol version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from revproxy.wire.pairs import Pair as Pair
from revproxy.wire.pairs import first_value, values_of

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
"""
Matches a token, RFC 9110 section 5.6.2.
"""

UNSAFE_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search
"""
Finds what no field value may hold: controls other than tab, RFC 9110 section 5.5.
"""


class Lookups(Iterable[Pair]):
    """
    Reading by name, for both kinds of field lists.  Names are given in lower case.
    """

    __slots__ = ()

    def get(self, name: bytes) -> bytes | None:
        """
        @return: the first value of the field, or C{None} where it is absent.
        """
        return first_value(self, name)

    def get_all(self, name: bytes) -> list[bytes]:
        """
        @return: all values of the field in order.
        """
        return values_of(self, name)

    def combined(self, name: bytes) -> bytes | None:
        """
        @return: the values joined with commas, RFC 9110 section 5.3, or C{None}.
        """
        values = self.get_all(name)
        return b", ".join(values) if values else None


class FrozenFields(tuple[Pair, ...], Lookups):
    """
    Fields as they were received.
    """

    __slots__ = ()


class Fields(list[Pair], Lookups):
    """
    Fields that filters may change.
    """

    __slots__ = ()

    def set(self, name: bytes, value: bytes) -> None:
        """
        Make C{value} the only value of the field, at the end of the list.
        """
        self.remove_all((name,))
        self.append((name, value))

    def add(self, name: bytes, value: bytes) -> None:
        """
        Append a value, leaving those that are there.
        """
        self.append((name, value))

    def remove_all(self, names: Iterable[bytes]) -> None:
        """
        Remove every value of the named fields; absent ones are no error.
        """
        gone = frozenset(names)
        self[:] = [pair for pair in self if pair[0] not in gone]
