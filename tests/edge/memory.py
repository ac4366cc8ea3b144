"""
A TCP connection in memory: the proxy at one end, the test at the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, TypeAlias

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IProducer,
    IProtocol,
    IPushProducer,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from revproxy.flow.transport import IStreamTransport

Address: TypeAlias = IPv4Address | IPv6Address | UNIXAddress

BUFFER = 65536
"""
How many octets wait in a transport before it pauses its producer.
"""


@implementer(IStreamTransport)
class MemoryConnection:
    """
    Behaves as Twisted's own TCP transports do: what closes a connection is heard of
    in the next turn of the reactor, one that is paused delivers nothing, and one that
    is closed in good order first sends what waits.

    @ivar received: what the proxy sent and the test has taken.
    @ivar finished: whether the proxy has closed its direction.
    @ivar reset: whether the proxy has ended the connection at once.
    @ivar gone: whether the connection is over, both ways.
    @ivar stalled: whether the test takes nothing.
    @ivar paused: whether the proxy reads nothing.
    @ivar options: those of the socket that the proxy has set.
    @ivar largest: how many octets were waiting at once for the test to take them.
    """

    handle: object = None

    def __init__(self, clock: Clock, peer: Address, host: Address) -> None:
        self.received = b""
        self.finished = self.reset = self.gone = self.stalled = self.paused = False
        self.largest = 0
        self.options: dict[str, bool] = {}
        self._clock = clock
        self._peer = peer
        self._host = host
        self._incoming: deque[bytes] = deque()
        self._ends = False
        self._unsent = b""
        self._producer: IPushProducer | None = None
        self._producer_paused = False
        self._disconnecting = self._finishing = False
        self._protocol: IProtocol | None = None

    def join(self, protocol: IProtocol) -> MemoryConnection:
        """
        Let the proxy have its end.
        """
        self.join_in_turn(protocol)
        self._turn()
        return self

    def join_in_turn(self, protocol: IProtocol) -> None:
        """
        Let the proxy have its end, and go on with the turn of the reactor that it asked
        for it in.
        """
        self._protocol = protocol
        protocol.makeConnection(self)

    # The test's end.

    def send(self, data: bytes) -> None:
        self.send_in_turn(data)
        self._turn()

    def send_in_turn(self, data: bytes) -> None:
        """
        Send, and leave the end of the reactor's turn to the test.
        """
        self._incoming.append(data)
        self._deliver()

    def drip(self, data: bytes) -> None:
        """
        Send byte by byte.
        """
        for position in range(len(data)):
            self.send(data[position : position + 1])

    def finish(self) -> None:
        """
        Send no more.
        """
        self._ends = True
        self._deliver()
        self._turn()

    def leave(self) -> None:
        """
        Be gone without a word.
        """
        self._lose(ConnectionLost())
        self._turn()

    def stall(self) -> None:
        """
        Take nothing of what the proxy sends.
        """
        self.stalled = True

    def take(self) -> None:
        """
        Take what waits, and all that comes.
        """
        self.stalled = False
        self._flush()
        self._turn()

    @property
    def waiting(self) -> int:
        """
        How many octets wait for the test to take them.
        """
        return len(self._unsent)

    @property
    def open(self) -> bool:
        return not (self.gone or self.finished)

    # The proxy's end.

    def write(self, data: bytes) -> None:
        if self.gone or self.finished:
            return
        self._unsent += data
        self.largest = max(self.largest, len(self._unsent))
        if not self.stalled:
            self._flush()
        elif len(self._unsent) > BUFFER and self._producer is not None and not self._producer_paused:
            self._producer_paused = True
            self._producer.pauseProducing()

    def writeSequence(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        self._disconnecting = self.paused = True
        self._clock.callLater(0, self._flush)

    def loseWriteConnection(self) -> None:
        self._finishing = True
        self._clock.callLater(0, self._flush)

    def abortConnection(self) -> None:
        if not self.gone:
            self.reset = self.paused = True
            self._clock.callLater(0, self._lose, ConnectionAborted())

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        assert IPushProducer.providedBy(producer)
        self._producer = producer

    def unregisterProducer(self) -> None:
        self._producer = None

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        if not self._disconnecting:
            self.paused = False
            self._clock.callLater(0, self._deliver)

    def stopProducing(self) -> None:
        self.loseConnection()

    def getHandle(self) -> object:
        return self.handle

    def getPeer(self) -> Any:
        return self._peer

    def getHost(self) -> Any:
        return self._host

    def getTcpNoDelay(self) -> bool:
        return True

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.options["no-delay"] = enabled

    def getTcpKeepAlive(self) -> bool:
        return False

    def setTcpKeepAlive(self, enabled: bool) -> None:
        self.options["keep-alive"] = enabled

    # Between the two.

    def _turn(self) -> None:
        self._clock.advance(0)

    def _deliver(self) -> None:
        while self._incoming and not (self.paused or self.gone):
            assert self._protocol is not None
            self._protocol.dataReceived(self._incoming.popleft())
        if self._ends and not (self._incoming or self.paused or self.gone):
            self._ends = False
            self._end_reading()

    def _end_reading(self) -> None:
        protocol = IHalfCloseableProtocol(self._protocol, None)
        if protocol is None:
            self._lose(ConnectionDone())
        else:
            protocol.readConnectionLost()

    def _end_writing(self) -> None:
        protocol = IHalfCloseableProtocol(self._protocol, None)
        if protocol is not None:
            protocol.writeConnectionLost()

    def _flush(self) -> None:
        if self.gone or (self.stalled and self._unsent):
            return
        self.received += self._unsent
        self._unsent = b""
        if self._producer is not None and self._producer_paused:
            self._producer_paused = False
            self._producer.resumeProducing()
        elif self._disconnecting:
            self._clock.callLater(0, self._lose, ConnectionDone())
        elif self._finishing and not self.finished:
            self.finished = True
            self._end_writing()

    def _lose(self, reason: Exception) -> None:
        if not self.gone:
            self.gone = True
            self._producer = None
            protocol, self._protocol = self._protocol, None
            assert protocol is not None
            protocol.connectionLost(Failure(reason))
