"""
Contract tests for those who write components, and what such tests need.

Inherit a contract together with a test case of trial, and say how the component is
made::

    class LeastOfDrawnTests(BalancerContract, SynchronousTestCase):
        def make_balancer(self) -> IBalancer:
            return LeastOfDrawn(Random(1), drawn=2)

A contract shows that a component keeps to its interface; what it is for is left to
tests of its own.
"""

from revproxy.testing.balancers import BalancerContract, WeightedBalancerContract
from revproxy.testing.filters import RequestFilterContract, ResponseFilterContract
from revproxy.testing.formats import AccessLogFormatContract
from revproxy.testing.health_checkers import HealthCheckerContract, TalkingHealthCheckerContract
from revproxy.testing.stand_ins import (
    StandInServer,
    stand_in_exchange,
    stand_in_head,
    stand_in_response,
    stand_in_servers,
)
from revproxy.testing.stores import CacheStoreContract
from revproxy.testing.targets import StandInConnection, StandInTarget

__all__ = [
    "AccessLogFormatContract",
    "BalancerContract",
    "CacheStoreContract",
    "HealthCheckerContract",
    "RequestFilterContract",
    "ResponseFilterContract",
    "StandInConnection",
    "StandInServer",
    "StandInTarget",
    "TalkingHealthCheckerContract",
    "WeightedBalancerContract",
    "stand_in_exchange",
    "stand_in_head",
    "stand_in_response",
    "stand_in_servers",
]
