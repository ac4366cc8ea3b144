"""
Bodies, and the bulk of tunnels, that the kernel moves from socket to socket.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from base64 import b64encode
from collections import deque
from collections.abc import Iterator
from hashlib import sha1
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.programs import DEADLINE, eventually
from tests.live.proxy import Proxy, relaying
from tests.live.raw_origin import RawOrigin, pieces, read_head

MIB = 1024**2
SIZE = 16 * MIB
BODY = bytes(range(251)) * (SIZE // 251 + 1)
BODY = BODY[:SIZE]

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

PART = BODY[:MIB]
PART_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MIB

TIMES = 200


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
        self.shared = self.proxy.shared_sockets()

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
        It is the kernel that has the octets: both sockets are watched by descriptors
        besides their connections'.
        """
        self.assertEqual(self.proxy.shared_sockets(), self.shared + 2)

    def assert_nothing_left(self) -> None:
        eventually(lambda: self.proxy.descriptors() <= self.before or None, "nothing left open")


class DownloadTests(MovedCase):
    def test_whole(self) -> None:
        """
        All octets come, and the connections serve the next request, which was there before.
        """
        client, origin = self.asking(GET, GET)
        with sending(origin, HEAD, BODY):
            read_head(client)
            self.assertTrue(read(client, SIZE) == BODY)
        read_head(origin)
        origin.sendall(NO_CONTENT)
        self.assertTrue(read_head(client).startswith(b"HTTP/1.1 204 "))

    def test_nobody_reads(self) -> None:
        """
        Pitfall 26: the proxy holds a pipe-full, and goes on as the client reads.
        """
        client, origin = self.asking(GET)
        origin.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (SIZE * 100))
        sent = self.fill(origin)
        read_head(client)
        self.assert_goes_on(origin, sent, client)

    def test_server_stops(self) -> None:
        """
        Pitfall 13: a body that is cut short is not passed for a whole one.
        """
        client, origin = self.asking(GET)
        with sending(origin, HEAD, PART):
            read_head(client)
            self.assertEqual(len(read(client, MIB)), MIB)
        origin.close()
        self.assertRaises(ConnectionResetError, client.recv, 1)
        self.assert_nothing_left()

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: with the client goes the server's connection.
        """
        for linger in (True, False):
            client, origin = self.asking(GET)
            origin.sendall(HEAD)
            self.fill(origin)
            if linger:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            deque(pieces(origin), maxlen=0)
            self.assert_nothing_left()


class DeadlineTests(MovedCase):
    @override
    def document(self, **upstream: object) -> dict[str, object]:
        return {**super().document(**upstream), "timeouts": {"slow_reader": "500ms"}}

    def test_slow_reader(self) -> None:
        """
        Pitfall 26: a client that reads nothing is cut off.
        """
        client, origin = self.asking(GET)
        origin.sendall(HEAD)
        self.assertRaises(OSError, origin.sendall, BODY * 8)
        self.assertRaises(ConnectionResetError, deque, iter(lambda: client.recv(MIB), b""), 0)
        self.assert_nothing_left()

    def test_idle_server(self) -> None:
        """
        Pitfall 13: so is one whose server stops without a word.
        """
        self.start(timeouts={"idle": "500ms"})
        client, origin = self.asking(GET)
        with sending(origin, HEAD, PART):
            read_head(client)
            self.assertEqual(len(read(client, MIB)), MIB)
        self.assertRaises(ConnectionResetError, client.recv, 1)
        self.assert_nothing_left()


class UploadTests(MovedCase):
    def test_whole(self) -> None:
        """
        All octets arrive, and the connections serve the next request.
        """
        client, origin = self.asking(PUT)
        with sending(client, BODY, GET):
            self.assertTrue(read(origin, SIZE) == BODY)
        origin.sendall(NO_CONTENT)
        read_head(origin)
        origin.sendall(NO_CONTENT)
        for _ in range(2):
            self.assertTrue(read_head(client).startswith(b"HTTP/1.1 204 "))

    def test_nobody_reads(self) -> None:
        """
        Pitfall 26: the proxy holds a pipe-full, and goes on as the server reads.
        """
        client, origin = self.asking(PUT.replace(b"%d" % SIZE, b"%d" % (SIZE * 50)))
        self.assert_goes_on(client, self.fill(client), origin)

    def test_client_stops(self) -> None:
        """
        Pitfall 13: a body that is cut short is not passed for a whole one.
        """
        client, origin = self.asking(PUT)
        client.sendall(PART)
        self.assertEqual(len(read(origin, MIB)), MIB)
        client.close()
        self.assertRaises(ConnectionResetError, origin.recv, 1)
        self.assert_nothing_left()

    def test_early_answer(self) -> None:
        """
        Pitfall 2: where the server answers before it has read all, the client is answered.
        """
        client, origin = self.asking(PUT)
        client.sendall(PART)
        origin.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        self.assertTrue(read_head(client).startswith(b"HTTP/1.1 413 "))
        client.close()
        self.assert_nothing_left()


class TunnelTests(MovedCase):
    def test_both_ways(self) -> None:
        """
        Pitfall 33: much goes each way at once, and an end that has said all still hears
        the other.
        """
        client, origin = self.tunnel()
        with sending(client, BODY), sending(origin, BODY):
            received: list[bytes] = []
            reading = Thread(target=lambda: received.append(read(origin, SIZE)))
            reading.start()
            self.assertTrue(read(client, SIZE) == BODY)
            reading.join(DEADLINE)
            self.assertTrue(received == [BODY])
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(origin.recv(1), b"")
        with sending(origin, BODY):
            self.assertTrue(read(client, SIZE) == BODY)
        origin.close()
        self.assertEqual(client.recv(1), b"")
        client.close()
        self.assert_nothing_left()

    def test_nobody_reads(self) -> None:
        """
        Pitfall 26: the proxy holds a pipe-full, and goes on as the other end reads.
        """
        client, origin = self.tunnel()
        self.assert_goes_on(client, self.fill(client), origin)

    def test_one_end_leaves(self) -> None:
        """
        Pitfall 44: with one end goes the other.
        """
        for leaving in (0, 1):
            ends = self.tunnel()
            self.fill(ends[leaving])
            ends[1 - leaving].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            ends[1 - leaving].close()
            deque(pieces(ends[leaving]), maxlen=0)
            self.assert_nothing_left()


class ManyTests(MovedCase):
    """
    Pitfall 44: of many that are moved no descriptor is left.
    """

    def end(self, *connections: socket.socket) -> None:
        for connection in connections:
            connection.close()

    def test_downloads(self) -> None:
        """
        Half of the clients leave in the middle.
        """
        for number in range(TIMES):
            client, origin = self.asking(GET)
            with sending(origin, PART_HEAD, PART):
                read_head(client)
                read(client, len(PART) // (1 + number % 2))
            self.end(client, origin)
        self.assert_nothing_left()

    def test_uploads(self) -> None:
        """
        Half of them are not whole.
        """
        for number in range(TIMES):
            client, origin = self.asking(PUT)
            with sending(client, BODY if number % 2 else PART):
                read(origin, SIZE if number % 2 else len(PART))
            self.end(client, origin)
        self.assert_nothing_left()

    def test_tunnels(self) -> None:
        """
        Either end leaves first.
        """
        for number in range(TIMES):
            client, origin = self.tunnel()
            with sending(client, PART), sending(origin, PART):
                read(origin, len(PART)), read(client, len(PART))
            self.end(*((client, origin) if number % 2 else (origin, client)))
        self.assert_nothing_left()


class DownloadOnEpollTests(DownloadTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"


class DeadlineOnEpollTests(DeadlineTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"


class UploadOnEpollTests(UploadTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"


class TunnelOnEpollTests(TunnelTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"


class ManyOnEpollTests(ManyTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"
