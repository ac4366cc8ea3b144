from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from revproxy.testing import BalancerContract, StandInServer, stand_in_exchange
from revproxy_sample.balancers import LeastOfDrawn


class LeastOfDrawnContractTests(BalancerContract, SynchronousTestCase):
    def make_balancer(self) -> LeastOfDrawn:
        return LeastOfDrawn(Random(1), drawn=2)


class LeastOfDrawnTests(SynchronousTestCase):
    def test_takes_the_less_busy(self) -> None:
        """
        Where all are drawn, the least busy is taken.
        """
        servers = [StandInServer(active=busy) for busy in (3, 1, 2)]
        balancer = LeastOfDrawn(Random(1), drawn=3)
        self.assertIs(balancer.pick(servers, stand_in_exchange()), servers[1])

    def test_draws(self) -> None:
        """
        Where two of three are drawn, the busiest is never taken, and both others are.
        """
        servers = [StandInServer(active=busy) for busy in (3, 1, 2)]
        balancer = LeastOfDrawn(Random(1), drawn=2)
        taken = {balancer.pick(servers, stand_in_exchange()) for _ in range(50)}
        self.assertEqual(taken, set(servers[1:]))
