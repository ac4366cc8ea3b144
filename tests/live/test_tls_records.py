"""
What OpenSSL's own client does with records that others in memory cannot be made to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import Factory, ProcessProtocol, Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from revproxy.edge.tls.options import ServerTLS
from revproxy.edge.tls.server import ServerConnections, wrap
from revproxy.edge.turn import TurnWriter
from tests.certificates import Authority
from tests.live.installed import installed

LARGE = b" ".join(b"%d" % number for number in range(50_000))
MIDDLING = LARGE[-1000:]


class Echo(Protocol):
    """
    Sends back what it hears, and more for C{large} and C{middling}.
    """

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        more = {b"large\n": LARGE, b"middling\n": MIDDLING}.get(data, data)
        self.transport.write(b"echo: " + more.strip() + b"\n")


class Client(ProcessProtocol):
    """
    OpenSSL's client, whose user waits for what it prints before each line typed.

    @ivar printed: all that it printed, on whichever stream.
    """

    def __init__(self, steps: Sequence[tuple[bytes, bytes]]) -> None:
        """
        @param steps: what to wait for, and what to type then.
        """
        self.printed = b""
        self.ended: Deferred[bytes] = Deferred()
        self._steps = list(steps)
        self._read = 0

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        self.printed += data
        while self._steps:
            expected, typed = self._steps[0]
            at = self.printed.find(expected, self._read)
            if at < 0:
                return
            self._read = at + len(expected)
            del self._steps[0]
            assert self.transport is not None
            self.transport.write(typed)

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(self.printed)


class RecordsTests(TestCase):
    """
    Records that are no application data, and records that have to be short.
    """

    def talk(self, steps: Sequence[tuple[bytes, bytes]], *arguments: str) -> Deferred[bytes]:
        directory = Path(self.mktemp())
        directory.mkdir()
        authority = Authority(directory)
        server = ServerConnections(
            "live", ServerTLS(certificates=[authority.issue(["a.test"])]), datetime.now(UTC)
        )
        factory = wrap(Factory.forProtocol(Echo), server, reactor, TurnWriter(reactor))

        async def scenario() -> bytes:
            port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
            self.addCleanup(port.stopListening)
            client = Client(steps)
            openssl = installed("openssl")
            connect = ("-connect", f"127.0.0.1:{port.getHost().port}")
            process = reactor.spawnProcess(client, openssl, (openssl, "s_client", *connect, *arguments), {})
            self.addCleanup(self._kill, process)
            return await client.ended

        return Deferred.fromCoroutine(scenario())

    def _kill(self, process: IProcessTransport) -> None:
        try:
            process.signalProcess("KILL")
        except ProcessExitedAlready:
            pass

    async def test_new_keys(self) -> None:
        """
        A client of TLS 1.3 may take new keys and ask for new ones of ours, and both go on.
        """
        steps = (
            (b"SSL handshake has read", b"one\n"),
            (b"echo: one", b"K\n"),
            (b"KEYUPDATE", b"two\n"),
            (b"echo: two", b"k\n"),
            (b"KEYUPDATE", b"three\n"),
            (b"echo: three", b"Q\n"),
        )
        printed = await self.talk(steps, "-tls1_3")
        self.assertNotIn(b"alert", printed)
        self.assertIn(b"echo: three", printed)

    async def test_short_records(self) -> None:
        """
        A client that wants short records gets all that is sent nevertheless.
        """
        for version in ("-tls1_2", "-tls1_3"):
            steps = (
                (b"SSL handshake has read", b"large\n"),
                (b" 49999\n", b"middling\n"),
                (b" 49999\n", b"small\n"),
                (b"echo: small", b"Q\n"),
            )
            printed = await self.talk(steps, version, "-maxfraglen", "512")
            for whole in (LARGE, MIDDLING):
                self.assertIn(b"echo: " + whole + b"\n", printed)
            self.assertEqual(printed.count(b"echo: "), 3)
