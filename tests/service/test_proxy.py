"""
Tests of L{revproxy.service.proxy}: how it starts, logs and stops.
"""

from __future__ import annotations

from twisted.application.service import IService
from zope.interface.verify import verifyObject

from revproxy.errors import RevproxyError
from revproxy.service.listeners import CannotListen
from revproxy.service.proxy import ProxyService
from tests.service.proxies import BEGUN, GET, OK, ProxyTestCase, a_document, endpoints


class StartTests(ProxyTestCase):
    def test_service(self) -> None:
        """
        It is a service, and listens nowhere before it starts.
        """
        verifyObject(IService, self.proxy())
        self.assertEqual(self.network.ports, {})

    def test_relays(self) -> None:
        """
        Once it runs, requests go through.
        """
        self.running()
        self.answered()

    def test_no_upstream(self) -> None:
        """
        A proxy whose resources answer everything needs no upstream.
        """
        self.directory.joinpath("hello.txt").write_text("hello")
        resource = {"type": "static", "directory": "."}
        self.running({"listeners": endpoints(web=8080), "routes": [{"resource": resource}]})
        client = self.network.client(8080)
        client.send(GET.replace(b"/ ", b"/hello.txt ", 1))
        self.assertTrue(client.received.endswith(b"\r\n\r\nhello"))

    def test_behind_haproxy(self) -> None:
        """
        Pitfall 9: a listener that asks for the PROXY protocol takes the client's address
        from there.
        """
        self.running(a_document(listeners={"web": {"endpoint": "haproxy:tcp:8080"}}))
        client = self.network.client(8080)
        client.send(b"PROXY TCP4 203.0.113.9 192.0.2.1 4000 80\r\n")
        client.send(GET)
        (server,) = self.network.servers(9001)
        self.assertIn(b"x-forwarded-for: 203.0.113.9\r\n", server.received.lower())

    def test_listens_once(self) -> None:
        """
        What listens with privileges is not listened on again without.
        """
        proxy = self.running(a_document(listeners=endpoints(web=8080, other=8081)))
        self.assertEqual(list(self.network.ports), [8080, 8081])
        self.assertEqual(list(proxy.listeners), ["web", "other"])
        self.assertEqual(str(proxy.listeners["web"].address), str(self.network.ports[8080].getHost()))

    def test_without_privileges(self) -> None:
        """
        It listens, too, where only C{startService} is called.
        """
        self.proxy().startService()
        self.assertEqual(list(self.network.ports), [8080])

    def test_port_in_use(self) -> None:
        """
        A port in use is told with the key of the file, and nothing stays open.
        """
        self.network.broken.add(8081)
        proxy = self.proxy(
            a_document(listeners=endpoints(web=8080, other=8081), access_log={"path": "access.log"})
        )
        before = self.descriptors()
        with self.assertRaises(CannotListen) as caught:
            proxy.privilegedStartService()
        self.assertEqual(
            str(caught.exception),
            "listeners.other.endpoint: cannot listen on tcp:8081: Address already in use",
        )
        self.assertEqual(self.descriptors(), before)
        self.assertNothingLeft()

    def test_log_that_cannot_be_written(self) -> None:
        """
        Without its access log it does not begin to listen.
        """
        self.directory.joinpath("access.log").mkdir()
        proxy = self.proxy(a_document(access_log={"path": "access.log"}))
        with self.assertRaises(RevproxyError) as caught:
            proxy.privilegedStartService()
        self.assertIn("cannot write a log here", str(caught.exception))
        self.assertNothingLeft()


class AccessLogTests(ProxyTestCase):
    def lines(self, name: str) -> int:
        path = self.directory / name
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_unchanged(self) -> None:
        """
        An unchanged log goes on, and what was held back is written.
        """
        document = a_document(access_log={"path": "a.log"})
        proxy = self.running(document)
        before = self.descriptors()
        self.answered()
        self.assertTaken(proxy, document)
        self.answered()
        self.network.turn(1.0)
        self.assertEqual((self.lines("a.log"), self.descriptors()), (2, before))

    def test_changed(self) -> None:
        """
        What ends after the change is in the new log, wherever it began; the old file
        is closed.
        """
        proxy = self.running(
            a_document(access_log={"path": "a.log"}, listeners=endpoints(web=8080, gone=8081))
        )
        before = self.descriptors()
        self.answered()
        staying, leaving = self.asking(8080), self.asking(8081)
        self.assertTaken(proxy, a_document(access_log={"path": "b.log"}))
        for server in self.network.servers(9001):
            server.send(OK)
        self.assertTrue(staying.received.endswith(b"ok") and leaving.received.endswith(b"ok"))
        self.network.turn(1.0)
        self.assertEqual((self.lines("a.log"), self.lines("b.log"), self.descriptors()), (1, 2, before))

    def test_removed(self) -> None:
        """
        Without a log nothing is written or held.
        """
        proxy = self.running(a_document(access_log={"path": "a.log"}))
        self.assertTaken(proxy, a_document())
        self.answered()
        self.network.turn(1.0)
        self.assertEqual(self.lines("a.log"), 0)
        proxy.reopen_logs()

    def test_reopened(self) -> None:
        """
        After a rename lines go to a new file of the old name.
        """
        proxy = self.running(a_document(access_log={"path": "a.log"}))
        self.answered()
        self.directory.joinpath("a.log").rename(self.directory / "a.log.1")
        proxy.reopen_logs()
        self.answered()
        self.network.turn(1.0)
        self.assertEqual((self.lines("a.log.1"), self.lines("a.log")), (1, 1))


class StopTests(ProxyTestCase):
    def stop(self, proxy: ProxyService) -> list[object]:
        """
        @return: has an item once it has stopped.
        """
        stopped: list[object] = []
        proxy.stopService().addCallback(stopped.append)
        self.network.turn()
        return stopped

    def test_idle(self) -> None:
        """
        With no exchange running it stops within a moment, and leaves nothing.
        """
        proxy = self.running(a_document(access_log={"path": "a.log"}))
        self.answered()
        stopped = self.stop(proxy)
        self.network.turn(0.1)
        self.assertEqual(len(stopped), 1)
        self.assertNothingLeft()

    def test_waits(self) -> None:
        """
        A running exchange is waited for; nobody else is let in.
        """
        proxy = self.running()
        client = self.asking()
        (server,) = self.network.servers(9001)
        server.send(BEGUN)
        stopped = self.stop(proxy)
        self.assertEqual(self.network.ports, {})
        self.network.turn(29.0)
        self.assertEqual(stopped, [])
        server.send(b"ha")
        self.network.turn(0, 0.1)
        self.assertTrue(client.received.endswith(b"haha"))
        self.assertEqual(len(stopped), 1)
        self.assertNothingLeft()

    def test_cut(self) -> None:
        """
        At the end of C{drain_timeout} what is left is cut, and is in the log none the
        less.
        """
        proxy = self.running(a_document(drain_timeout="5s", access_log={"path": "a.log"}))
        client = self.asking()
        self.network.servers(9001)[0].send(BEGUN)
        stopped = self.stop(proxy)
        self.network.turn(4.9)
        self.assertEqual((stopped, client.gone), ([], False))
        self.network.turn(0.2, 0, 0.1)
        self.assertEqual((len(stopped), client.gone), (1, True))
        self.assertEqual(len(self.directory.joinpath("a.log").read_text().splitlines()), 1)
        self.assertNothingLeft()

    def test_earlier_listeners(self) -> None:
        """
        Exchanges of listeners that earlier reloads removed are waited for and cut with
        the others: one removed before the last reload, one with it.
        """
        proxy = self.running(
            a_document(listeners=endpoints(web=8080, one=8081, two=8082), drain_timeout="5s")
        )
        clients = [self.asking(8081), self.asking(8082)]
        self.assertTaken(proxy, a_document(listeners=endpoints(web=8080, two=8082), drain_timeout="5s"))
        self.assertTaken(proxy, a_document(drain_timeout="5s"))
        self.network.turn(50.0)
        self.assertEqual([client.gone for client in clients], [False, False])
        stopped = self.stop(proxy)
        self.network.servers(9001)[0].send(OK)
        self.network.turn(0, 0.1)
        self.assertEqual([client.gone for client in clients], [True, False])
        self.assertEqual(stopped, [])
        self.network.turn(5.0, 0, 0.1)
        self.assertTrue(clients[1].gone)
        self.assertEqual(len(stopped), 1)
        self.assertNothingLeft()

    def test_stop_right_after_reload(self) -> None:
        """
        It stops just as well while a listener is still closing.
        """
        proxy = self.running(a_document(listeners=endpoints(web=8080, one=8081)))
        self.assertTrue(proxy.reload(lambda: self.configuration(a_document())))
        self.assertEqual(len(self.stop(proxy)), 1)
        self.assertNothingLeft()


class TunnelTests(ProxyTestCase):
    """
    A tunnel is an exchange that lasts.
    """

    KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
    ASKED = (
        b"GET / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n\r\n"
    )
    SWITCHED = (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )

    def test_survives(self) -> None:
        """
        Tunnels survive reloads, whether their listener and upstream stay or go, until
        the proxy has drained.
        """
        proxy = self.running(a_document(listeners=endpoints(web=8080, gone=8081)))
        clients = [self.network.client(8080), self.network.client(8081)]
        for client in clients:
            client.send(self.ASKED)
            self.network.outgoing[-1][1].send(self.SWITCHED)
            self.assertIn(b"101", client.received)
        servers = self.network.servers(9001)
        self.assertTaken(proxy, a_document())
        self.assertTaken(proxy, a_document(upstreams={"app": {"servers": ["http://127.0.0.1:9002"]}}))
        for client, server in zip(clients, servers, strict=True):
            client.send(b"question")
            self.assertTrue(server.received.endswith(b"question"))
            server.send(b"reply")
            self.assertTrue(client.received.endswith(b"reply"))
        stopped: list[object] = []
        proxy.stopService().addCallback(stopped.append)
        self.network.turn(29.0)
        self.assertEqual([client.gone for client in clients], [False, False])
        self.network.turn(1.1, 0, 0.1, 0.1)
        self.assertEqual(len(stopped), 1)
        self.assertNothingLeft()
