"""
Which reactor runs, and what it does where the system gives it less than it wants.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
from functools import partial
from typing import Any

import uvloop
from twisted.internet.abstract import FileDescriptor
from twisted.internet.protocol import ServerFactory
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.reactor.accepting import Acceptor
from revproxy.reactor.uv_reactor import UVReactor
from tests.live.nginx import Nginx
from tests.live.programs import DEADLINE, ROOT, Program, eventually, free_port, get, listening, new_directory
from tests.live.proxy import Proxy, relaying

OURS = "reactor class: revproxy.reactor.uv_reactor.UVReactor"
EPOLL = "reactor class: twisted.internet.epollreactor.EPollReactor"


class ChoiceTests(SynchronousTestCase):
    """
    What C{twistd revproxy} runs on.
    """

    @override
    def setUp(self) -> None:
        self.origin = Nginx(self)
        self.origin.root.joinpath("page").write_bytes(b"a page")

    def ran_on(self, proxy: Proxy) -> str:
        """
        Have a page relayed, and read what was logged.
        """
        self.assertEqual(get(proxy.port(), "/page"), (200, b"a page"))
        return proxy.program.output()

    def test_ours(self) -> None:
        """
        It is ours where none was asked for.
        """
        self.assertIn(OURS, self.ran_on(Proxy(self, relaying(self.origin.url))))

    def test_ours_by_name(self) -> None:
        """
        C{twistd} knows ours by its name.
        """
        proxy = Proxy(self, relaying(self.origin.url), reactor="revproxy-uvloop")
        self.assertIn(OURS, self.ran_on(proxy))

    def test_another(self) -> None:
        """
        It is the one that was asked for.
        """
        self.assertIn(EPOLL, self.ran_on(Proxy(self, relaying(self.origin.url), reactor="epoll")))

    def test_without_uvloop(self) -> None:
        """
        It is Twisted's where uvloop cannot be imported.
        """
        directory = new_directory(self)
        directory.joinpath("uvloop.py").write_text("raise ImportError('not on this platform')")
        environment = {"PYTHONPATH": str(directory)}
        proxy = Proxy(self, relaying(self.origin.url), environment=environment)
        self.assertIn(EPOLL, self.ran_on(proxy))


class DescriptorsTests(SynchronousTestCase):
    """
    A server on our reactor that may have few descriptors.
    """

    MOST = 64

    @override
    def setUp(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.port = free_port()
        command = [sys.executable, "-m", "tests.live.half_closing", str(self.port)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.MOST, hard))
        self.program = Program(self, command, environment={"PYTHONPATH": str(ROOT)})
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        eventually(partial(listening, self.port, self.program), "the server")

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        self.addCleanup(client.close)
        return client

    def test_none_left(self) -> None:
        """
        What it has no descriptor for is closed, and when others have ended there is room
        again.
        """
        clients = [self.connect() for _ in range(2 * self.MOST)]
        self.assertEqual(clients[-1].recv(1), b"")
        for client in clients:
            client.close()
        eventually(self.answered, "an answer")

    def answered(self) -> bool | None:
        client = self.connect()
        try:
            client.sendall(b"question")
            client.shutdown(socket.SHUT_WR)
            return client.recv(1024) == b"xxxxxxxx" or None
        except ConnectionResetError:
            return None


class AcceptorTests(SynchronousTestCase):
    """
    L{Acceptor}, on a loop of the test's own.
    """

    @override
    def setUp(self) -> None:
        self.loop = uvloop.new_event_loop()
        self.addCleanup(self.loop.close)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listening.close)
        self.accepted = 0
        self.acceptor = Acceptor(self.loop, self.listening, 10, self.accept)
        self.addCleanup(self.acceptor.stop)

    def accept(self) -> AcceptorTests:
        self.accepted += 1
        return self

    def connection_made(self, transport: object) -> None:
        self.loop.stop()

    def connection_lost(self, error: Exception | None) -> None:
        pass

    def connect(self) -> None:
        """
        Connect, and run the loop until that is accepted.
        """
        client = socket.create_connection(self.listening.getsockname())
        self.addCleanup(client.close)
        self.loop.run_forever()

    def test_goes_on(self) -> None:
        """
        Where uvloop has closed its socket, connections are accepted again, those too that
        came in the meantime.
        """
        self.acceptor._server.close()
        self.loop.call_later(0.01, self.acceptor.look)
        self.connect()
        self.assertEqual(self.accepted, 1)

    def test_leaves_alone(self) -> None:
        """
        As long as uvloop accepts it is let do so.
        """
        server = self.acceptor._server
        self.acceptor.look()
        self.connect()
        self.assertIs(self.acceptor._server, server)
        self.assertEqual(self.accepted, 1)


class Reader(FileDescriptor):
    """
    Reads one octet from a pipe, and ends the loop.
    """

    def __init__(self, reactor: UVReactor, descriptor: int) -> None:
        super().__init__(reactor)
        self.ours = reactor
        self.descriptor = descriptor
        self.data = b""

    @override
    def fileno(self) -> int:
        return self.descriptor

    @override
    def doRead(self) -> None:
        self.data += os.read(self.descriptor, 1)
        self.ours.loop.stop()


class Stopping(ServerFactory):
    """
    Ends the loop with the first connection.
    """

    def __init__(self, reactor: UVReactor) -> None:
        self.reactor = reactor
        self.accepted = 0

    @override
    def buildProtocol(self, addr: Any) -> None:
        self.accepted += 1
        self.reactor.loop.stop()


class AfterDaemonizeTests(SynchronousTestCase):
    """
    C{afterDaemonize}: what the old loop was asked for, C{_register_again} has the new one do.
    """

    @override
    def setUp(self) -> None:
        self.reactor: Any = UVReactor()
        self.old = self.reactor.loop
        self.addCleanup(self.end)

    def end(self) -> None:
        """
        Have the loop do what is left to be done, and close it.
        """
        self.reactor.loop.call_soon(self.reactor.loop.stop)
        self.reactor.loop.run_forever()
        self.reactor.loop.close()

    def become_daemon(self) -> None:
        self.reactor.beforeDaemonize()
        self.reactor.afterDaemonize()

    def test_another_loop(self) -> None:
        """
        There is a new loop, and the old one is closed.
        """
        self.become_daemon()
        self.assertTrue(self.old.is_closed())
        self.assertFalse(self.reactor.loop.is_closed())
        self.assertIs(self.reactor._asyncioEventloop, self.reactor.loop)

    def test_reader(self) -> None:
        """
        The new loop watches the descriptors of readers.
        """
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        reader = Reader(self.reactor, reading)
        self.reactor.addReader(reader)
        self.become_daemon()
        os.write(writing, b"x")
        self.reactor.loop.run_forever()
        self.assertEqual(reader.data, b"x")

    def test_port(self) -> None:
        """
        The new loop accepts, what has come in the meantime too.
        """
        factory = Stopping(self.reactor)
        port = self.reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        client = socket.create_connection(("127.0.0.1", port.getHost().port))
        self.addCleanup(client.close)
        self.become_daemon()
        self.reactor.loop.run_forever()
        self.assertEqual(factory.accepted, 1)

    def test_timer(self) -> None:
        """
        The new loop has the timer of the soonest call, and the calls from threads.
        """
        calls: list[str] = []
        self.reactor.callLater(0, calls.append, "later")
        self.reactor.callFromThread(calls.append, "from a thread")
        self.become_daemon()
        self.reactor.loop.call_later(0, self.reactor.loop.stop)
        self.reactor.loop.run_forever()
        self.assertEqual(sorted(calls), ["from a thread", "later"])
