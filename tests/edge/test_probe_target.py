"""
Tests of L{revproxy.edge.probe_target}.
"""

from __future__ import annotations

from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.probe_target import ProbeTarget
from revproxy.interfaces import IProbeTarget
from tests.edge.proxied import MemoryEndpoint


class ProbeTargetTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.endpoints: dict[int, MemoryEndpoint] = {}
        self.target = ProbeTarget("http://one", b"one", "one", 80, self.endpoint)

    def endpoint(self, port: int) -> IStreamClientEndpoint:
        self.endpoints[port] = MemoryEndpoint(Clock(), port)
        return self.endpoints[port]

    def test_interface(self) -> None:
        """
        It is what checkers are given.
        """
        self.assertTrue(verifyObject(IProbeTarget, self.target))

    def test_connected(self) -> None:
        """
        A connection is made to the server's own port, or to another one.
        """
        for port in (None, 8080):
            protocol = self.successResultOf(self.target.connect(Factory.forProtocol(Protocol), port))
            self.assertIsInstance(protocol, Protocol)
        self.assertEqual([len(each.connections) for each in self.endpoints.values()], [1, 1])
        self.assertEqual(list(self.endpoints), [80, 8080])

    def test_no_news(self) -> None:
        """
        That a check begins or ends is not logged, whichever factory it has.
        """
        factory = Factory.forProtocol(Protocol)
        self.successResultOf(self.target.connect(factory))
        with capturedLogs() as events:
            factory.doStart()
            factory.doStop()
        self.assertEqual(events, [])
