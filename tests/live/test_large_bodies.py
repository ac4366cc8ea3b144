"""
Bodies much larger than the memory that the proxy may use.
"""

from __future__ import annotations

import select
import socket
import subprocess
from pathlib import Path
from zlib import adler32

from twisted.trial.unittest import SynchronousTestCase

from tests.live.curl import curl
from tests.live.installed import installed
from tests.live.nginx import Nginx
from tests.live.programs import DEADLINE, new_directory
from tests.live.proxy import Proxy, relaying
from tests.live.raw_origin import RawOrigin, read_head

GIB = 1024**3
MIB = 1024**2

MOST_MEMORY = 100 * MIB
"""
What the proxy may ever use.
"""

MOST_UNDER_WAY = 48 * MIB
"""
More than fits into the buffers of the system on both sides of the proxy.
"""

PIECE = b"\xa5" * MIB


def sparse_file(path: Path, size: int) -> int:
    """
    Make a file with marks in it that takes no room.

    @return: its checksum.
    """
    checksum = 1
    with path.open("wb") as file:
        file.truncate(size)
        for offset in range(0, size, size // 8):
            file.seek(offset + 12345)
            file.write(str(offset).encode())
    with path.open("rb") as file:
        while piece := file.read(MIB):
            checksum = adler32(piece, checksum)
    return checksum


class WholeTests(SynchronousTestCase):
    """
    A gibibyte each way.
    """

    reactor: str | None = None

    def test_download(self) -> None:
        """
        A file of 1 GiB comes whole, and the proxy stays small.
        """
        origin = Nginx(self)
        expected = sparse_file(origin.root / "large", GIB)
        proxy = Proxy(self, relaying(origin.url), reactor=self.reactor)
        command = [
            installed("curl"),
            "-q",
            "--silent",
            "--noproxy",
            "*",
            f"http://127.0.0.1:{proxy.port()}/large",
        ]
        checksum, size = 1, 0
        with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
            assert running.stdout is not None
            while piece := running.stdout.read(MIB):
                checksum = adler32(piece, checksum)
                size += len(piece)
        self.assertEqual((running.returncode, size, checksum), (0, GIB, expected))
        self.assertLess(proxy.peak_memory(), MOST_MEMORY)

    def test_upload(self) -> None:
        """
        A file of 1 GiB is stored whole, and the proxy stays small.
        """
        origin = Nginx(self, "dav_methods PUT;")
        path = new_directory(self) / "large"
        expected = sparse_file(path, GIB)
        proxy = Proxy(self, relaying(origin.url), reactor=self.reactor)
        curled = curl("--upload-file", path, f"http://127.0.0.1:{proxy.port()}/stored")
        self.assertEqual((curled.status, curled.code), (0, 201), curled.trace[-2000:])
        checksum = 1
        with origin.root.joinpath("stored").open("rb") as stored:
            while piece := stored.read(MIB):
                checksum = adler32(piece, checksum)
        self.assertEqual(checksum, expected)
        self.assertLess(proxy.peak_memory(), MOST_MEMORY)


class WholeOnEpollTests(WholeTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"


class SlowTests(SynchronousTestCase):
    """
    Pitfall 26: who reads slowly holds up the sender, not the proxy's memory.
    """

    def setUp(self) -> None:
        self.origin = RawOrigin(self)
        self.proxy = Proxy(self, relaying(self.origin.url))

    def asking(self, head: bytes) -> socket.socket:
        """
        A client that has sent a head.
        """
        client = self.proxy.connect()
        self.addCleanup(client.close)
        client.sendall(head)
        return client

    def read(self, connection: socket.socket, size: int) -> None:
        """
        Read so much of a body.
        """
        while size:
            piece = connection.recv(min(size, MIB))
            self.assertNotEqual(piece, b"")
            size -= len(piece)

    def sent_until_stuck(self, connection: socket.socket) -> int:
        """
        Send until nothing more is taken for a while.

        @return: how many octets were taken.
        """
        connection.setblocking(False)
        sent = 0
        while sent < GIB and select.select([], [connection], [], 0.5)[1]:
            sent += connection.send(PIECE)
        connection.settimeout(DEADLINE)
        return sent

    def test_client_does_not_read(self) -> None:
        """
        The origin is stopped, and goes on as the client reads.
        """
        client = self.asking(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        origin = self.origin.asked()
        origin.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIB)
        sent = self.sent_until_stuck(origin)
        self.assertLess(sent, MOST_UNDER_WAY)
        self.assertLess(self.proxy.peak_memory(), MOST_MEMORY)
        read_head(client)
        self.read(client, sent)
        self.assertGreater(self.sent_until_stuck(origin), 0)

    def test_origin_does_not_read(self) -> None:
        """
        The client is stopped, and goes on as the origin reads.
        """
        client = self.asking(b"PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % GIB)
        sent = self.sent_until_stuck(client)
        self.assertLess(sent, MOST_UNDER_WAY)
        self.assertLess(self.proxy.peak_memory(), MOST_MEMORY)
        origin = self.origin.asked()
        self.read(origin, sent)
        self.assertGreater(self.sent_until_stuck(client), 0)

    def test_slow_client(self) -> None:
        """
        A client that reads a little at a time gets all of it.
        """
        origin = Nginx(self)
        expected = sparse_file(origin.root / "large", 48 * MIB)
        proxy = Proxy(self, relaying(origin.url))
        curled = curl("--limit-rate", "24M", f"http://127.0.0.1:{proxy.port()}/large")
        self.assertEqual((curled.status, adler32(curled.output)), (0, expected))
        self.assertLess(proxy.peak_memory(), MOST_MEMORY)
