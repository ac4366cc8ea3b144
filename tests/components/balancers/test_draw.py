from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis.strategies import integers, lists
from typing_extensions import override

from revproxy.components.balancers.draw import Draw
from revproxy.testing import stand_in_servers
from tests.components.balancers.loads import SharesTestCase


class Extreme(Random):
    """
    Gives the least and the most that there can be.
    """

    def __init__(self, *values: float) -> None:
        super().__init__(0)
        self.values = list(values)

    @override
    def random(self) -> float:
        return self.values.pop(0)


LEAST, MOST = 0.0, 1 - 2**-53


class DrawTests(SharesTestCase):
    def test_one(self) -> None:
        """
        Servers are drawn by their weights.
        """
        servers = stand_in_servers(1, 7, 2)
        draw = Draw(Random(1), servers)
        counted = Counter(draw.one() for _ in range(20_000))
        self.assertShares([counted[server] / 20_000 for server in servers], (0.1, 0.7, 0.2))

    def test_two(self) -> None:
        """
        The second is drawn among the rest, by the weights of these.
        """
        servers = stand_in_servers(1, 6, 3)
        draw = Draw(Random(1), servers)
        drawn = [draw.two() for _ in range(20_000)]
        self.assertTrue(all(one is not other for one, other in drawn))
        after = Counter(other for one, other in drawn if one is servers[1])
        self.assertShares([after[server] / after.total() for server in servers], (0.25, 0, 0.75))

    def test_only_one(self) -> None:
        """
        The only one is drawn twice.
        """
        (server,) = servers = stand_in_servers(3)
        self.assertEqual(Draw(Random(1), servers).two(), (server, server))

    @given(lists(integers(1, 1_000_000), min_size=2, max_size=9))
    def test_extremes(self, weights: list[int]) -> None:
        """
        The least and the most that chance gives mean the first servers and the last.
        """
        servers = stand_in_servers(*weights)
        for one in (LEAST, MOST):
            for other in (LEAST, MOST):
                first, second = Draw(Extreme(one, other), servers).two()
                self.assertIs(first, servers[0 if one == LEAST else -1])
                rest = [server for server in servers if server is not first]
                self.assertIs(second, rest[0 if other == LEAST else -1])
