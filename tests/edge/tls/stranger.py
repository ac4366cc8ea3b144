"""
The other end of a connection of ours: TLS by Python's own C{ssl}, in memory.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.edge.tls.factory import TLSFactory
from revproxy.edge.tls.protocol import TLSProtocol
from revproxy.edge.tls.server import wrap
from revproxy.edge.turn import TurnWriter
from revproxy.flow.transport import IStreamTransport
from tests.certificates import Authority
from tests.edge.memory import MemoryConnection
from tests.edge.tls.handshake import listener

ADDRESS = IPv4Address("TCP", "192.0.2.1", 4321)
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@implementer(IHandshakeListener, IPushProducer)
class Listener(Protocol):
    """
    Keeps what it is told.

    @ivar events: what it was told, in order; what it heard stands there as it came.
    @ivar greeting: what it writes as soon as it is connected.
    """

    transport: IStreamTransport

    def __init__(self) -> None:
        self.events: list[object] = []
        self.greeting = b""

    @override
    def connectionMade(self) -> None:
        if self.greeting:
            self.transport.write(self.greeting)

    def handshakeCompleted(self) -> None:
        self.events.append("handshake")

    @override
    def dataReceived(self, data: bytes) -> None:
        self.events.append(data)

    @override
    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        self.events.append(type(reason.value))

    def pauseProducing(self) -> None:
        self.events.append("pause")

    def resumeProducing(self) -> None:
        self.events.append("resume")

    def stopProducing(self) -> None:
        self.events.append("stop")

    @property
    def heard(self) -> bytes:
        return b"".join(each for each in self.events if isinstance(each, bytes))

    @property
    def told(self) -> list[object]:
        """
        All but what it heard.
        """
        return [each for each in self.events if not isinstance(each, bytes)]


class Stranger:
    """
    @ivar connection: the transport below ours.
    @ivar sent: what ours has sent, still encrypted, with each exchange.
    """

    def __init__(self, connection: MemoryConnection, context: ssl.SSLContext, server: bool = False) -> None:
        self.connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = None if server else "one.test"
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server, server_hostname=name)
        self.sent: list[bytes] = []

    def shake_hands(self) -> Stranger:
        for _ in range(5):
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.exchange()
            else:
                self.exchange()
                return self
        raise AssertionError("the handshake does not come to an end")

    def encrypted(self, *pieces: bytes) -> bytes:
        """
        @return: what is to be sent for these, a record each.
        """
        for piece in pieces:
            self.tls.write(piece)
        return self._outgoing.read()

    def say(self, *pieces: bytes) -> None:
        self.connection.send(self.encrypted(*pieces))

    def exchange(self) -> None:
        """
        Send what there is to be sent, and take what has come.
        """
        waiting = self._outgoing.read()
        if waiting:
            self.connection.send(waiting)
        received, self.connection.received = self.connection.received, b""
        self.sent.append(received)
        self._incoming.write(received)

    def hear(self) -> bytes:
        """
        @raise ssl.SSLZeroReturnError: the notice of closing has come.
        """
        self.exchange()
        heard = b""
        while True:
            try:
                part = self.tls.read(1 << 16)
            except ssl.SSLWantReadError:
                return heard
            if not part:
                raise ssl.SSLZeroReturnError
            heard += part

    def close(self) -> None:
        """
        Send the notice of closing.
        """
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.exchange()


def lengths(sent: bytes) -> list[int]:
    """
    @return: of the records of what was sent, without their headers.
    """
    found = []
    at = 0
    while at < len(sent):
        found.append(int.from_bytes(sent[at + 3 : at + 5]))
        at += 5 + found[-1]
    return found


class TLSTestCase(SynchronousTestCase):
    """
    @ivar ours: the protocol above TLS.
    """

    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.authority = Authority(self.directory)
        self.pair = self.authority.issue(["one.test"])
        self.clock = Clock()
        self.turn = TurnWriter(self.clock)
        self.ours = Listener()
        self.context = self.client_context()

    def client_context(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.authority.certificate)
        context.maximum_version = version
        return context

    def factory(self) -> TLSFactory:
        self.ours = Listener()
        return wrap(Factory.forProtocol(lambda: self.ours), listener(self.pair), self.clock, self.turn)

    def below(self, factory: TLSFactory | None = None) -> MemoryConnection:
        """
        @return: the transport below a new connection of ours.
        """
        protocol = (factory or self.factory()).buildProtocol(ADDRESS)
        assert isinstance(protocol, TLSProtocol)
        return MemoryConnection(self.clock, ADDRESS, ADDRESS).join(protocol)

    def client(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Stranger:
        """
        @return: a client whose handshake with us is done.
        """
        return Stranger(self.below(), self.client_context(version)).shake_hands()
