"""
Tests of L{revproxy.edge.loopback}.
"""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.loopback import LoopbackEndpoint

FACTORY = Factory.forProtocol(Protocol)


@implementer(IStreamClientEndpoint)
class Address:
    """
    An address that is connected to when the test says so.

    @ivar attempts: those that go on.
    @ivar given_up: how many are not wanted any more.
    """

    def __init__(self) -> None:
        self.attempts: list[Deferred[IProtocol]] = []
        self.given_up = 0

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        attempt: Deferred[IProtocol] = Deferred(self._give_up)
        self.attempts.append(attempt)
        return attempt

    def _give_up(self, attempt: Deferred[IProtocol]) -> None:
        self.given_up += 1


class LoopbackEndpointTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.four, self.six = Address(), Address()
        self.endpoint = LoopbackEndpoint([self.four, self.six])

    def waiting(self) -> tuple[int, int]:
        return len(self.four.attempts), len(self.six.attempts)

    def test_interface(self) -> None:
        """
        It is an endpoint.
        """
        verifyObject(IStreamClientEndpoint, self.endpoint)

    def test_first(self) -> None:
        """
        Where the first address is connected to the second is not tried.
        """
        connecting = self.endpoint.connect(FACTORY)
        protocol = Protocol()
        self.four.attempts.pop().callback(protocol)
        self.assertIs(self.successResultOf(connecting), protocol)
        self.assertEqual(self.waiting(), (0, 0))

    def test_second(self) -> None:
        """
        Where nobody listens at the first the second is tried, and from then on before it.
        """
        connecting = self.endpoint.connect(FACTORY)
        self.four.attempts.pop().errback(ConnectionRefusedError())
        self.six.attempts.pop().callback(Protocol())
        self.successResultOf(connecting)
        self.endpoint.connect(FACTORY)
        self.assertEqual(self.waiting(), (0, 1))

    def test_neither(self) -> None:
        """
        Where nobody listens at either that is the failure.
        """
        connecting = self.endpoint.connect(FACTORY)
        self.four.attempts.pop().errback(ConnectionRefusedError(string="four"))
        self.six.attempts.pop().errback(ConnectionRefusedError(string="six"))
        failure = self.failureResultOf(connecting, ConnectionRefusedError)
        self.assertSubstring("six", failure.getErrorMessage())

    def test_other_failures(self) -> None:
        """
        With what is no failure to connect the second is not tried.
        """
        connecting = self.endpoint.connect(FACTORY)
        self.four.attempts.pop().errback(ZeroDivisionError())
        self.failureResultOf(connecting, ZeroDivisionError)
        self.assertEqual(self.waiting(), (0, 0))

    def test_cancelled(self) -> None:
        """
        Pitfall 44: who waits no more gives up the present attempt, and there is no other.
        """
        connecting = self.endpoint.connect(FACTORY)
        connecting.cancel()
        self.failureResultOf(connecting, CancelledError)
        self.assertEqual((self.four.given_up, self.waiting()), (1, (1, 0)))
