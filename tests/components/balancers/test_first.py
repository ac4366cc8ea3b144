from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.first import First
from revproxy.testing import BalancerContract, stand_in_exchange, stand_in_servers


class FirstContractTests(BalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> First:
        return First()


class FirstTests(SynchronousTestCase):
    def test_in_order(self) -> None:
        """
        The first is taken as long as it is there, whatever the others weigh; then the next.
        """
        servers = stand_in_servers(1, 9, 1)
        exchange = stand_in_exchange()
        self.assertEqual({First().pick(servers, exchange) for _ in range(9)}, {servers[0]})
        self.assertIs(First().pick(servers[1:], exchange), servers[1])
