"""
Looking through header fields, whatever list they are in: pairs of bytes in the order
received, names in lower case.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Pair: TypeAlias = tuple[bytes, bytes]


def values_of(pairs: Iterable[Pair], name: bytes) -> list[bytes]:
    """
    @return: all values of the field in order.
    """
    values = []
    for pair in pairs:
        if pair[0] == name:
            values.append(pair[1])  # noqa: PERF401 (twice as fast where it is compiled)
    return values


def first_value(pairs: Iterable[Pair], name: bytes) -> bytes | None:
    """
    @return: the first value of the field, or C{None} where it is absent.
    """
    for pair in pairs:
        if pair[0] == name:
            return pair[1]
    return None


def tokens(values: Iterable[bytes]) -> list[bytes]:
    """
    @return: the members of a comma-separated list of tokens in lower case, empty
        ones left out: RFC 9110 section 5.6.1.
    """
    return [part for value in values for item in value.split(b",") if (part := item.strip(b" \t").lower())]
