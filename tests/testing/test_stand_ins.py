from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.components.balancers.least_connections import LeastConnections
from revproxy.exchange import UNKNOWN
from revproxy.interfaces import IServer
from revproxy.testing import StandInServer, stand_in_exchange, stand_in_response, stand_in_servers


class StandInTests(SynchronousTestCase):
    def test_servers(self) -> None:
        """
        They are servers, each with a name of its own and the weight that was asked for.
        """
        servers = stand_in_servers(2, 1)
        self.assertTrue(all(verifyObject(IServer, server) for server in servers))
        self.assertEqual([server.weight for server in servers], [2, 1])
        self.assertEqual(len({server.name for server in servers}), 2)
        self.assertSubstring("weight=3", repr(StandInServer(weight=3)))

    def test_loads(self) -> None:
        """
        Whoever wants to hear how busy a server is hears it, as of a real one.
        """
        server, other = StandInServer(), StandInServer()
        server.observer = balancer = LeastConnections()
        picked = balancer.pick((server,), stand_in_exchange())
        server.occupy()
        other.occupy()
        self.assertEqual((picked.active, other.active), (1, 1))
        self.assertIsNone(balancer._untold)
        server.vacate()
        other.vacate()
        self.assertEqual((picked.active, other.active), (0, 0))

    def test_exchange(self) -> None:
        """
        What was received and what goes on begin alike, and are apart.
        """
        exchange = stand_in_exchange(b"/a?b=c", fields=[(b"x", b"1")])
        self.assertEqual((exchange.request.path, exchange.request.query), (b"/a", b"b=c"))
        self.assertEqual(exchange.outbound.target, b"/a?b=c")
        exchange.outbound.fields.set(b"x", b"2")
        self.assertEqual(exchange.request.fields.get(b"x"), b"1")

    def test_no_query(self) -> None:
        """
        A target without a question mark has no query.
        """
        self.assertIsNone(stand_in_exchange(b"/a").request.query)

    def test_response(self) -> None:
        """
        Its body is of unknown length.
        """
        self.assertEqual(stand_in_response(404).length, UNKNOWN)
