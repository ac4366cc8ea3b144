from __future__ import annotations

from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.components.balancers.fallback import WithFallback
from revproxy.components.balancers.least_connections import LeastConnections
from revproxy.components.balancers.least_time import LeastTime
from revproxy.components.balancers.round_robin import RoundRobin
from revproxy.components.balancers.seal import Seal
from revproxy.components.balancers.sticky import Sticky
from revproxy.errors import UpstreamRefused
from revproxy.interfaces import ILoadObserver, IOutcomeObserver
from revproxy.testing import StandInServer, stand_in_exchange, stand_in_servers


class WithFallbackTests(SynchronousTestCase):
    def test_wants_to_hear_nothing(self) -> None:
        """
        Where the fallback does not want to be told, nobody has to; it may be, all the same.
        """
        balancer, server = WithFallback(RoundRobin()), StandInServer()
        self.assertFalse(ILoadObserver.providedBy(balancer) or IOutcomeObserver.providedBy(balancer))
        balancer.occupied(server)
        balancer.vacated(server)
        balancer.answered(server, 200, 0.1)
        balancer.failed(server, UpstreamRefused("x"), 0.1)
        balancer.forgotten(server)

    def test_loads(self) -> None:
        """
        One that wants to hear of loads does.
        """
        fallback = LeastConnections()
        balancer = WithFallback(fallback)
        self.assertTrue(verifyObject(ILoadObserver, balancer))
        self.assertFalse(IOutcomeObserver.providedBy(balancer))
        servers = stand_in_servers(1, 1)
        picked = fallback.pick(servers, stand_in_exchange())
        balancer.occupied(picked)
        self.assertIsNone(fallback._untold)
        balancer.vacated(picked)
        balancer.forgotten(picked)

    def test_outcomes(self) -> None:
        """
        One that wants to hear how servers do does, and what it is to forget.
        """
        fallback = LeastTime(Random(1), Clock(), 10.0, 1.0)
        balancer = WithFallback(fallback)
        self.assertTrue(verifyObject(IOutcomeObserver, balancer))
        self.assertFalse(ILoadObserver.providedBy(balancer))
        one, other = servers = stand_in_servers(1, 1)
        fallback.pick(servers, stand_in_exchange())
        balancer.answered(one, 200, 0.1)
        balancer.failed(other, UpstreamRefused("x"), 0.1)
        self.assertEqual([fallback._taken[server].seconds for server in servers], [0.1, 1.0])
        balancer.forgotten(one)
        self.assertEqual(list(fallback._taken), [other])

    def test_no_filters(self) -> None:
        """
        One that changes responses is refused: it would see those of others, too.
        """
        sticky = Sticky(RoundRobin(), Seal(bytes(32), b""))
        error = self.assertRaises(ValueError, WithFallback, sticky)
        self.assertIn("Sticky cannot be a fallback", str(error))
