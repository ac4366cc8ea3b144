"""
What the proxy does on signals.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from threading import Event, Thread

from twisted.trial.unittest import SynchronousTestCase

from tests.live.origin import Mirror, start_origin
from tests.live.programs import DEADLINE, eventually, free_port, get
from tests.live.proxy import Proxy, local, relaying
from tests.live.raw_origin import RawOrigin, pieces, read_head

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


class Load:
    """
    Clients that ask one request after another, each on a connection of its own.

    @ivar statuses: of the answers.
    @ivar failures: of clients that got none.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._enough = Event()
        self.statuses: list[int] = []
        self.failures: list[Exception] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        threads = [Thread(target=self._ask_on) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._enough.set()
            for thread in threads:
                thread.join()

    def wait_for_more(self) -> None:
        """
        Wait until some more are answered.
        """
        enough = len(self.statuses) + 20
        eventually(lambda: len(self.statuses) >= enough or None, "more answers")

    def _ask_on(self) -> None:
        while not self._enough.is_set():
            try:
                self.statuses.append(get(self._port).status)
            except OSError as failure:
                self.failures.append(failure)


class ReloadTests(SynchronousTestCase):
    """
    SIGHUP.
    """

    def setUp(self) -> None:
        self.proxy = Proxy(self, relaying(start_origin(self)))
        self.document = self.proxy.document

    def test_another_origin(self) -> None:
        """
        The new file is in force at once.
        """
        self.assertEqual(get(self.proxy.port()), (200, b"origin: /"))
        self.document["upstreams"]["app"]["servers"] = [start_origin(self, Mirror)]
        self.proxy.write(self.document)
        self.proxy.reload()
        self.assertIn(b'"target": "/"', get(self.proxy.port()).body)

    def test_kept_connection(self) -> None:
        """
        An open connection stays, and meets the new file with its next request.
        """
        with self.proxy.connect() as client:
            client.sendall(GET)
            read_head(client)
            self.assertEqual(client.recv(100), b"origin: /")
            self.document["upstreams"]["app"]["servers"] = [start_origin(self, Mirror)]
            self.proxy.write(self.document)
            self.proxy.reload()
            client.sendall(GET)
            read_head(client)
            self.assertIn(b'"target": "/"', client.recv(10_000))

    def test_request_under_way(self) -> None:
        """
        A request that waits for its answer gets it from where it went.
        """
        origin = RawOrigin(self)
        proxy = Proxy(self, relaying(origin.url))
        with proxy.connect() as client:
            client.sendall(GET)
            asked = origin.asked()
            proxy.document["upstreams"]["app"]["servers"] = [start_origin(self)]
            proxy.write(proxy.document)
            proxy.reload()
            asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nbefore")
            read_head(client)
            self.assertEqual(client.recv(100), b"before")
        self.assertEqual(get(proxy.port()), (200, b"origin: /"))

    def test_under_load(self) -> None:
        """
        However often the file is read, good or bad, no request is lost.
        """
        load = Load(self.proxy.port())
        with load.running():
            for number in range(6):
                self.document["limits"] = {"requests": 100 + number}
                self.proxy.write("listeners: {" if number % 2 else self.document)
                self.proxy.reload()
                load.wait_for_more()
        self.assertEqual((set(load.statuses), load.failures), ({200}, []))

    def test_bad_file(self) -> None:
        """
        A file with errors changes nothing, and the log says what is wrong and where.
        """
        self.document["routes"][0]["upstream"] = "nobody"
        self.proxy.write(self.document)
        self.proxy.reload()
        self.assertEqual(get(self.proxy.port()), (200, b"origin: /"))
        self.assertRegex(self.proxy.program.output(), r"revproxy\.yaml:\d+:\d+: routes\[?\.?0\]?\.upstream: ")

    def test_port_in_use(self) -> None:
        """
        A new listener that cannot listen changes nothing.
        """
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.document["listeners"]["more"] = {"endpoint": local(taken.getsockname()[1])}
            self.document["upstreams"]["app"]["servers"] = ["http://127.0.0.1:1"]
            self.proxy.write(self.document)
            self.proxy.reload()
        self.assertEqual(get(self.proxy.port()), (200, b"origin: /"))

    def test_listeners(self) -> None:
        """
        New listeners listen, and those that are gone do not.
        """
        old, new = self.proxy.port(), free_port()
        self.document["listeners"]["more"] = {"endpoint": local(new)}
        self.proxy.write(self.document)
        self.proxy.reload()
        self.assertEqual([get(old).status, get(new).status], [200, 200])
        del self.document["listeners"]["web"]
        self.proxy.write(self.document)
        self.proxy.reload()
        self.assertRaises(ConnectionRefusedError, get, old)
        self.assertEqual(get(new).status, 200)


class DrainTests(SynchronousTestCase):
    """
    SIGTERM and SIGINT.
    """

    def setUp(self) -> None:
        self.origin = RawOrigin(self)

    def start(self, **more: object) -> None:
        self.proxy = Proxy(self, {**relaying(self.origin.url), **more})

    def asking(self) -> socket.socket:
        """
        A client that has asked.
        """
        client = self.proxy.connect()
        self.addCleanup(client.close)
        client.sendall(GET)
        return client

    def ask_to_end(self, number: signal.Signals) -> None:
        """
        Send a signal, and wait until nobody is let in any more.
        """
        os.kill(self.proxy.pid, number)
        eventually(self.refuses, "new connections to be refused")

    def refuses(self) -> bool | None:
        try:
            self.proxy.connect().close()
        except ConnectionRefusedError:
            return True
        return None

    def check_slow_answer(self, number: signal.Signals) -> None:
        self.start()
        begun, waiting = self.asking(), self.asking()
        first, second = self.origin.asked(), self.origin.asked()
        first.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nslow")
        read_head(begun)
        self.ask_to_end(number)
        first.sendall(b" answer")
        second.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlate!")
        self.assertEqual(b"".join(pieces(begun)), b"slow answer")
        self.assertIn(b"\r\nconnection: close\r\n", read_head(waiting))
        self.assertEqual(b"".join(pieces(waiting)), b"late!")
        self.assertEqual(self.proxy.program.process.wait(DEADLINE), 0)

    def test_slow_answers_end(self) -> None:
        """
        On SIGTERM what is under way ends well, nobody new is let in, and the exit status is 0.
        """
        self.check_slow_answer(signal.SIGTERM)

    def test_interrupt(self) -> None:
        """
        SIGINT does the same.
        """
        self.check_slow_answer(signal.SIGINT)

    def test_idle_connections_end(self) -> None:
        """
        Connections without a request are closed, and hold nothing up.
        """
        self.start(drain_timeout="10m")
        silent, kept = self.proxy.connect(), self.asking()
        self.addCleanup(silent.close)
        self.origin.asked().sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        read_head(kept)
        os.kill(self.proxy.pid, signal.SIGTERM)
        self.assertEqual([kept.recv(1), silent.recv(1)], [b"", b""])
        self.assertEqual(self.proxy.program.process.wait(DEADLINE), 0)

    def test_drain_timeout(self) -> None:
        """
        Pitfall 13: what does not end in time is cut, and the client can tell.
        """
        self.start(drain_timeout="300ms")
        client = self.asking()
        self.origin.asked().sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nslow")
        read_head(client)
        os.kill(self.proxy.pid, signal.SIGTERM)
        self.assertEqual(b"".join(pieces(client)), b"slow")
        self.assertEqual(self.proxy.program.process.wait(DEADLINE), 0)


class AccessLogTests(SynchronousTestCase):
    """
    SIGUSR1.
    """

    def test_reopened(self) -> None:
        """
        After the log was moved away the next lines are in a new file, none is lost.
        """
        document = relaying(start_origin(self))
        document["access_log"] = {"format": "combined", "path": "access.log"}
        proxy = Proxy(self, document)
        log, moved = proxy.directory / "access.log", proxy.directory / "access.log.1"
        get(proxy.port(), "/before")
        log.rename(moved)
        os.kill(proxy.pid, signal.SIGUSR1)
        eventually(lambda: log.exists() or None, "a new log")
        get(proxy.port(), "/after")
        proxy.program.stop()
        self.assertIn('"GET /before HTTP/1.1" 200', moved.read_text())
        self.assertIn('"GET /after HTTP/1.1" 200', log.read_text())
        self.assertNotIn("/before", log.read_text())
