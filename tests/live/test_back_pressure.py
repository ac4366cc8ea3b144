"""
Many connections that each go slowly, or one way only.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
from functools import partial

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.nginx import Nginx
from tests.live.programs import DEADLINE, ROOT, Program, eventually, free_port, listening
from tests.live.proxy import Proxy, relaying

CLIENTS = 1000

PAGE_SIZE = 2 * 1024**2

AT_ONCE = 256 * 1024
"""
How much uvloop reads at most at once; that waits until the client reads.
"""

BESIDES = 96 * 1024
"""
What a client costs besides, its share of the program too: 84 KiB were measured with answers
of two octets.
"""

IN_CHUNKS = "ssi on; ssi_types *;"
"""
nginx does not know how long the answer is, so that the proxy reads all of it.
"""


def whole(client: socket.socket) -> int:
    """
    How much comes until the other side closes.
    """
    return sum(map(len, iter(lambda: client.recv(65536), b"")))


class SlowReaderTests(SynchronousTestCase):
    """
    A thousand clients that ask, and hardly read.
    """

    @override
    def setUp(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.origin = Nginx(self, IN_CHUNKS)
        self.origin.root.joinpath("page").write_bytes(b"p" * PAGE_SIZE)

    def test_memory_is_bounded(self) -> None:
        """
        The proxy holds no more of each answer than it reads at once, and each client
        that reads on gets the rest.  (235 to 285 KiB a client were measured, by how far the
        origin is ahead.)
        """
        proxy = Proxy(self, relaying(self.origin.url, connections={"most": CLIENTS}))
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.narrow(proxy)) for _ in range(CLIENTS)]
            for client in clients:
                client.sendall(b"GET /page HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            for client in clients:
                self.assertEqual(client.recv(12), b"HTTP/1.1 200")
            self.assertGreater(whole(clients[0]), PAGE_SIZE)
            self.assertGreater(whole(clients[-1]), PAGE_SIZE)
        self.assertLess(proxy.peak_memory(), CLIENTS * (AT_ONCE + BESIDES))

    def narrow(self, proxy: Proxy) -> socket.socket:
        """
        A connection that the system holds little for.
        """
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.connect(("127.0.0.1", proxy.port()))
        return client


class HalfCloseTests(SynchronousTestCase):
    """
    Clients that close their direction first.
    """

    SAID = 3 * 1024**2
    """
    More than the system takes while nobody reads.
    """

    CONNECTIONS = 200

    @override
    def setUp(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "tests.live.half_closing", str(self.port)]
        self.program = Program(self, command, environment={"PYTHONPATH": str(ROOT)})
        eventually(partial(listening, self.port, self.program), "the server")

    def test_under_load(self) -> None:
        """
        Of many at once each gets its whole answer, and the end of it, after it has closed
        its own direction; and no descriptor stays behind.
        """
        before = self.descriptors()
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.said_all()) for _ in range(self.CONNECTIONS)]
            answers = {whole(client) for client in clients}
        self.assertEqual(answers, {self.SAID})
        eventually(lambda: self.descriptors() <= before or None, "the connections to end")

    def said_all(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        client.sendall(b"q" * self.SAID)
        client.shutdown(socket.SHUT_WR)
        return client

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.program.process.pid}/fd"))
