from __future__ import annotations

from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactor
from twisted.trial.unittest import SynchronousTestCase

from revproxy.service.backlog import BACKLOG, with_backlog

SILENT = (
    "tcp:8080",
    "tcp:port=8080",
    "tcp:8080:interface=127.0.0.1",
    r"tcp6:8080:interface=\:\:1",
    "unix:/run/web.sock:mode=660:lockfile=1",
    r"unix:/run/odd\:name",
    "haproxy:tcp:8080",
)

AS_THEY_ARE = (
    "tcp:8080:backlog=5",
    "tcp:8080:interface=127.0.0.1:backlog=5",
    "tcp:8080:127.0.0.1",
    "tcp:8080:127.0.0.1:5",
    "systemd:domain=INET:name=web",
    "haproxy:systemd:domain=INET:name=web",
)


class BacklogTests(SynchronousTestCase):
    def test_added(self) -> None:
        """
        Where an endpoint says nothing of it, as many as ours may wait.
        """
        for endpoint in SILENT:
            self.assertEqual(with_backlog(endpoint), f"{endpoint}:backlog={BACKLOG}")
            serverFromString(MemoryReactor(), with_backlog(endpoint))

    def test_left(self) -> None:
        """
        What an endpoint says itself holds; where arguments have no names, nothing is
        put behind them.
        """
        for endpoint in AS_THEY_ARE:
            self.assertEqual(with_backlog(endpoint), endpoint)

    def test_listened_with(self) -> None:
        """
        It is what Twisted listens with.
        """
        reactor = MemoryReactor()
        serverFromString(reactor, with_backlog("haproxy:tcp:8080:interface=127.0.0.1")).listen(Factory())
        ((port, _, backlog, interface),) = reactor.tcpServers
        self.assertEqual((port, backlog, interface), (8080, BACKLOG, "127.0.0.1"))
