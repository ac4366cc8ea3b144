"""
Clients and servers whose octets the kernel moves from socket to socket.
"""

from __future__ import annotations

import contextlib
import socket
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.programs import DEADLINE, eventually
from tests.live.proxy import Proxy, relaying
from tests.live.raw_origin import RawOrigin, read_head

MIB = 1024**2
SIZE = 16 * MIB
BODY = (bytes(range(251)) * (SIZE // 251 + 1))[:SIZE]

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
PUT = b"PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % SIZE
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n" % KEY
)
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: %b\r\n\r\n"
    % b64encode(sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest())
)

PART = BODY[: 2 * MIB]
PART_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PART)


@contextlib.contextmanager
def sending(connection: socket.socket, *data: bytes) -> Iterator[None]:
    """
    Send beside what the test does, which ends when all is sent.
    """

    def send() -> None:
        for each in data:
            connection.sendall(each)

    thread = Thread(target=send)
    thread.start()
    yield
    thread.join(DEADLINE)


def read(connection: socket.socket, size: int) -> bytes:
    """
    Read so much, or less where it ends before.
    """
    data = bytearray()
    while len(data) < size and (piece := connection.recv(min(size - len(data), MIB))):
        data += piece
    return bytes(data)


class MovedCase(SynchronousTestCase):
    """
    @ivar reactor: its name; C{None} for the one that the proxy chooses.
    """

    reactor: str | None = None

    @override
    def setUp(self) -> None:
        self.origin = RawOrigin(self)
        self.start()

    def start(self, **upstream: object) -> None:
        self.proxy = Proxy(self, self.document(**upstream), reactor=self.reactor)
        self.before = self.proxy.descriptors()

    def document(self, **upstream: object) -> dict[str, object]:
        return relaying(self.origin.url, **upstream)

    def asking(self, *said: bytes) -> tuple[socket.socket, socket.socket]:
        """
        @return: a client that has said something, and the origin's connection, the head
            of the request read.
        """
        client = self.proxy.connect()
        self.addCleanup(client.close)
        client.sendall(b"".join(said))
        return client, self.origin.asked()

    def tunnel(self) -> tuple[socket.socket, socket.socket]:
        """
        @return: both ends of one.
        """
        client, origin = self.asking(UPGRADE)
        origin.sendall(SWITCHED)
        self.assertTrue(read_head(client).startswith(b"HTTP/1.1 101 "))
        return client, origin

    def fill(self, connection: socket.socket) -> int:
        """
        Send C{BODY} again and again until nothing more is taken for a while.

        @return: how many octets were taken.
        """
        connection.settimeout(0.5)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while True:
                sent += connection.send(memoryview(BODY)[sent % SIZE :])
        connection.settimeout(DEADLINE)
        return sent

    def assert_goes_on(self, full: socket.socket, sent: int, other: socket.socket) -> None:
        """
        What was taken comes out at the other end, and then more.
        """
        self.assert_moved()
        repeated = BODY * (sent // SIZE + 2)
        with sending(full, repeated[sent : sent + SIZE]):
            self.assertTrue(read(other, sent + SIZE) == repeated[: sent + SIZE])

    def assert_moved(self) -> None:
        """
        It is the kernel that has the octets.
        """
        self.assertGreater(self.proxy.held_in_pipes(), 0)

    def assert_nothing_left(self) -> None:
        eventually(lambda: self.proxy.descriptors() <= self.before or None, "nothing left open")
