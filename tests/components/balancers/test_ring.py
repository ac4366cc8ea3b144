from __future__ import annotations

from collections import Counter
from itertools import islice

from hypothesis import given, settings
from hypothesis.strategies import binary, dictionaries, integers, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.balancers.ring import ARCS, MOST_POINTS, POINTS, Ring
from tests.components.balancers.loads import SharesTestCase

KEYS = [b"key %d" % number for number in range(4000)]
NAMES = [f"http://10.0.0.{number}:8080" for number in range(100)]


def owners(ring: Ring, keys: list[bytes]) -> list[str]:
    """
    The server of each key.
    """
    names = {number: name for name, number in ring.numbers.items()}
    return [names[next(ring.clockwise(key))] for key in keys]


def a_ring(weights: dict[str, int]) -> Ring:
    ring = Ring()
    ring.have(weights)
    return ring


class RingTests(SharesTestCase):
    def test_once_around(self) -> None:
        """
        From any key on, each point is met once.
        """
        ring = a_ring({"a": 1, "b": 2})
        for key in KEYS[:20]:
            self.assertEqual(Counter(ring.clockwise(key)), {0: POINTS, 1: 2 * POINTS})

    def test_first(self) -> None:
        """
        The server of a key is that of the first point, also where that is on another arc.
        """
        ring = a_ring({"a": 1})
        ring.have({"b": 1})
        for key in KEYS:
            self.assertEqual(ring.first(key), next(ring.clockwise(key)))

    def test_goes_on_where_it_began(self) -> None:
        """
        Two keys that are beside each other meet the same points in the same order.
        """
        ring = a_ring(dict.fromkeys(NAMES[:3], 1))
        one, other = (list(ring.clockwise(key)) for key in KEYS[:2])
        self.assertIn(other, [one[start:] + one[:start] for start in range(len(one))])

    def test_shares(self) -> None:
        """
        Keys are shared out by weight, light servers included.
        """
        counted = Counter(owners(a_ring({"a": 5, "b": 1, "c": 3, "d": 1}), KEYS))
        self.assertShares([counted[name] / len(KEYS) for name in "abcd"], (0.5, 0.1, 0.3, 0.1), within=0.05)

    def test_bounded(self) -> None:
        """
        However heavy servers are, the ring does not grow with that; the light ones have a
        point still.
        """
        ring = a_ring({"heavy": 100_000_000, **dict.fromkeys(NAMES, 1)})
        counts = [count for _, count in ring._placed]
        self.assertLessEqual(sum(counts) - len(NAMES), MOST_POINTS)
        self.assertGreater(sum(counts), MOST_POINTS // 2)
        self.assertEqual(set(counts[1:]), {1})

    def test_up_to_the_bound(self) -> None:
        """
        As long as weights come to no more than 2048 each has its points whatever the others
        weigh; then half as many.
        """
        for others, halved in [(2047, 0), (2048, 1), (4095, 1), (4096, 2)]:
            ring = a_ring({"a": 1, "b": others})
            self.assertEqual(ring._placed[0], (b"a", POINTS >> halved))

    def test_order_means_nothing(self) -> None:
        """
        Servers that came in another order, or one by one, have the same keys: so it is in
        each worker.
        """
        together = a_ring(dict.fromkeys(NAMES[:9], 2))
        one_by_one = Ring()
        for name in reversed(NAMES[:9]):
            one_by_one.have({name: 2})
        self.assertEqual(owners(one_by_one, KEYS), owners(together, KEYS))

    def test_the_heaviest_goes(self) -> None:
        """
        The keys of the heaviest go to others when it is forgotten, and no other key moves.
        """
        for heavy in (2, 10, 100):
            weights = {**dict.fromkeys(NAMES[:9], 1), "heavy": heavy}
            ring = a_ring(weights)
            before = owners(ring, KEYS)
            ring.forget(("heavy",))
            ring.have(dict.fromkeys(NAMES[:9], 1))
            moved = {old for old, new in zip(before, owners(ring, KEYS), strict=True) if old != new}
            self.assertEqual(moved, {"heavy"})

    def test_another_weight(self) -> None:
        """
        A server that gets less weight loses keys, and no other does.
        """
        ring = a_ring(dict.fromkeys(NAMES[:4], 4))
        before = owners(ring, KEYS)
        ring.have({NAMES[0]: 2})
        moved = [(old, new) for old, new in zip(before, owners(ring, KEYS), strict=True) if old != new]
        self.assertEqual({old for old, _ in moved}, {NAMES[0]})

    def test_forget(self) -> None:
        """
        The keys of a server that is forgotten go to others, and come back with it; no other
        key moves.
        """
        ring = a_ring(dict.fromkeys(NAMES[:4], 1))
        before = owners(ring, KEYS)
        ring.forget((NAMES[1],))
        list(ring.clockwise(b"until others come"))
        staying = {name: 1 for name in NAMES[:4] if name != NAMES[1]}
        ring.have(staying)
        self.assertEqual(ring.numbers.keys(), staying.keys())
        for old, new in zip(before, owners(ring, KEYS), strict=True):
            self.assertEqual(new == old, old != NAMES[1])
        ring.have({NAMES[1]: 1})
        self.assertEqual(owners(ring, KEYS), before)

    def test_made_when_needed(self) -> None:
        """
        A key needs one arc of the circle, and what is the same is not made anew.
        """
        ring = a_ring(dict.fromkeys(NAMES, 1))
        next(ring.clockwise(b"key"))
        self.assertEqual(len([arc for arc in ring._arcs if arc]), 1)
        ring.have(dict.fromkeys(NAMES[:5], 1))
        self.assertEqual(len([arc for arc in ring._arcs if arc]), 1)
        self.assertEqual(len(ring._arcs), ARCS)


class AnyRingTests(SynchronousTestCase):
    @settings(max_examples=30)
    @given(dictionaries(sampled_from(NAMES), integers(1, 20), min_size=1, max_size=5), binary())
    def test_everybody_is_met(self, weights: dict[str, int], key: bytes) -> None:
        """
        Whatever servers weigh, and whatever the key, each is met.
        """
        ring = a_ring(weights)
        self.assertEqual(set(islice(ring.clockwise(key), 100 * POINTS)), set(ring.numbers.values()))
