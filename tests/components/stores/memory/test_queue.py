"""
Tests of L{revproxy.components.stores.memory.queue}.
"""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.memory.kept import NOWHERE, MemoryKept
from revproxy.components.stores.memory.queue import Queue
from revproxy.testing import stand_in_head

HERE = 7


def entries(count: int) -> list[MemoryKept]:
    return [MemoryKept(b"%d" % number, stand_in_head(), b"") for number in range(count)]


class QueueTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.queue = Queue(HERE)

    def push(self, count: int) -> list[MemoryKept]:
        pushed = entries(count)
        for kept in pushed:
            self.queue.push(kept)
        return pushed

    def popped(self) -> list[MemoryKept]:
        popped = []
        while (kept := self.queue.pop()) is not None:
            popped.append(kept)
        return popped

    def test_order(self) -> None:
        """
        Who came first goes first.
        """
        pushed = self.push(5)
        self.assertEqual({kept.place for kept in pushed}, {HERE})
        self.assertEqual(self.popped(), pushed)
        self.assertEqual({kept.place for kept in pushed}, {NOWHERE})

    def test_counted(self) -> None:
        """
        It knows how many are in, and what they take.
        """
        pushed = self.push(5)
        self.assertEqual((self.queue.entries, self.queue.octets), (5, sum(kept.cost for kept in pushed)))
        self.queue.leave(pushed[2])
        self.queue.pop()
        self.assertEqual(self.queue.entries, 3)
        self.popped()
        self.assertEqual((self.queue.entries, self.queue.octets), (0, 0))

    def test_leaving(self) -> None:
        """
        Who leaves in between is not given any more, and the others stay in order.
        """
        pushed = self.push(5)
        for place in (0, 3, 4):
            self.queue.leave(pushed[place])
        self.assertEqual(self.popped(), [pushed[1], pushed[2]])

    def test_shells_are_few(self) -> None:
        """
        However many leave, what is left of them is bounded by those who are in, and no
        order is lost.
        """
        pushed = self.push(3000)
        random = Random(1)
        leaving = random.sample(pushed, 2500)
        stay = set(range(3000))
        for kept in leaving:
            self.queue.leave(kept)
            stay.discard(int(kept.key))
            held = len(self.queue._newer) + len(self.queue._older)
            self.assertLess(held, 1.5 * self.queue.entries + 100)
        late = self.push(10)
        self.assertEqual([int(kept.key) for kept in self.popped()], [*sorted(stay), *range(10)])
        self.assertEqual(late[0].place, NOWHERE)

    def test_coming_back(self) -> None:
        """
        Who was let out may come in again, behind all others.
        """
        pushed = self.push(3)
        first = self.queue.pop()
        assert first is not None
        self.queue.push(first)
        self.assertEqual(self.popped(), [pushed[1], pushed[2], pushed[0]])
