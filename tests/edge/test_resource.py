"""
Tests of L{revproxy.edge.resource}.  How it answers a stock site is in
L{tests.edge.test_site}.
"""

from __future__ import annotations

from twisted.web.resource import IResource
from zope.interface.verify import verifyObject

from revproxy.edge.match import Route
from revproxy.edge.resource import ReverseProxyResource
from revproxy.edge.router import Router
from revproxy.edge.tree import RouteTree
from revproxy.exchange import Exchange
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IExchangeResource, IReceiver
from tests.edge.proxied import OK, Proxied, ProxiedTestCase, post, undated
from tests.fakes import RecordingDownstream, an_exchange


class ResourceTests(ProxiedTestCase):
    def resource(self, most_body: int | None = None) -> ReverseProxyResource:
        self.proxied = Proxied()
        return ReverseProxyResource(
            RouteSettings(self.proxied.upstream, self.proxied.clock, most_body=most_body)
        )

    def test_interfaces(self) -> None:
        """
        It is a leaf of our tree and of a stock one.
        """
        resource = self.resource()
        self.assertTrue(verifyObject(IExchangeResource, resource))
        self.assertTrue(verifyObject(IResource, resource))
        self.assertIs(resource.getChildWithDefault(b"a", None), resource)  # type: ignore[arg-type]
        self.assertRaises(NotImplementedError, resource.putChild, b"a", resource)

    def test_relays(self) -> None:
        """
        An exchange is relayed at once.
        """
        downstream = RecordingDownstream()
        self.assertIsInstance(self.resource().answer(an_exchange(downstream)), Relay)
        self.assertEqual(self.proxied.forwarded, [b"GET / HTTP/1.1\r\nhost: example.com\r\n\r\n"])
        self.proxied.origin.send(OK)
        self.assertEqual(downstream.body, b"ok")

    def test_inherited(self) -> None:
        """
        A class of somebody else's may inherit from it; what it overrides is what is
        called, and it is found by its interfaces.
        """

        class Noting(ReverseProxyResource):
            def __init__(self, route: RouteSettings) -> None:
                super().__init__(route)
                self.noted: list[Exchange] = []

            def answer(self, exchange: Exchange) -> IReceiver:
                self.noted.append(exchange)
                return super().answer(exchange)

        self.proxied = Proxied()
        resource = Noting(RouteSettings(self.proxied.upstream, self.proxied.clock))
        self.assertTrue(verifyObject(IExchangeResource, resource))
        tree = RouteTree([Route(resource)])
        exchange = an_exchange()
        Router(tree).answer(exchange)
        self.assertEqual(resource.noted, [exchange])
        self.assertEqual(len(self.proxied.forwarded), 1)

    def test_most_body(self) -> None:
        """
        The route's limit of the body holds in place of the listener's, larger or smaller.
        """
        for most, expected in ((None, 100), (7, 7), (1000, 1000)):
            exchange = an_exchange(most_body=100)
            self.resource(most).answer(exchange)
            self.assertEqual(exchange.most_body, expected)

    def test_each_request(self) -> None:
        """
        It holds for each request of a connection on its own.
        """
        self.start(most_body=10)
        self.client.send(post(9, b"123456789"))
        self.proxied.origin.send(OK)
        self.client.send(post(11))
        self.assertEqual(self.proxied.statuses, [200, 413])
        self.assertTrue(undated(self.client.received).startswith(OK + b"HTTP/1.1 413 "))

    def test_close(self) -> None:
        """
        Closing drops the connections that nobody uses, and keeps none from then on.
        """
        resource = self.resource()
        for _ in range(2):
            resource.answer(an_exchange())
        idle, busy = self.proxied.origins
        idle.send(OK)
        resource.close()
        self.proxied.advance(0)
        self.assertEqual((idle.gone, busy.gone), (True, False))
        busy.send(OK)
        self.assertTrue(busy.gone)
        self.assertEqual(self.proxied.leftovers(), [])
