from __future__ import annotations

from collections import Counter
from itertools import islice

from hypothesis import given
from hypothesis.strategies import floats, integers, lists
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.balancers.turns import EvenTurns, WeightedTurns
from revproxy.interfaces import IServer
from revproxy.testing import stand_in_servers


class EvenTurnsTests(SynchronousTestCase):
    def test_who_is_behind_comes_first(self) -> None:
        """
        Servers take turns, beginning with the one that is the farthest behind.
        """
        servers = stand_in_servers(1, 1, 1)
        turns = EvenTurns(servers, [0.0, -0.5, 0.5]).turns()
        order = [servers[2], servers[0], servers[1]]
        self.assertEqual(list(islice(turns, 6)), order * 2)

    def test_lags(self) -> None:
        """
        In the middle of a round those are ahead that had their turn, and the others behind.
        """
        servers = stand_in_servers(1, 1, 1, 1)
        turns = EvenTurns(servers, [0.0] * 4)
        list(islice(turns.turns(), 5))
        self.assertEqual(list(turns.lags().values()), [-0.75, 0.25, 0.25, 0.25])


class WeightedTurnsTests(SynchronousTestCase):
    @given(lists(integers(1, 50), min_size=1, max_size=8))
    def test_never_a_whole_turn_off(self, weights: list[int]) -> None:
        """
        At any time each server has had its share, but for less than a turn.
        """
        servers, total = stand_in_servers(*weights), sum(weights)
        turns = WeightedTurns(servers, [0.0] * len(servers)).turns()
        counted: Counter[IServer] = Counter()
        for now in range(1, min(2 * total, 300) + 1):
            counted[next(turns)] += 1
            for server in servers:
                self.assertLess(abs(now * server.weight / total - counted[server]), 1 - 1e-9 / total)

    def test_lags(self) -> None:
        """
        How far each server is behind its share adds up to nothing.
        """
        servers = stand_in_servers(5, 1, 1)
        turns = WeightedTurns(servers, [0.0] * 3)
        list(islice(turns.turns(), 3))
        lags = list(turns.lags().values())
        self.assertAlmostEqual(lags[0], 3 * 5 / 7 - 3)
        self.assertAlmostEqual(sum(lags), 0)

    @given(lists(floats(-3, 3), min_size=3, max_size=3))
    def test_any_lags(self, lags: list[float]) -> None:
        """
        However far servers are off, somebody has the next turn, and all have some.
        """
        servers = stand_in_servers(1, 2, 3)
        taken = set(islice(WeightedTurns(servers, lags).turns(), 60))
        self.assertEqual(taken, set(servers))
