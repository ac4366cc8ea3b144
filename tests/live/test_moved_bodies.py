"""
Bodies that the kernel moves from socket to socket.
"""

from __future__ import annotations

import socket
import struct
from collections import deque

from typing_extensions import override

from tests.live.moved_case import (
    BODY,
    GET,
    HEAD,
    NO_CONTENT,
    PART,
    PUT,
    SIZE,
    MovedCase,
    read,
    sending,
)
from tests.live.raw_origin import pieces, read_head


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
            self.assertTrue(read(client, len(PART)) == PART)
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
        self.assertRaises(ConnectionResetError, deque, iter(lambda: client.recv(SIZE), b""), 0)
        self.assert_nothing_left()

    def test_idle_server(self) -> None:
        """
        Pitfall 13: so is one whose server stops without a word.
        """
        self.start(timeouts={"idle": "500ms"})
        client, origin = self.asking(GET)
        with sending(origin, HEAD, PART):
            read_head(client)
            self.assertTrue(read(client, len(PART)) == PART)
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
        self.assertTrue(read(origin, len(PART)) == PART)
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
