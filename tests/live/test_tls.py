"""
Listeners with TLS, as OpenSSL's own client sees them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.utils import getProcessOutput
from twisted.trial.unittest import TestCase

from revproxy.edge.tls.options import ServerTLS
from revproxy.edge.tls.server import ServerConnections, wrap
from revproxy.edge.turn import TurnWriter
from tests.certificates import Authority
from tests.live.installed import installed


class Greeter(Protocol):
    """
    Greets and closes.
    """

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello\n")
        self.transport.loseConnection()


def tcp_address(port: IListeningPort) -> str:
    host = port.getHost()
    assert isinstance(host, IPv4Address)
    return f"{host.host}:{host.port}"


class OpenSSLTests(TestCase):
    """
    What C{openssl s_client} reports.
    """

    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.authority = Authority(self.directory)

    async def listen(
        self, *pairs: tuple[Path, Path], endpoint: str = "tcp:0:interface=127.0.0.1"
    ) -> IListeningPort:
        server = ServerConnections("live", ServerTLS(certificates=pairs), datetime.now(UTC))
        factory = wrap(Factory.forProtocol(Greeter), server, reactor, TurnWriter(reactor))
        port: IListeningPort = await serverFromString(reactor, endpoint).listen(factory)
        self.addCleanup(port.stopListening)
        return port

    async def s_client(self, *arguments: str) -> str:
        trust = ("-CAfile", str(self.authority.certificate), "-verify_return_error")
        output: bytes = await getProcessOutput(
            installed("openssl"), ("s_client", *trust, *arguments), errortoo=True
        )
        return output.decode()

    def test_kind_of_key(self) -> Deferred[None]:
        """
        Each client gets the certificate whose signatures it understands.
        """

        async def scenario() -> None:
            pairs = [self.authority.issue(["a.test"], key=key) for key in ("ecdsa", "rsa")]
            address = tcp_address(await self.listen(*pairs))
            for version in ("-tls1_2", "-tls1_3"):
                for algorithm, kind in (("ECDSA+SHA256", "ECDSA"), ("RSA-PSS+SHA256", "RSA-PSS")):
                    report = await self.s_client("-connect", address, version, "-sigalgs", algorithm)
                    self.assertIn(f"Peer signature type: {kind}\n", report)
                    self.assertIn("Verify return code: 0 (ok)", report)
                    self.assertIn("\nhello\n", report)

        return Deferred.fromCoroutine(scenario())

    def test_resumption(self) -> Deferred[None]:
        """
        A session is resumed by a later connection.
        """

        async def scenario() -> None:
            port = await self.listen(self.authority.issue(["a.test"]), self.authority.issue(["b.test"]))
            address = tcp_address(port)
            for version in ("1_2", "1_3"):
                common = ("-connect", address, f"-tls{version}", "-servername", "b.test")
                session = str(self.directory / version)
                self.assertIn("\nNew, TLSv1", await self.s_client(*common, "-sess_out", session))
                self.assertIn("\nReused, TLSv1", await self.s_client(*common, "-sess_in", session))

        return Deferred.fromCoroutine(scenario())

    def test_unix_socket(self) -> Deferred[None]:
        """
        TLS goes around the protocols of any endpoint.
        """

        async def scenario() -> None:
            path = self.directory / "socket"
            await self.listen(self.authority.issue(["a.test"]), endpoint=f"unix:{path}")
            report = await self.s_client(
                "-unix", str(path), "-servername", "a.test", "-verify_hostname", "a.test"
            )
            self.assertIn("Verify return code: 0 (ok)", report)
            self.assertIn("\nhello\n", report)

        return Deferred.fromCoroutine(scenario())
