"""
What it costs to find what is kept, in this process and without any connection.
"""

from collections.abc import Iterable
from random import Random
from time import process_time

from typing_extensions import override

from bench.conditions import Conditions, Subject
from bench.figures import Figures, Measure
from bench.workloads.workload import NotMeasurable, Workload
from revproxy.components.stores.memory.store import MemoryStore
from revproxy.testing import stand_in_head

FEW, MANY = 1, 1_000_000
QUICK_SHARE = 20
"""
A quick benchmark keeps this many times fewer.
"""

SIZE = 4 << 30
"""
So large that nothing has to make room.
"""

BODY = b"x" * 64
LOOKUPS = 100_000
TURNS = 5
"""
Both are measured so many times in turn; the least counts, since nothing makes a look-up cheaper than it is.
"""


class Lookups(Workload):
    """
    The memory store with one entry and with many small ones: what was asked for is found, and marked as used.
    Any of them may be the next, so it is seldom in the processor's own memory.
    """

    measures = (Measure("few", "µs", f"{FEW:,}"), Measure("many", "µs", f"{MANY:,}"))
    most_runs = 1

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.

        @return: microseconds of CPU for each look-up, as C{few} and C{many}.
        """
        if subject.peer.name != "revproxy":
            raise NotMeasurable("this row is about revproxy's own store")
        count = MANY // QUICK_SHARE if conditions.quick else MANY
        few, many = Filled(FEW), Filled(count)
        costs = [(few.cost(LOOKUPS), many.cost(LOOKUPS)) for _ in range(TURNS)]
        return {"few": min(cost for cost, _ in costs), "many": min(cost for _, cost in costs)}


class Filled:
    """
    A store with so many entries.
    """

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._random = Random(entries)
        self._store = MemoryStore(SIZE, SIZE)
        for number in range(entries):
            self._store.keep(_key(number), stand_in_head(), bytes(BODY))

    def cost(self, lookups: int) -> float:
        """
        Look so many times for any of them.

        @return: microseconds of CPU for each.
        """
        keys = [_key(self._random.randrange(self._entries)) for _ in range(lookups)]
        before = process_time()
        octets = self._look_up(keys)
        spent = process_time() - before
        assert octets == len(BODY) * lookups
        return spent * 1e6 / lookups

    def _look_up(self, keys: Iterable[bytes]) -> int:
        find, octets = self._store.find, 0
        for key in keys:
            (kept,) = find(key)
            kept.used()
            octets += kept.length
        return octets


def _key(number: int) -> bytes:
    return b"https://www.example.com/items/%d" % number
