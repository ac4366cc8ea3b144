from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource, Resource
from twisted.web.server import Site
from twisted.web.static import Data
from typing_extensions import override
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.catalog import built_ins
from revproxy.edge.site import SiteSettings
from revproxy.embed import reverse_proxy_resource
from revproxy.errors import ConfigurationError
from revproxy.exchange import Exchange, Reply, Response
from revproxy.interfaces import IRequestFilter, IResponseFilter
from tests.discovery.test_system import Threads
from tests.edge.memory import MemoryConnection
from tests.service.network import Network

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
EXAMPLE = Path(__file__).resolve().parent.parent / "docs" / "examples" / "embedding.py"


@implementer(IRequestFilter, IResponseFilter)
class Marking:
    """
    Leaves its mark on what goes by.
    """

    def __init__(self, mark: bytes) -> None:
        self._mark = mark

    def filter_request(self, exchange: Exchange) -> Reply | None:
        exchange.outbound.fields.add(b"x-mark", self._mark)
        return None

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        response.fields.add(b"x-mark", self._mark)


class EmbeddedTests(SynchronousTestCase):
    """
    A stock C{Site}, with the proxy at C{/api}.
    """

    @override
    def setUp(self) -> None:
        self.network = Network()

    def listen(self, *servers: str, **options: Any) -> None:
        options.setdefault("registry", built_ins())
        self.resource = reverse_proxy_resource(self.network, servers or ["http://127.0.0.1:9001"], **options)
        root = Resource()
        root.putChild(b"api", self.resource)
        root.putChild(b"own", Data(b"ours", "text/plain"))
        self.network.listenTCP(8080, Site(root, reactor=self.network))

    def ask(self, head: bytes = b"GET /api/users?all HTTP/1.1\r\nHost: a.test\r\n\r\n") -> MemoryConnection:
        client = self.network.client(8080)
        client.send(head)
        return client

    def test_resource(self) -> None:
        """
        It is a resource like any other.
        """
        self.listen()
        verifyObject(IResource, self.resource)

    def test_balancer_sees_responses(self) -> None:
        """
        A balancer that gives clients cookies does so here, too.
        """
        self.listen(balancer="sticky")
        client = self.ask()
        (server,) = self.network.servers(9001)
        server.send(OK)
        self.assertIn(b"set-cookie: sticky=", client.received.lower())

    def test_relays(self) -> None:
        """
        Requests below it go to the server with their whole path, others do not.
        """
        self.listen()
        client = self.ask()
        (server,) = self.network.servers(9001)
        self.assertTrue(server.received.startswith(b"GET /api/users?all HTTP/1.1\r\n"), server.received)
        self.assertIn(b"host: a.test\r\n", server.received.lower())
        server.send(OK)
        self.assertTrue(client.received.endswith(b"hello"), client.received)
        self.assertTrue(self.ask(b"GET /own HTTP/1.1\r\nHost: a.test\r\n\r\n").received.endswith(b"ours"))
        self.assertEqual(len(self.network.outgoing), 1)

    def test_several_servers(self) -> None:
        """
        Several servers take turns.
        """
        self.listen("http://127.0.0.1:9001", "http://127.0.0.1:9002")
        self.ask(), self.ask()
        self.assertEqual([port for port, _ in self.network.outgoing], [9001, 9002])

    def test_options(self) -> None:
        """
        An upstream's options are written as in the file.
        """
        self.listen(host="upstream", timeouts={"first_byte": "2s"})
        client = self.ask()
        self.assertIn(b"host: 127.0.0.1:9001\r\n", self.network.servers(9001)[0].received.lower())
        self.network.turn(2.0, 0)
        self.assertIn(b" 504 ", client.received)

    def test_wrong_options(self) -> None:
        """
        What is wrong is told as of a file.
        """
        with self.assertRaises(ConfigurationError) as caught:
            self.listen("127.0.0.1:9001", balancer="by-chance")
        keys = [problem.key for problem in caught.exception.problems]
        self.assertEqual(keys, ["upstreams.embedded.servers.0.url", "upstreams.embedded.balancer"])

    def test_filters(self) -> None:
        """
        Filters run in order on the request, and backwards on the response.
        """
        self.listen(filters=[Marking(b"one"), Marking(b"two")])
        client = self.ask()
        (server,) = self.network.servers(9001)
        self.assertLess(server.received.index(b"one"), server.received.index(b"two"))
        server.send(OK)
        self.assertLess(client.received.index(b"two"), client.received.index(b"one"))

    def test_settings(self) -> None:
        """
        The limits for the site's requests can be given.
        """
        self.listen(site=SiteSettings(most_body=3))
        client = self.ask(b"POST /api HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nfour")
        self.assertIn(b" 413 ", client.received)
        self.assertEqual(self.network.outgoing, [])

    def test_close(self) -> None:
        """
        Closed, it leaves no connection to a server.
        """
        self.listen()
        client = self.ask()
        (server,) = self.network.servers(9001)
        server.send(OK)
        self.assertFalse(server.gone)
        self.resource.close()
        client.leave()
        self.network.turn()
        self.assertTrue(server.gone)


class LookedAfterTests(SynchronousTestCase):
    """
    Servers that have to be found.
    """

    @override
    def setUp(self) -> None:
        self.network = Network()
        self.network.nameResolver = self.threads = Threads()
        self.resource = reverse_proxy_resource(
            self.network, ["http://app.test:9001"], registry=built_ins(), health_check="tcp"
        )
        self.network.listenTCP(8080, Site(self.resource, reactor=self.network))

    def start(self) -> None:
        """
        Have the reactor run.
        """
        self.network.running = True
        for hook, arguments, named in self.network.whenRunningHooks:
            hook(*arguments, **named)

    def ask(self) -> MemoryConnection:
        client = self.network.client(8080)
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        return client

    def test_names(self) -> None:
        """
        Names are looked up while the reactor runs, and requests that come before wait.
        """
        client = self.ask()
        self.assertEqual(self.threads.busy, [])
        self.start()
        self.threads.finish(IPv4Address("TCP", "10.0.0.1", 0))
        self.network.turn()
        self.network.servers(9001)[0].send(OK)
        self.assertTrue(client.received.endswith(b"hello"), client.received)

    def test_closed(self) -> None:
        """
        Pitfall 44: closed, it looks after nothing any more.
        """
        self.start()
        self.threads.finish(IPv4Address("TCP", "10.0.0.1", 0))
        self.resource.close()
        self.assertEqual(self.network.getDelayedCalls(), [])

    def test_closed_early(self) -> None:
        """
        Closed before the reactor runs, it never does.
        """
        self.resource.close()
        self.start()
        self.assertEqual((self.threads.busy, self.network.getDelayedCalls()), ([], []))


class ExampleTests(SynchronousTestCase):
    def test_example(self) -> None:
        """
        The program that the documentation shows relays what is under C{/api}.
        """
        network = Network()
        network.listenTCP(8080, runpy.run_path(str(EXAMPLE))["site"](network, "http://127.0.0.1:9001"))
        client = network.client(8080)
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        self.assertIn(b"a page of the program", client.received)
        client.send(b"GET /api HTTP/1.1\r\nHost: a.test\r\n\r\n")
        network.servers(9001)[0].send(OK)
        self.assertTrue(client.received.endswith(b"hello"))
