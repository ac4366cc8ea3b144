"""
Clients that leave in the middle.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections import deque

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Authority
from tests.live.programs import eventually, new_directory
from tests.live.proxy import Proxy, relaying_over_tls
from tests.live.raw_origin import RawOrigin, pieces, read_head

SIZE = 1024**3

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
PUT = b"PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % SIZE
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nthe first of many words" % SIZE


class ClientLeavesTests(SynchronousTestCase):
    """
    Pitfall 44: with the client goes everything that was begun for it.
    """

    @override
    def setUp(self) -> None:
        directory = new_directory(self)
        self.authority = Authority(directory)
        pair = self.authority.issue(["a.test"])
        tls = {"certificates": [{"certificate": str(pair.certificate), "key": str(pair.key)}]}
        self.origin = RawOrigin(self)
        self.proxy = Proxy(self, relaying_over_tls(tls, self.origin.url))
        self.before = self.proxy.descriptors()

    def client(self) -> socket.socket:
        client = self.proxy.connect()
        self.addCleanup(client.close)
        return client

    def secure_client(self) -> socket.socket:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        client = context.wrap_socket(self.proxy.connect("secure"), server_hostname="a.test")
        self.addCleanup(client.close)
        return client

    def reset(self, client: socket.socket) -> None:
        """
        Leave without a word.
        """
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    def assert_ends(self, origin: socket.socket) -> None:
        """
        The origin's connection ends soon, and so does all else in the proxy.
        """
        deque(pieces(origin), maxlen=0)
        eventually(lambda: self.proxy.descriptors() <= self.before or None, "nothing left open")

    def test_while_waiting(self) -> None:
        """
        A client that does not wait for the answer.
        """
        client = self.client()
        client.sendall(GET)
        origin = self.origin.asked()
        client.close()
        self.assert_ends(origin)

    def test_reset_while_waiting(self) -> None:
        """
        One that leaves without a word.
        """
        client = self.client()
        client.sendall(GET)
        origin = self.origin.asked()
        self.reset(client)
        self.assert_ends(origin)

    def test_in_a_download(self) -> None:
        """
        A client that has read enough.
        """
        client = self.client()
        client.sendall(GET)
        origin = self.origin.asked()
        origin.sendall(BEGUN)
        read_head(client)
        client.close()
        self.assert_ends(origin)

    def test_in_an_upload(self) -> None:
        """
        Pitfall 13: a client that stops in the middle of its body, which is not passed for whole.
        """
        client = self.client()
        client.sendall(PUT + b"x" * 100_000)
        origin = self.origin.asked()
        origin.recv(100)
        client.close()
        self.assert_ends(origin)

    def test_in_a_chunked_upload(self) -> None:
        """
        Pitfall 13: nor does a chunked body end like a whole one.
        """
        client = self.client()
        client.sendall(b"PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        origin = self.origin.asked()
        client.close()
        self.assertEqual(b"".join(pieces(origin)), b"5\r\nhello\r\n")
        self.assert_ends(origin)

    def test_over_tls(self) -> None:
        """
        Clients with TLS leave in the same ways.
        """
        for closes in (True, False):
            waiting, downloading = self.secure_client(), self.secure_client()
            waiting.sendall(GET)
            first = self.origin.asked()
            downloading.sendall(GET)
            second = self.origin.asked()
            second.sendall(BEGUN)
            read_head(downloading)
            for client in (waiting, downloading):
                client.close() if closes else self.reset(client)
            deque(pieces(first), maxlen=0)
            self.assert_ends(second)

    def test_with_the_response_on_its_way(self) -> None:
        """
        A client that is full of what it does not read.
        """
        client = self.client()
        client.sendall(GET)
        origin = self.origin.asked()
        origin.sendall(BEGUN)
        origin.settimeout(0.5)
        self.assertRaises(TimeoutError, origin.sendall, b"x" * SIZE)
        origin.settimeout(30)
        self.reset(client)
        self.assert_ends(origin)

    def test_half_closed(self) -> None:
        """
        Pitfall 33: a client that only says that it sends no more gets an answer that comes soon.
        """
        client = self.client()
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        origin = self.origin.asked()
        origin.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        answer = b"".join(pieces(client))
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer)
        self.assertTrue(answer.endswith(b"\r\n\r\nhello"), answer)
