"""
The contract of balancers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zope.interface.verify import verifyObject

from revproxy.interfaces import IBalancer, IServer
from revproxy.testing.stand_ins import stand_in_exchange, stand_in_servers

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as Base
else:
    Base = object


class BalancerContract(Base):
    """
    What holds for every balancer.
    """

    def make_balancer(self) -> IBalancer:
        """
        @return: a new balancer; each time one that will behave alike.
        """
        raise NotImplementedError

    def picks(self, balancer: IBalancer, candidates: Sequence[IServer], times: int) -> list[IServer]:
        """
        @return: what the balancer picks for requests of different clients.
        """
        exchanges = [
            stand_in_exchange(b"/%d" % turn, client=f"203.0.113.{turn % 250}") for turn in range(times)
        ]
        return [balancer.pick(candidates, exchange) for exchange in exchanges]

    def test_provides_its_interface(self) -> None:
        """
        It provides L{IBalancer}.
        """
        self.assertTrue(verifyObject(IBalancer, self.make_balancer()))

    def test_picks_a_candidate(self) -> None:
        """
        What it picks is among the candidates, and these stay as they are.
        """
        candidates = stand_in_servers(1, 3, 2)
        before = list(candidates)
        picked = self.picks(self.make_balancer(), candidates, 60)
        self.assertLessEqual(set(picked), set(before))
        self.assertEqual(candidates, before)

    def test_one_candidate(self) -> None:
        """
        Of one candidate it picks that one, whatever its weight.
        """
        candidates = stand_in_servers(7)
        self.assertEqual(self.picks(self.make_balancer(), candidates, 3), candidates * 3)

    def test_candidates_come_and_go(self) -> None:
        """
        It picks no server that is not a candidate any more, and does so as often as
        the candidates change.
        """
        balancer = self.make_balancer()
        servers = stand_in_servers(1, 1, 2, 1)
        for gone in [0, 3, 2, 1] * 5:
            candidates = [server for server in servers if server is not servers[gone]]
            picked = self.picks(balancer, candidates, 7)
            self.assertLessEqual(set(picked), set(candidates))

    def test_other_servers(self) -> None:
        """
        It goes on when every server is another one.
        """
        balancer = self.make_balancer()
        self.picks(balancer, stand_in_servers(1, 2), 3)
        others = stand_in_servers(2, 1, 1)
        self.assertLessEqual(set(self.picks(balancer, others, 9)), set(others))

    def test_same_calls_same_picks(self) -> None:
        """
        Two that are made alike and asked alike pick alike: chance, like time, is
        given to them.
        """
        candidates = stand_in_servers(2, 1, 3)
        first = self.picks(self.make_balancer(), candidates, 30)
        self.assertEqual(self.picks(self.make_balancer(), candidates, 30), first)


class WeightedBalancerContract(BalancerContract):
    """
    What holds, too, for balancers that share requests out by weight alone.
    """

    def test_spread_by_weight(self) -> None:
        """
        Of many requests each server gets its share within 2 %.
        """
        candidates = stand_in_servers(5, 1, 3, 1)
        counted = Counter(self.picks(self.make_balancer(), candidates, 10_000))
        for server in candidates:
            share = counted[server] / 10_000
            self.assertAlmostEqual(share, server.weight / 10, delta=0.02, msg=repr(server))
