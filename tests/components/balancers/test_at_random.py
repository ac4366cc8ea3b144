from __future__ import annotations

from collections import Counter
from random import Random

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.at_random import AtRandom
from revproxy.testing import WeightedBalancerContract, stand_in_exchange, stand_in_servers
from tests.components.balancers.loads import SharesTestCase


class AtRandomContractTests(WeightedBalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> AtRandom:
        return AtRandom(Random(1))


class AtRandomTests(SharesTestCase):
    def test_other_weights(self) -> None:
        """
        Where weights change, so do the shares.
        """
        servers = stand_in_servers(1, 1)
        balancer, exchange = AtRandom(Random(1)), stand_in_exchange()
        balancer.pick(servers, exchange)
        servers[0].weight = 3
        changed = tuple(servers)
        counted = Counter(balancer.pick(changed, exchange) for _ in range(10_000))
        self.assertShares([counted[server] / 10_000 for server in servers], (0.75, 0.25))
