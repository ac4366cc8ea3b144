"""
Tests of L{revproxy.flow.route}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.terms import UpstreamTerms, UpstreamTimeouts
from revproxy.flow.route import RouteSettings
from tests.flow.tunnel_ends import TunnelConnection
from tests.flow.upstream_side import AttendedServer, an_upstream


class RouteSettingsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        timeouts = UpstreamTimeouts(tunnel_idle=7.0)
        upstream = an_upstream([AttendedServer().server], terms=UpstreamTerms(timeouts=timeouts))
        self.route = RouteSettings(upstream, self.clock)

    def test_by_default(self) -> None:
        """
        Without filters there are none, and the listener says how large a body may be.
        """
        self.assertEqual((self.route.request_filters, self.route.response_filters), ((), ()))
        self.assertIsNone(self.route.most_body)

    def test_tunnel(self) -> None:
        """
        Its tunnels end after the upstream's idle time, and tell so.
        """
        over: list[None] = []
        client, server = TunnelConnection(self.clock), TunnelConnection(self.clock)
        self.route.tunnel(lambda: over.append(None)).open(client.end, server.end)
        self.clock.advance(6.9)
        self.assertEqual(over, [])
        self.clock.pump([0.1, 0])
        self.assertEqual((len(over), client.reset, self.clock.getDelayedCalls()), (1, True, []))
