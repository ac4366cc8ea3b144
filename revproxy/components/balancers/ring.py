"""
A circle on which servers have their points, and keys find the next one.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b, shake_128
from struct import unpack
from typing import Final

ARCS: Final = 256
"""
So many parts the circle has: the first octet of a key's digest says in which it is.
"""

POINTS: Final = 4 * ARCS
"""
So many points a server has for each unit of its weight.  The more there are, the less the
shares of servers differ from what is due to them: with 1024 that of one of two equal
servers is 50 %, with a standard deviation of 1.1 %.
"""

MOST_POINTS: Final = 2048 * POINTS
"""
Where there would be more points in all, which take 8 octets each, each server has half as
many, a quarter, and so on.
"""

NUMBERS: Final = (1 << 20) - 1
"""
The bits of a point that hold its server's number; those above say where it is.
"""


class Ring:
    """
    Finds servers for keys, so that a server that comes or goes moves no key between the
    others (Karger et al., "Consistent Hashing and Random Trees", 1997).

    Where a server's points are follows from its name alone, and how many there are from
    its weight, until all weights together pass 2048, or twice, four times as much: only
    there keys move between others.  Rings of the same servers are the same, in whatever
    order these came.

    @ivar numbers: that of each server, by its name.
    @ivar _weights: what servers weigh, by their names.
    @ivar _placed: of the servers that have points, their names and how many they have.
    @ivar _arcs: the points on each arc in order.  An arc is made when a key first falls
        on it, since all of them at once take a second for a thousand servers.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._weights: dict[str, int] = {}
        self._placed: list[tuple[bytes, int]] = []
        self._arcs: list[array[int] | None] = []

    def have(self, weights: Mapping[str, int]) -> None:
        """
        Have these servers, by their names, beside those that are there.
        """
        together = {**self._weights, **weights}
        if together == self._weights and together.keys() == self.numbers.keys():
            return
        halved = ((POINTS * sum(together.values()) - 1) // MOST_POINTS).bit_length()
        self._weights = together
        self.numbers = {name: number for number, name in enumerate(together)}
        self._placed = [
            (name.encode(), max(1, POINTS * weight >> halved)) for name, weight in together.items()
        ]
        self._arcs = [None] * ARCS

    def forget(self, names: Iterable[str]) -> None:
        """
        Let servers go.  They have their points until L{have} is called the next time.
        """
        for name in names:
            self._weights.pop(name, None)

    def first(self, key: bytes) -> int:
        """
        @return: the number of the server of a key.
        """
        digest = blake2b(key, digest_size=9).digest()
        arc = digest[0]
        points = self._arcs[arc] or self._arc(arc)
        index = bisect(points, int.from_bytes(digest[1:], "little"))
        return points[index] & NUMBERS if index < len(points) else next(self.clockwise(key))

    def clockwise(self, key: bytes) -> Iterator[int]:
        """
        @return: the number of the server of each point from a key's on, once around.
        """
        digest = blake2b(key, digest_size=9).digest()
        first, place = digest[0], int.from_bytes(digest[1:], "little")
        points = self._arcs[first] or self._arc(first)
        start = bisect(points, place)
        for index in range(start, len(points)):
            yield points[index] & NUMBERS
        for arc in range(first + 1 - ARCS, first):
            for point in self._arcs[arc] or self._arc(arc % ARCS):
                yield point & NUMBERS
        for index in range(start):
            yield points[index] & NUMBERS

    def _arc(self, arc: int) -> array[int]:
        """
        Make an arc.
        """
        points = [
            point & ~NUMBERS | number
            for number, (name, count) in enumerate(self._placed)
            for point in _points_on(arc, name, count)
        ]
        points.sort()
        self._arcs[arc] = made = array("Q", points)
        return made


def _points_on(arc: int, name: bytes, count: int) -> tuple[int, ...]:
    """
    @param count: how many points the server has in all.
    @return: those that are on an arc.  As many are on each, or on as many as there are, and
        on which these are follows from the name, too.
    """
    begin = blake2b(name, digest_size=1).digest()[0] + arc
    here = count * (begin + 1) // ARCS - count * begin // ARCS
    return unpack(f"<{here}Q", shake_128(b"%d %b" % (arc, name)).digest(8 * here))
