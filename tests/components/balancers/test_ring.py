from __future__ import annotations

from collections import Counter
from itertools import islice

from hypothesis import given, settings
from hypothesis.strategies import binary, dictionaries, integers, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.balancers.ring import ARCS, POINTS, Ring
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
            self.assertEqual(Counter(ring.clockwise(key)), {0: POINTS // 2, 1: POINTS})

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

    def test_light_servers(self) -> None:
        """
        Where one is ten thousand times as heavy as the others, these have a point each.
        """
        ring = a_ring({"heavy": 10_000, **dict.fromkeys(NAMES, 1)})
        counted = Counter(ring.clockwise(b""))
        self.assertEqual(counted.pop(ring.numbers["heavy"]), POINTS)
        self.assertEqual(set(counted.values()), {1})

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

    def test_scaled_weights(self) -> None:
        """
        It is the proportions of weights that count.
        """
        light, heavy = a_ring({"a": 1, "b": 2}), a_ring({"a": 100, "b": 200})
        self.assertEqual(owners(light, KEYS), owners(heavy, KEYS))

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
    @given(dictionaries(sampled_from(NAMES), integers(1, 1_000_000), min_size=1, max_size=5), binary())
    def test_everybody_is_met(self, weights: dict[str, int], key: bytes) -> None:
        """
        Whatever servers weigh, and whatever the key, each is met.
        """
        ring = a_ring(weights)
        self.assertEqual(set(islice(ring.clockwise(key), 5 * POINTS)), set(ring.numbers.values()))
