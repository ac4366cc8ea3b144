"""
What holds for all balancers that come with the proxy, whatever their servers go through.
"""

from __future__ import annotations

from array import array
from functools import partial
from gc import get_referents
from random import Random

from hypothesis import given, settings
from hypothesis.strategies import sampled_from
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import BUILT_IN
from revproxy.interfaces import IBalancer
from revproxy.testing import BalancerContract
from tests.components.balancers.histories import ACTIONS, WRITTEN, World, made, steps
from tests.testing.verdict import broken_by

CONTAINERS = (dict, list, set, frozenset, tuple, array)
OURS = ("revproxy.components.", "revproxy.wire.memo")


def held(thing: object) -> int:
    """
    How many things a balancer holds: itself, and what is in its containers.
    """
    seen: set[int] = set()
    ahead, count = [thing], 0
    while ahead:
        each = ahead.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        count += len(each) if isinstance(each, array) else 1
        if isinstance(each, CONTAINERS) or type(each).__module__.startswith(OURS):
            ahead += [inner for inner in get_referents(each) if not isinstance(inner, type)]
    return count


class HistoryTests(SynchronousTestCase):
    def test_all_take_part(self) -> None:
        """
        No balancer of ours is left out here.
        """
        names = {name for interface, name, _ in BUILT_IN if interface is IBalancer}
        self.assertEqual({written["type"] for written in WRITTEN.values()}, names)

    @settings(max_examples=200)
    @given(sampled_from(sorted(WRITTEN)), steps())
    def test_picks_what_can_be_used(self, name: str, history: list[tuple[str, int]]) -> None:
        """
        No balancer picks a server that is down, drains, is ejected, full, gone or was tried,
        and none fails where there is another.
        """
        World(self, WRITTEN[name]).run(history)

    def test_long_histories(self) -> None:
        """
        Nor does it in the long run.
        """
        for name, written in WRITTEN.items():
            random = Random(name)
            history = [
                (random.choice(("pick", "pick", "pick", "end", "end", *ACTIONS)), random.randrange(2000))
                for _ in range(1000)
            ]
            World(self, written).run(history)

    def test_memory(self) -> None:
        """
        What a balancer holds grows neither with keys and clients nor with servers that were
        forgotten.
        """
        for name, written in WRITTEN.items():
            world, sizes = World(self, written), []
            for around in range(3):
                for number in range(around * 200, around * 200 + 200):
                    world.add(number)
                    world.pick(number << 8)
                    world.end(number)
                    world.remove(7 * number)
                    world.cookies.clear()
                sizes.append(held(world.balancer))
            self.assertLessEqual(sizes[2], sizes[1] * 1.1, name)


class ContractTests(SynchronousTestCase):
    """
    The contract, on each as the registry makes it.
    """

    def test_kept(self) -> None:
        """
        Each keeps it.
        """
        for name, written in WRITTEN.items():
            broken = broken_by(BalancerContract, make_balancer=partial(made, written, Clock()))
            self.assertEqual(broken, set(), name)
