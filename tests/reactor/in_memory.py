"""
A connection of our reactor without sockets and loop.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.protocol import Protocol
from typing_extensions import override

from revproxy.reactor.transport import StreamTransport

PEER = IPv4Address("TCP", "192.0.2.1", 1234)


class Loop:
    """
    Calls what is to be called soon when it is told to.
    """

    def __init__(self) -> None:
        self._soon: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def call_soon(self, function: Callable[..., object], *arguments: Any) -> None:
        self._soon.append((function, arguments))

    def turn(self) -> None:
        soon, self._soon = self._soon, []
        for function, arguments in soon:
            function(*arguments)


class Reactor:
    """
    What a transport asks of its reactor.
    """

    def __init__(self) -> None:
        self.loop = Loop()
        self.streams: set[Any] = set()

    def call_soon(self, function: Callable[[], object]) -> None:
        self.loop.call_soon(function)


class UV:
    """
    uvloop's transport: takes what it has room for, and keeps the rest.

    @ivar sent: what has gone.
    @ivar room: how much more goes at once.
    """

    def __init__(self) -> None:
        self.protocol: Any = None
        self.sent = b""
        self.room = inf
        self.reading = False
        self.closed = self.aborted = self.ended = False
        self._waiting = b""
        self._high = 64 * 1024
        self._paused = False

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def write(self, data: bytes) -> None:
        going = len(data) if self.room > len(data) else int(self.room)
        self.room -= going
        self.sent += data[:going]
        self._waiting += data[going:]
        self._pause_if_full()

    def get_write_buffer_size(self) -> int:
        return len(self._waiting)

    def set_write_buffer_limits(self, high: int = 64 * 1024, low: int = 16) -> None:
        self._high = high
        self._pause_if_full()

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def take_all(self) -> None:
        """
        Have all that waits go.
        """
        self.sent += self._waiting
        self._waiting = b""
        self.room = inf
        if self._paused:
            self._paused = False
            self.protocol.resume_writing()

    def _pause_if_full(self) -> None:
        if len(self._waiting) > self._high and not self._paused:
            self._paused = True
            self.protocol.pause_writing()


class Connection(StreamTransport):
    """
    A connection in memory.
    """

    _peer = PEER

    def __init__(self, protocol: Protocol) -> None:
        super().__init__(Reactor())  # type: ignore[arg-type]
        self.uv = UV()
        self.wanted = protocol

    def establish(self) -> None:
        """
        Connect, and begin to read as uvloop does: after C{connection_made}.
        """
        self.connection_made(self.uv)  # type: ignore[arg-type]
        self.uv.resume_reading()

    @override
    def _established(self) -> None:
        self._begin(self.wanted)

    def receive(self, data: bytes) -> None:
        """
        Have data come in as uvloop does.
        """
        if not hasattr(self.uv.protocol, "get_buffer"):
            self.uv.protocol.data_received(data)
            return
        while data:
            buffer = self.uv.protocol.get_buffer(-1)
            octets = min(len(data), len(buffer))
            buffer[:octets] = data[:octets]
            self.uv.protocol.buffer_updated(octets)
            data = data[octets:]

    def turn(self) -> None:
        """
        Go on to the next turn of the loop.
        """
        self.reactor.loop.turn()


class Recorder(Protocol):
    """
    Remembers what it was told.
    """

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.lost: list[Any] = []

    @override
    def dataReceived(self, data: bytes) -> None:
        self.data.append(data)

    @override
    def connectionLost(self, reason: Any = None) -> None:
        self.lost.append(reason.value)


def connected(protocol: Protocol) -> Connection:
    """
    A connection that C{protocol} was given.
    """
    connection = Connection(protocol)
    connection.establish()
    return connection
