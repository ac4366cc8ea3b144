"""
Tests of L{revproxy.edge.router}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.match import Route
from revproxy.edge.router import Router
from revproxy.edge.tree import RouteTree
from revproxy.errors import NoRoute
from revproxy.exchange import Exchange
from revproxy.interfaces import IReceiver
from revproxy.receivers import Ignored
from tests.fakes import RecordingDownstream, RecordingResource, an_exchange


def fail(exchange: Exchange) -> None:
    raise LookupError("a fault of the resource")


class RouterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.resource = RecordingResource()
        self.router = Router(RouteTree([Route(self.resource, b"example.com", name="shop")]))
        self.downstream = RecordingDownstream()

    def test_route(self) -> None:
        """
        The resource of the route answers, and the route is written down.
        """
        exchange = an_exchange(self.downstream)
        self.assertIs(self.router.answer(exchange), self.resource.receiver)
        self.assertEqual(self.resource.exchanges, [exchange])
        self.assertEqual(exchange.why, ["shop"])

    def test_no_route(self) -> None:
        """
        Where no route matches, the client is told so and its body is ignored.
        """
        receiver = self.router.answer(an_exchange(self.downstream, authority=b"other.test"))
        self.assertIsInstance(self.downstream.error, NoRoute)
        self.assertEqual(self.downstream.calls, ["refuse"])
        self.ignores(receiver)

    def test_fault(self) -> None:
        """
        A fault of a resource becomes 500, is in the log, and harms nobody else.
        """
        router = Router(RouteTree([Route(RecordingResource(fail))]))
        receiver = router.answer(an_exchange(self.downstream))
        assert self.downstream.error is not None
        self.assertEqual(self.downstream.error.status, 500)
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)
        self.ignores(receiver)

    def ignores(self, receiver: IReceiver) -> None:
        """
        Nothing that the receiver hears has any effect.
        """
        self.assertIsInstance(receiver, Ignored)
        self.assertTrue(verifyObject(IReceiver, receiver))
        calls = list(self.downstream.calls)
        receiver.request_body(b"a")
        receiver.request_flush()
        receiver.request_ended(())
        receiver.request_failed(NoRoute())
        receiver.pause_response()
        receiver.resume_response()
        receiver.client_left()
        self.assertEqual(self.downstream.calls, calls)
