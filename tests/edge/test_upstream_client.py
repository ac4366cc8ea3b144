"""
Tests of L{revproxy.edge.upstream_client}: connecting to one server.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.error import (
    ConnectError,
    ConnectionRefusedError,
    DNSLookupError,
    NoRouteError,
)
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.turn import TurnWriter
from revproxy.edge.upstream_client import Http1Client
from revproxy.edge.upstream_http1 import Http1UpstreamConnection
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.errors import ExchangeError, UpstreamConnectTimeout, UpstreamRefused
from revproxy.flow.pool.terms import UpstreamTimeouts
from revproxy.interfaces import IConnectionOwner, IUpstreamClient, IUpstreamConnection
from tests.edge.proxied import MemoryEndpoint


@implementer(IConnectionOwner)
class Owner:
    """
    Keeps what it is given back.
    """

    def __init__(self) -> None:
        self.forgotten: list[IUpstreamConnection] = []

    def give_back(self, connection: IUpstreamConnection) -> bool:
        return True

    def forget(self, connection: IUpstreamConnection) -> None:
        self.forgotten.append(connection)


class ClientTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.endpoint = MemoryEndpoint(self.clock, 80)
        settings = UpstreamHttp1Settings(self.clock, TurnWriter(self.clock), UpstreamTimeouts(connect=5.0))
        self.client = Http1Client(self.endpoint, settings)
        self.owner = Owner()

    def connect(self) -> Deferred[IUpstreamConnection]:
        return self.client.connect(self.owner)

    def test_interfaces(self) -> None:
        """
        The client makes connections as the flow wants them.
        """
        self.assertTrue(verifyObject(IUpstreamClient, self.client))
        self.assertTrue(verifyObject(IConnectionOwner, self.owner))
        self.assertTrue(verifyObject(IUpstreamConnection, self.successResultOf(self.connect())))

    def test_connected(self) -> None:
        """
        A connection is ready as soon as it is made, and no deadline for it remains.
        """
        connection = self.successResultOf(self.connect())
        self.assertIsInstance(connection, Http1UpstreamConnection)
        self.assertFalse(connection.used)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        """
        An attempt that takes too long is given up.
        """
        self.endpoint.holding = True
        attempt = self.connect()
        self.clock.advance(4)
        self.assertNoResult(attempt)
        self.clock.advance(1)
        self.failureResultOf(attempt, UpstreamConnectTimeout)
        self.assertEqual(self.endpoint.given_up, 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled(self) -> None:
        """
        An attempt that nobody waits for is given up.
        """
        self.endpoint.holding = True
        attempt = self.connect()
        attempt.cancel()
        self.failureResultOf(attempt, ExchangeError)
        self.assertEqual(self.endpoint.given_up, 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_failed(self) -> None:
        """
        Pitfall 30: where no connection can be made, another server may be tried, and the
        reason is kept for the log.
        """
        for reason, expected in (
            (ConnectionRefusedError("no"), UpstreamRefused),
            (NoRouteError("no"), UpstreamRefused),
            (ConnectError("no"), UpstreamRefused),
            (DNSLookupError("no"), UpstreamRefused),
            (OSError("no"), UpstreamRefused),
            (ConnectTimeout(), UpstreamConnectTimeout),
        ):
            self.endpoint.error = reason
            error = self.failureResultOf(self.connect(), expected).value
            self.assertTrue(error.retry_safe)
            self.assertEqual(str(error), str(reason))

    def test_plain_reason(self) -> None:
        """
        What the system says is told once, and what says nothing by its name.
        """
        for reason, words in (
            (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
            (NoRouteError(113, "No route to host"), "No route to host"),
            (DNSLookupError("no such host"), "DNS lookup failed: no such host."),
            (OSError(), "OSError"),
        ):
            self.endpoint.error = reason
            self.assertEqual(str(self.failureResultOf(self.connect(), UpstreamRefused).value), words)
