"""
Tests of L{revproxy.service.discovery}: a proxy whose servers have to be found.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IAddress
from typing_extensions import override

from revproxy.config.resolving import ResolveSettings
from revproxy.config.server_url import ServerURL
from revproxy.config.upstreams import UpstreamTLSSettings
from revproxy.discovery.dns import DnsResolver
from revproxy.discovery.system import SystemResolver
from revproxy.service.discovery import build_resolver, domain_of_targets
from tests.discovery.test_system import Threads
from tests.edge.memory import MemoryConnection
from tests.service.proxies import BEGUN, GET, OK, ProxyTestCase, a_document


def at(*addresses: str) -> list[IAddress]:
    return [IPv4Address("TCP", address, 0) for address in addresses]


class DiscoveryCase(ProxyTestCase):
    """
    @ivar threads: where names are looked up when the test says so.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.threads = Threads()
        self.network.nameResolver = self.threads

    def document(self, *servers: Any, **upstream: Any) -> dict[str, Any]:
        upstream.setdefault("servers", list(servers) or ["http://app.test:9001"])
        return a_document(upstreams={"app": upstream})

    def answer(self, *addresses: str) -> None:
        """
        Say where the name is that is looked up.
        """
        self.threads.finish(*at(*addresses))
        self.network.turn()

    def connected(self) -> list[str]:
        """
        The addresses that were connected to.
        """
        return [connection.getPeer().host for _, connection in self.network.outgoing]

    def again(self, *addresses: str) -> None:
        """
        Wait for the next look-up and answer it.
        """
        self.network.turn(30.0)
        self.answer(*addresses)

    def stop(self, proxy: Any) -> None:
        proxy.stopService()
        self.network.turn(*[0.2] * 4)


class NameTests(DiscoveryCase):
    def test_start(self) -> None:
        """
        Nothing waits for a look-up but the requests; they go on once there is an answer.
        """
        self.running(self.document())
        client = self.asking()
        self.network.turn(1.0)
        self.assertEqual((self.connected(), client.received), ([], b""))
        self.answer("10.0.0.1")
        self.assertEqual(self.connected(), ["10.0.0.1"])
        self.network.servers(9001)[0].send(OK)
        self.assertTrue(client.received.endswith(b"ok"))

    def test_nobody_knows(self) -> None:
        """
        Who has waited for too long is answered 503; once a look-up has failed nobody waits.
        """
        self.running(self.document(connections={"queue_timeout": "2s"}))
        client = self.asking()
        self.network.turn(2.0, 0)
        self.assertIn(b" 503 ", client.received)
        self.answer()
        self.assertIn(b" 503 ", self.asking().received)

    def test_looked_up_once(self) -> None:
        """
        Pitfall 39: a name is looked up once, and every connection goes to the address that
        was found, until the next look-up says otherwise.
        """
        self.running(self.document(connections={"idle": 0}))
        self.answer("10.0.0.1")
        for _ in range(3):
            self.answered()
        self.assertEqual((self.connected(), self.threads.busy), (["10.0.0.1"] * 3, []))
        self.again("10.0.0.2")
        self.answered()
        self.assertEqual(self.connected()[3:], ["10.0.0.2"])

    def test_rebinding(self) -> None:
        """
        Pitfall 39: a name that leads to a forbidden address is not connected to there, from
        the start or later.
        """
        self.running(self.document(connections={"idle": 0}))
        self.answer("169.254.169.254")
        self.assertIn(b" 503 ", self.asking().received)
        self.network.turn(1.0)
        self.answer("10.0.0.1", "169.254.169.254")
        self.answered(), self.answered()
        self.again("169.254.169.254")
        self.answered()
        self.assertEqual(set(self.connected()), {"10.0.0.1"})

    def test_forbid(self) -> None:
        """
        Pitfall 39: what is forbidden is for the upstream to say.
        """
        self.running(self.document(forbid=["10.0.0.0/8"]))
        self.answer("10.0.0.1", "169.254.0.1")
        self.asking()
        self.assertEqual(self.connected(), ["169.254.0.1"])

    def test_what_it_is_called(self) -> None:
        """
        A server is called by the name in its URL.
        """
        self.running(self.document(host="upstream"))
        self.answer("10.0.0.1")
        self.asking()
        self.assertIn(b"host: app.test:9001\r\n", self.network.servers(9001)[0].received.lower())

    def test_what_it_is_verified_by(self) -> None:
        """
        So it is for TLS.
        """
        self.running(self.document("https://app.test:9001"))
        self.answer("10.0.0.1")
        self.asking()
        hello = self.network.servers(9001)[0].received
        self.assertTrue(hello.startswith(b"\x16\x03"))
        self.assertIn(b"\x00\x08app.test", hello)

    def test_stop(self) -> None:
        """
        Pitfall 44: when the proxy has stopped nothing is scheduled.
        """
        proxy = self.running(self.document())
        self.answer("10.0.0.1")
        self.stop(proxy)
        self.assertNothingLeft()

    def test_stop_while_looking(self) -> None:
        """
        Pitfall 44: nor is it where it was about to look, and a late answer changes nothing.
        """
        proxy = self.running(self.document())
        self.stop(proxy)
        self.assertNothingLeft()
        self.answer("10.0.0.1")
        self.assertNothingLeft()


class ReloadTests(DiscoveryCase):
    def test_same(self) -> None:
        """
        The same configuration again keeps the servers, and looks them up now.
        """
        proxy = self.running(self.document())
        self.answer("10.0.0.1")
        client = self.answered()
        self.assertTaken(proxy, self.document())
        self.assertEqual([name for name, _ in self.threads.busy], ["app.test"])
        self.answer("10.0.0.1")
        client.send(GET)
        self.assertEqual(len(self.network.outgoing), 1)

    def test_changed(self) -> None:
        """
        With another configuration of an upstream the servers that were found are there at
        once, and are looked up again.
        """
        proxy = self.running(self.document())
        self.answer("10.0.0.1")
        self.assertTaken(proxy, self.document(host="upstream"))
        self.asking()
        self.assertEqual(self.connected(), ["10.0.0.1"])
        self.answer("10.0.0.2")
        self.asking()
        self.assertEqual(self.connected(), ["10.0.0.1", "10.0.0.2"])

    def test_not_used_any_more(self) -> None:
        """
        Pitfall 44: names of an upstream that is not used any more are not looked up.
        """
        proxy = self.running(self.document())
        self.answer("10.0.0.1")
        self.assertTaken(proxy, self.document("http://127.0.0.1:9001"))
        self.network.turn(60.0)
        self.assertEqual(self.threads.busy, [])
        self.stop(proxy)
        self.assertNothingLeft()

    def test_server_goes(self) -> None:
        """
        A server that goes finishes what it has.
        """
        self.running(self.document())
        self.answer("10.0.0.1")
        client = self.asking()
        (old,) = self.network.servers(9001)
        old.send(BEGUN)
        self.again("10.0.0.2")
        old.send(b"ha")
        self.assertTrue(client.received.endswith(b"haha"))
        self.network.turn()
        self.assertTrue(old.gone)
        client.send(GET)
        self.assertEqual(self.connected(), ["10.0.0.1", "10.0.0.2"])


class FileTests(DiscoveryCase):
    """
    Servers in a file of their own.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.file = self.directory / "servers.yaml"

    def asked(self) -> MemoryConnection:
        self.asking()
        return self.network.outgoing[-1][1]

    def test_taken_over(self) -> None:
        """
        A file that changes is taken over while the proxy runs.
        """
        self.file.write_text("[http://10.0.0.1:9001]")
        proxy = self.running(self.document({"file": "servers.yaml", "reload_interval": "2s"}))
        self.asked()
        self.file.write_text("[http://10.0.0.2:9001, http://10.0.0.3:9001]")
        self.network.turn(2.0, 0)
        self.asked(), self.asked()
        self.assertEqual(self.connected(), ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        self.stop(proxy)

    def test_reload(self) -> None:
        """
        It is looked at when the proxy is told to reload, though nothing else has changed.
        """
        document = self.document({"file": "servers.yaml", "reload_interval": 0})
        self.file.write_text("[http://10.0.0.1:9001]")
        proxy = self.running(document)
        self.file.write_text("[http://10.0.0.2:9001]  # one")
        self.assertTaken(proxy, document)
        self.asked()
        self.assertEqual(self.connected(), ["10.0.0.2"])

    def test_reload_wrong(self) -> None:
        """
        One that is wrong then is an error of the new configuration, which is not taken up.
        """
        document = self.document({"file": "servers.yaml"})
        self.file.write_text("[http://10.0.0.1:9001]")
        proxy = self.running(document)
        self.file.write_text("[5]")
        self.assertRefused(proxy, document, f"{self.file}:1:2: 0: must be a mapping, not 5")
        self.asked()
        self.assertEqual(self.connected(), ["10.0.0.1"])

    def test_secure(self) -> None:
        """
        A server that speaks TLS may come later on.
        """
        self.file.write_text("[http://10.0.0.1:9001]")
        self.running(self.document({"file": "servers.yaml"}))
        self.file.write_text("[https://10.0.0.1:9001]")
        self.network.turn(5.0, 0)
        self.assertTrue(self.asked().received.startswith(b"\x16\x03"))

    def test_stop(self) -> None:
        """
        Pitfall 44: when the proxy has stopped the file is not looked at any more.
        """
        self.file.write_text("[http://app.test]")
        proxy = self.running(self.document({"file": "servers.yaml"}))
        self.stop(proxy)
        self.assertNothingLeft()


class ResolverTests(DiscoveryCase):
    def test_kinds(self) -> None:
        """
        Names are looked up as the upstream says.
        """
        for by, kind in (("system", SystemResolver), ("dns", DnsResolver)):
            settings = ResolveSettings.model_validate({"by": by})
            self.assertIsInstance(build_resolver(settings, self.workshop), kind)


class DomainTests(DiscoveryCase):
    """
    Of which domain a service's targets have to be.
    """

    def domain(self, name: str, secure: bool = True, **tls: Any) -> str | None:
        url = ServerURL("srv+https://", secure, name, 0, service=True)
        return domain_of_targets(url, UpstreamTLSSettings.model_validate(tls))

    def test_domain(self) -> None:
        """
        Of the one that the service is of, where their names alone vouch for them.
        """
        self.assertEqual(self.domain("_app._tcp.example.com"), "example.com")
        self.assertEqual(self.domain("app.example.com"), "example.com")

    def test_any(self) -> None:
        """
        Of any, where there is no TLS, or something else vouches for them.
        """
        name = "_app._tcp.example.com"
        self.directory.joinpath("ca.pem").write_text("not looked into here")
        self.assertIsNone(self.domain(name, secure=False))
        self.assertIsNone(self.domain(name, server_name="app.example.com"))
        self.assertIsNone(self.domain(name, ca=str(self.directory / "ca.pem")))
        self.assertIsNone(self.domain(name, verify=False))
