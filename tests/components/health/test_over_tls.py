"""
Health checks of servers that speak TLS, with our own TLS and in memory.
"""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from typing import Any

from twisted.internet.defer import Deferred
from typing_extensions import override

from revproxy.components.health.http import HttpCheck
from revproxy.components.health.tcp import TcpCheck
from revproxy.edge.probe_target import ProbeTarget
from revproxy.edge.tls.client import CertificateRefused, UpstreamTLS
from revproxy.edge.tls.factory import TLSClientEndpoint
from revproxy.edge.tls.options import ClientTLS
from revproxy.interfaces import IHealthChecker
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import MemoryEndpoint
from tests.edge.tls.stranger import VERSIONS, Stranger, TLSTestCase

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class OverTLSTests(TLSTestCase):
    """
    The server is C{one.test}.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.endpoint = MemoryEndpoint(self.clock, 443)
        upstream = UpstreamTLS(ClientTLS(ca=self.authority.certificate), datetime.now(UTC))
        secure = TLSClientEndpoint(self.endpoint, upstream.connections("one.test"), self.clock, self.turn)
        self.target = ProbeTarget("https://one.test", b"one.test", "one.test", 443, lambda port: secure)

    def check(self, checker: IHealthChecker) -> Deferred[str]:
        return checker.check(self.target)

    @property
    def connection(self) -> MemoryConnection:
        return self.endpoint.connections[-1]

    def server(self, version: ssl.TLSVersion = VERSIONS[1], pair: Any = None) -> Stranger:
        """
        The server, whose handshake is to come.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(pair or self.pair))
        context.maximum_version = version
        return Stranger(self.connection, context, server=True)

    def assertGone(self) -> None:
        """
        The connection is over, and nothing is left to be done.
        """
        self.clock.pump([0, 0])
        self.assertTrue(self.connection.gone)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_connected(self) -> None:
        """
        A TCP connection is not enough: the handshake has to go well.
        """
        for version in VERSIONS:
            checking = self.check(TcpCheck())
            self.assertNoResult(checking)
            self.server(version).shake_hands()
            self.assertEqual(self.successResultOf(checking), "connected")
            self.assertGone()

    def test_wrong_certificate(self) -> None:
        """
        A certificate for another name is no server that is well, whatever it would say.
        """
        for checker in (TcpCheck(), TcpCheck(expect=b"ok"), HttpCheck()):
            checking = self.check(checker)
            server = self.server(pair=self.authority.issue(["two.test"]))
            self.assertRaises(ssl.SSLError, server.shake_hands)
            self.failureResultOf(checking, CertificateRefused)
            self.assertGone()

    def test_no_handshake(self) -> None:
        """
        A server that does not shake hands is waited for until the check is cancelled.
        """
        for checker in (TcpCheck(), HttpCheck()):
            checking = self.check(checker)
            self.clock.advance(1.0)
            self.assertNoResult(checking)
            checking.cancel()
            self.failureResultOf(checking)
            self.assertGone()

    def test_no_tls(self) -> None:
        """
        One that does not speak TLS is not well.
        """
        checking = self.check(HttpCheck())
        self.connection.send(OK)
        self.failureResultOf(checking)
        self.assertGone()

    def test_answered(self) -> None:
        """
        A request is made and answered over TLS, and the connection ended without waiting
        for the server's notice of closing.
        """
        for version in VERSIONS:
            checking = self.check(HttpCheck())
            server = self.server(version).shake_hands()
            self.assertTrue(server.hear().startswith(b"GET / HTTP/1.1\r\nhost: one.test\r\n"))
            server.say(OK)
            self.assertEqual(self.successResultOf(checking), "status 200")
            self.assertGone()

    def test_sent(self) -> None:
        """
        What is to be sent is sent once the handshake is done, and what is expected is heard.
        """
        checking = self.check(TcpCheck(send=b"QUIT\r\n", expect=b"bye"))
        server = self.server().shake_hands()
        self.assertEqual(server.hear(), b"QUIT\r\n")
        server.say(b"bye")
        self.assertEqual(self.successResultOf(checking), "said 'bye'")
        self.assertGone()

    def test_cut(self) -> None:
        """
        Pitfall 13: an answer that ends without the notice of closing is not whole.
        """
        checking = self.check(HttpCheck(pattern=re.compile(b"up")))
        server = self.server().shake_hands()
        server.hear()
        server.say(b"HTTP/1.1 200 OK\r\n\r\nup")
        self.connection.finish()
        self.failureResultOf(checking)
        self.assertGone()
