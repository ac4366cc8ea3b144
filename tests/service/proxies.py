"""
A running proxy on a network in memory, with its configuration as a file has it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.catalog import built_ins
from revproxy.config.configuration import Configuration
from revproxy.config.load import configuration_from
from revproxy.edge.turn import TurnWriter
from revproxy.service.context import Workshop
from revproxy.service.proxy import ProxyService
from tests.certificates import Authority
from tests.edge.memory import MemoryConnection
from tests.service.network import Network

GET = b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha"


def a_document(**more: Any) -> dict[str, Any]:
    """
    One listener on 8080, one server on 9001.

    @param more: replaces or adds sections.
    """
    return {
        "listeners": {"web": {"endpoint": "tcp:8080"}},
        "upstreams": {"app": {"servers": ["http://127.0.0.1:9001"]}},
        "routes": [{"upstream": "app"}],
        **more,
    }


def endpoints(**ports: int) -> dict[str, Any]:
    """
    Plain listeners, by name.
    """
    return {name: {"endpoint": f"tcp:{port}"} for name, port in ports.items()}


class ProxyTestCase(SynchronousTestCase):
    """
    @ivar directory: what paths in the configuration are relative to.
    """

    @override
    def setUp(self) -> None:
        self.directory = Path(mkdtemp(prefix="revproxy-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.network = Network()
        self.registry = built_ins()
        self.workshop = Workshop(self.network, self.registry, self.directory, TurnWriter(self.network))

    def configuration(self, document: dict[str, Any]) -> Configuration:
        return configuration_from(document, self.registry, self.directory)

    def proxy(self, document: dict[str, Any] | None = None) -> ProxyService:
        """
        A proxy that is yet to be started.
        """
        return ProxyService(self.configuration(document or a_document()), self.workshop)

    def running(self, document: dict[str, Any] | None = None) -> ProxyService:
        """
        A proxy that listens.
        """
        proxy = self.proxy(document)
        proxy.privilegedStartService()
        proxy.startService()
        return proxy

    def assertTaken(self, proxy: ProxyService, document: dict[str, Any]) -> None:
        """
        Reload, which has to go well.
        """
        self.assertTrue(proxy.reload(lambda: self.configuration(document)))
        self.network.turn()

    def assertRefused(self, proxy: ProxyService, document: dict[str, Any], reason: str) -> None:
        """
        Reload, which has to be refused for a reason that is logged.
        """
        with capturedLogs() as events:
            self.assertFalse(proxy.reload(lambda: self.configuration(document)))
        self.network.turn()
        (event,) = [event for event in events if event["log_level"] is LogLevel.error]
        self.assertIn(reason, str(event["error"]))

    def asking(self, port: int = 8080) -> MemoryConnection:
        """
        A client that has asked for something.
        """
        client = self.network.client(port)
        client.send(GET)
        return client

    def answered(self, port: int = 8080, server: int = 9001) -> MemoryConnection:
        """
        A client that has got its answer and stays.
        """
        client = self.asking(port)
        self.network.servers(server)[-1].send(OK)
        self.assertTrue(client.received.endswith(b"ok"), client.received)
        return client

    def tls(self, **more: Any) -> dict[str, Any]:
        """
        What a listener says of TLS, with a new certificate.
        """
        pair = Authority(self.directory).issue()
        files = {"certificate": str(pair.certificate), "key": str(pair.key)}
        return {"certificates": [files], **more}

    def descriptors(self) -> int:
        """
        How many files this process has open.
        """
        return len(list(Path("/proc/self/fd").iterdir()))

    def assertNothingLeft(self) -> None:
        """
        Nothing is listened on, connected or scheduled any more.
        """
        self.network.turn()
        self.assertEqual(self.network.ports, {})
        self.assertEqual(self.workshop.connections, set())
        self.assertEqual([each for _, each in self.network.outgoing if not each.gone], [])
        self.assertEqual(self.network.getDelayedCalls(), [])
