from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.power_of_two import PowerOfTwo
from revproxy.testing import (
    StandInServer,
    WeightedBalancerContract,
    stand_in_exchange,
    stand_in_servers,
)
from tests.components.balancers.loads import SharesTestCase, equal_service


class PowerOfTwoContractTests(WeightedBalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> PowerOfTwo:
        return PowerOfTwo(Random(1))


class PowerOfTwoTests(SharesTestCase):
    def test_the_busiest_is_never_taken(self) -> None:
        """
        Of three the busiest is never taken, since there is always another one.
        """
        servers = [StandInServer(f"http://{busy}.test", active=busy) for busy in (3, 1, 2)]
        balancer = PowerOfTwo(Random(1))
        taken = {balancer.pick(servers, stand_in_exchange()) for _ in range(50)}
        self.assertEqual(taken, set(servers[1:]))

    def test_busy_for_its_weight(self) -> None:
        """
        A server of three times the weight is as busy as another with three times the exchanges.
        """
        heavy, light = StandInServer("http://h", weight=3, active=5), StandInServer("http://l", active=2)
        balancer = PowerOfTwo(Random(1))
        self.assertEqual({balancer.pick([heavy, light], stand_in_exchange()) for _ in range(20)}, {heavy})
        heavy.active = 7
        self.assertEqual({balancer.pick([heavy, light], stand_in_exchange()) for _ in range(20)}, {light})

    def test_shares(self) -> None:
        """
        Where all exchanges take as long, servers have their shares.
        """
        shares = equal_service(PowerOfTwo(Random(1)), stand_in_servers(5, 1, 3, 1), busy=200, picks=20_000)
        self.assertShares(shares, (0.5, 0.1, 0.3, 0.1))
