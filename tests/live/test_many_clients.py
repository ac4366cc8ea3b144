"""
A thousand clients at once.
"""

from __future__ import annotations

import contextlib
import resource
import socket

from twisted.trial.unittest import SynchronousTestCase

from tests.live.nginx import Nginx
from tests.live.programs import eventually
from tests.live.proxy import Proxy, relaying

CLIENTS = 1000

PAGE = b"p" * 3000

SLOW = "limit_rate 1500;"
"""
A page takes nginx more than a second, so that all clients wait at the same time.
"""


USUAL_LIMIT = 1024
"""
How many descriptors a program may have that shells and service managers start, as
long as it does not ask for more.
"""


class ManyClientsTests(SynchronousTestCase):
    def setUp(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        origin = Nginx(self, SLOW)
        origin.root.joinpath("page").write_bytes(PAGE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (USUAL_LIMIT, hard))
        self.proxy = Proxy(self, relaying(origin.url, connections={"most": CLIENTS}))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def test_all_are_answered(self) -> None:
        """
        A thousand clients ask before the first is answered; each gets the whole page,
        although the proxy was started with a limit that is lower than it needs.
        """
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.proxy.connect()) for _ in range(CLIENTS)]
            for client in clients:
                client.sendall(b"GET /page HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            eventually(lambda: self.proxy.descriptors() > 2 * CLIENTS or None, "a connection for each")
            answers = [self.whole(client) for client in clients]
        self.assertEqual({answer.partition(b" ")[2][:6] for answer in answers}, {b"200 OK"})
        self.assertEqual({answer.partition(b"\r\n\r\n")[2] for answer in answers}, {PAGE})

    def whole(self, client: socket.socket) -> bytes:
        """
        All that the proxy sends until it closes.
        """
        return b"".join(iter(lambda: client.recv(65536), b""))
