"""
Tests of L{revproxy.service.proxy}: another configuration is taken up, or refused.
"""

from __future__ import annotations

from typing import Any

from revproxy.service.proxy import ProxyService
from tests.certificates import Authority
from tests.service.proxies import BEGUN, GET, OK, ProxyTestCase, a_document, endpoints


class ReloadTests(ProxyTestCase):
    """
    What becomes of listeners and upstreams when the configuration changes.
    """

    def test_same(self) -> None:
        """
        The same configuration again keeps the clients' connections and the servers'.
        """
        proxy = self.running()
        client = self.answered()
        self.assertTaken(proxy, a_document())
        client.send(GET)
        (server,) = self.network.servers(9001)
        server.send(OK)
        self.assertEqual(client.received.count(b"200 OK"), 2)

    def test_before_start_and_after_stop(self) -> None:
        """
        A proxy that does not run takes up nothing, and does not listen again.
        """
        proxy = self.proxy()
        self.assertFalse(proxy.reload(lambda: self.configuration(a_document())))
        proxy.startService()
        proxy.stopService()
        self.network.turn()
        self.assertFalse(proxy.reload(lambda: self.configuration(a_document())))
        self.assertNothingLeft()

    def test_changed_upstream(self) -> None:
        """
        With other servers a running exchange finishes with its own; its connection is
        not kept, and the client's next request goes to the new one.
        """
        proxy = self.running()
        client = self.asking()
        (old,) = self.network.servers(9001)
        old.send(BEGUN)
        self.assertTaken(proxy, a_document(upstreams={"app": {"servers": ["http://127.0.0.1:9002"]}}))
        old.send(b"ha")
        self.assertTrue(client.received.endswith(b"haha"))
        self.network.turn()
        self.assertTrue(old.gone)
        client.send(GET)
        self.assertEqual(len(self.network.servers(9002)), 1)

    def test_changed_upstream_idle(self) -> None:
        """
        Connections to servers that are no longer used are closed, others stay.
        """
        both = {"app": {"servers": ["http://127.0.0.1:9001"]}, "two": {"servers": ["http://127.0.0.1:9002"]}}
        routes = [{"upstream": "app"}, {"path": "/two", "upstream": "two"}]
        proxy = self.running(a_document(upstreams=both, routes=routes))
        client = self.answered()
        client.send(GET.replace(b"/ ", b"/two ", 1))
        self.network.servers(9002)[0].send(OK)
        self.assertTaken(proxy, a_document())
        self.assertTrue(self.network.servers(9002)[0].gone)
        self.assertFalse(self.network.servers(9001)[0].gone)

    def test_balancer_goes_on(self) -> None:
        """
        The balancer of an unchanged upstream goes on where it was.
        """
        upstreams = {"app": {"servers": ["http://127.0.0.1:9001", "http://127.0.0.1:9002"]}}
        proxy = self.running(a_document(upstreams=upstreams))
        self.asking()
        self.assertTaken(proxy, a_document(upstreams=upstreams, drain_timeout="1s"))
        self.asking()
        self.assertEqual([port for port, _ in self.network.outgoing], [9001, 9002])

    def test_routes(self) -> None:
        """
        Clients that are connected meet other routes and limits with their next request.
        """
        proxy = self.running()
        client = self.answered()
        self.assertTaken(proxy, a_document(routes=[{"path": "/only", "upstream": "app"}]))
        client.send(GET)
        self.assertIn(b"404", client.received)
        self.assertTrue(client.open)

    def test_listener_added(self) -> None:
        """
        A new listener accepts connections, beside the others.
        """
        proxy = self.running()
        self.assertTaken(proxy, a_document(listeners=endpoints(web=8080, other=8081)))
        self.answered(8081)
        self.answered(8080)

    def test_listener_removed(self) -> None:
        """
        A removed listener accepts nothing, closes what is idle, and lets a running
        exchange end.
        """
        proxy = self.running(a_document(listeners=endpoints(web=8080, other=8081)))
        idle = self.answered(8081)
        busy = self.asking(8081)
        server = self.network.servers(9001)[-1]
        server.send(BEGUN)
        self.assertTaken(proxy, a_document())
        self.assertEqual(list(self.network.ports), [8080])
        self.assertTrue(idle.gone)
        self.assertFalse(busy.gone)
        server.send(b"ha")
        self.network.turn()
        self.assertTrue(busy.received.endswith(b"haha"))
        self.assertTrue(busy.gone)

    def test_endpoint_changed(self) -> None:
        """
        A listener that moves is there at its new place, and gone from the old.
        """
        proxy = self.running()
        client = self.answered()
        self.assertTaken(proxy, a_document(listeners=endpoints(web=8081)))
        self.assertEqual(list(self.network.ports), [8081])
        self.assertTrue(client.gone)
        self.answered(8081)

    def test_endpoints_swapped(self) -> None:
        """
        Two listeners can swap their places without either being given up.
        """
        routes = [{"path": "/", "upstream": "app", "listeners": ["web"]}]
        document = a_document(listeners=endpoints(web=8080, other=8081), routes=routes)
        proxy = self.running(document)
        client = self.answered(8080)
        ports = dict(self.network.ports)
        self.assertTaken(proxy, {**document, "listeners": endpoints(web=8081, other=8080)})
        self.assertEqual(self.network.ports, ports)
        self.assertTrue(client.gone, "it came to a listener of another name")
        self.answered(8081)
        refused = self.asking(8080)
        self.assertIn(b" 404 ", refused.received)

    def test_freed_endpoint(self) -> None:
        """
        A new listener can have the endpoint of one that is removed.
        """
        proxy = self.running()
        self.assertTaken(proxy, a_document(listeners=endpoints(fresh=8080)))
        self.assertEqual(list(proxy.listeners), ["fresh"])
        self.answered(8080)

    def test_plain_becomes_tls(self) -> None:
        """
        Where TLS is asked for from now on, those who came without may end their
        exchange, and no more.
        """
        proxy = self.running()
        idle, busy = self.answered(), self.asking()
        server = self.network.servers(9001)[-1]
        server.send(BEGUN)
        self.assertTaken(proxy, a_document(listeners={"web": {"endpoint": "tcp:8080", "tls": self.tls()}}))
        self.assertTrue(idle.gone)
        server.send(b"ha")
        self.network.turn()
        self.assertTrue(busy.received.endswith(b"haha"))
        self.assertTrue(busy.gone)
        plain = self.asking()
        self.network.turn()
        self.assertNotIn(b"HTTP/1.1", plain.received)

    def test_tls_becomes_plain(self) -> None:
        """
        And the other way round.
        """
        proxy = self.running(a_document(listeners={"web": {"endpoint": "tcp:8080", "tls": self.tls()}}))
        self.network.client(8080)
        self.assertTaken(proxy, a_document())
        self.answered()

    def test_certificates_of_clients(self) -> None:
        """
        Who was let in without a certificate is not once certificates are required.
        """
        tls = self.tls()
        proxy = self.running(a_document(listeners={"web": {"endpoint": "tcp:8080", "tls": tls}}))
        connection = self.network.client(8080)
        ca = str(Authority(self.directory).certificate)
        asked = {**tls, "client_certificates": {"ca": ca}}
        self.assertTaken(proxy, a_document(listeners={"web": {"endpoint": "tcp:8080", "tls": asked}}))
        self.network.turn(0, 70, 0)
        self.assertTrue(connection.gone)

    def test_nothing_more_is_scheduled(self) -> None:
        """
        Pitfall 44: reloads leave no more calls behind than there were, although each
        begins to look at the certificates anew.
        """
        document = a_document(listeners={"web": {"endpoint": "tcp:8080", "tls": self.tls()}})
        proxy = self.running(document)
        before = len(self.network.getDelayedCalls())
        self.assertGreater(before, 0)
        for _ in range(3):
            self.assertTaken(proxy, document)
            self.assertEqual(len(self.network.getDelayedCalls()), before)

    def test_limits_in_all(self) -> None:
        """
        C{limits.connections} counts the clients of all listeners together, those who
        came before a reload included.
        """
        limits: dict[str, Any] = {
            "listeners": endpoints(web=8080, other=8081),
            "limits": {"connections": 2},
        }
        proxy = self.running(a_document(**limits))
        self.answered(8080)
        self.assertTaken(proxy, a_document(**limits, drain_timeout="1s"))
        self.answered(8081)
        third = self.network.client(8080)
        self.network.turn()
        self.assertTrue(third.gone)


class RefusedReloadTests(ProxyTestCase):
    """
    A configuration that cannot be taken up changes nothing.
    """

    def assertAsBefore(self, proxy: ProxyService, document: dict[str, Any], reason: str) -> None:
        client = self.answered()
        before = self.descriptors(), dict(self.network.ports), dict(proxy.listeners)
        self.assertRefused(proxy, document, reason)
        self.assertEqual((self.descriptors(), self.network.ports, proxy.listeners), before)
        client.send(GET)
        (server,) = self.network.servers(9001)
        server.send(OK)
        self.assertEqual(client.received.count(b"200 OK"), 2)

    def test_wrong_file(self) -> None:
        """
        A file with errors.
        """
        proxy = self.running()
        self.assertAsBefore(proxy, a_document(routes=[{"upstream": "ap"}]), "routes.0.upstream")

    def test_port_in_use(self) -> None:
        """
        A port in use, although others could be listened on and a log be opened.
        """
        proxy = self.running()
        self.network.broken.add(8082)
        document = a_document(
            listeners=endpoints(moved=8081, web=8082),
            upstreams={"app": {"servers": ["http://127.0.0.1:9002"]}},
            access_log={"path": "new.log"},
        )
        self.assertAsBefore(proxy, document, "cannot listen on tcp:8082: Address already in use")

    def test_endpoint_on_the_same_port(self) -> None:
        """
        Another endpoint on the port that is listened on: until it is free nobody would
        listen.
        """
        proxy = self.running()
        document = a_document(listeners={"web": {"endpoint": "tcp:8080:interface=127.0.0.1"}})
        self.assertAsBefore(proxy, document, "to change that it has to be restarted")

    def test_certificate(self) -> None:
        """
        A certificate that cannot be used.
        """
        proxy = self.running()
        tls = self.tls()
        self.directory.joinpath("bad.pem").write_text("nothing")
        tls["certificates"][0]["certificate"] = "bad.pem"
        document = a_document(listeners={"web": {"endpoint": "tcp:8080", "tls": tls}}, access_log={})
        self.assertAsBefore(proxy, document, "bad.pem: is not PEM")

    def test_log(self) -> None:
        """
        An access log that cannot be written.
        """
        proxy = self.running()
        self.directory.joinpath("new.log").mkdir()
        self.assertAsBefore(proxy, a_document(access_log={"path": "new.log"}), "cannot write a log here")

    def test_failure_of_ours(self) -> None:
        """
        Whatever else goes wrong, all is as it was.
        """
        proxy = self.running()

        def load() -> Any:
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            proxy.reload(load)
        self.answered()
