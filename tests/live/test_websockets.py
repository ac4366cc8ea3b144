"""
The C{websockets} package's client and server with the proxy between them.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from threading import Event, Thread

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from tests.certificates import Authority
from tests.live.programs import DEADLINE, new_directory
from tests.live.proxy import Proxy, relaying, relaying_over_tls

LARGE = 4 * 1024 * 1024


class _Server:
    """
    What the paths of the server do; the default is to send everything back.

    @ivar ended: set when a connection to C{/wait} is over at the server.
    """

    def __init__(self, test: SynchronousTestCase) -> None:
        self.ended = Event()
        self.code: int | None = None
        server = serve(self.serve, "127.0.0.1", 0, max_size=2 * LARGE)
        self.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(server.shutdown)

    def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.path == "/goodbye":
            connection.send("last words")
            connection.close(4001, "enough")
            return
        with suppress(ConnectionClosed):
            for message in connection:
                connection.send(message)
        self.code = connection.close_code
        self.ended.set()


class WebSocketTests(SynchronousTestCase):
    """
    Over a plain connection.
    """

    @override
    def setUp(self) -> None:
        self.server = _Server(self)
        self.start()

    def start(self, **upstream: object) -> None:
        self.proxy = Proxy(self, relaying(self.server.url, **upstream))

    def connect(self, path: str = "/") -> ClientConnection:
        """
        A WebSocket through the proxy.
        """
        url = f"ws://127.0.0.1:{self.proxy.port()}{path}"
        return self.closed_with_the_test(connect(url, proxy=None, max_size=2 * LARGE))

    def closed_with_the_test(self, connection: ClientConnection) -> ClientConnection:
        self.addCleanup(connection.close)
        return connection

    def receive(self, connection: ClientConnection) -> str | bytes:
        return connection.recv(timeout=DEADLINE)

    def test_echo(self) -> None:
        """
        Text and bytes come back as what they are.
        """
        connection = self.connect()
        for message in ("a word", b"\x00\xff", ""):
            connection.send(message)
            self.assertEqual(self.receive(connection), message)

    def test_large_message(self) -> None:
        """
        A message of some megabytes passes both ways.
        """
        connection = self.connect()
        message = bytes(range(256)) * (LARGE // 256)
        connection.send(message)
        self.assertEqual(self.receive(connection), message)

    def test_many_messages(self) -> None:
        """
        Messages keep their order, however fast they come.
        """
        connection = self.connect()
        messages = [str(number) for number in range(5000)]

        def send() -> None:
            for message in messages:
                connection.send(message)

        sending = Thread(target=send)
        sending.start()
        received = [self.receive(connection) for _ in messages]
        sending.join()
        self.assertEqual(received, messages)

    def test_ping(self) -> None:
        """
        A ping is answered by the other end.
        """
        self.assertTrue(self.connect().ping().wait(DEADLINE))

    def test_close_code_to_the_server(self) -> None:
        """
        The server learns why the client closed.
        """
        self.connect("/wait").close(4002, "bored")
        self.assertTrue(self.server.ended.wait(DEADLINE))
        self.assertEqual(self.server.code, 4002)

    def test_server_closes_first(self) -> None:
        """
        What the server said before it closed arrives, and then its reason.
        """
        connection = self.connect("/goodbye")
        self.assertEqual(self.receive(connection), "last words")
        closed = self.assertRaises(ConnectionClosedError, self.receive, connection)
        assert closed.rcvd is not None
        self.assertEqual((closed.rcvd.code, closed.rcvd.reason), (4001, "enough"))

    def test_client_vanishes(self) -> None:
        """
        Pitfall 33: a client that is gone without a word is gone for the server.
        """
        connection = self.connect("/wait")
        connection.socket.close()
        self.assertTrue(self.server.ended.wait(DEADLINE))
        self.assertEqual(self.server.code, 1006)

    def test_many_at_once(self) -> None:
        """
        Each of many connections hears its own messages only.
        """
        connections = [self.connect() for _ in range(50)]
        for number, connection in enumerate(connections):
            connection.send(f"mine is {number}")
        received = [self.receive(connection) for connection in connections]
        self.assertEqual(received, [f"mine is {number}" for number in range(50)])

    def test_idle_tunnel(self) -> None:
        """
        A tunnel in which nothing moves for too long is closed at both ends.
        """
        self.start(timeouts={"tunnel_idle": "300ms"})
        connection = self.connect("/wait")
        connection.send("still here")
        self.assertEqual(self.receive(connection), "still here")
        closed = self.assertRaises(ConnectionClosed, self.receive, connection)
        self.assertNotIsInstance(closed, ConnectionClosedOK)
        self.assertTrue(self.server.ended.wait(DEADLINE))

    def test_not_allowed(self) -> None:
        """
        Pitfall 34: where the upstream is not to become a tunnel, it does not.
        """
        self.start(upgrades=[])
        refused = self.assertRaises(InvalidStatus, self.connect)
        self.assertEqual(refused.response.status_code, 426)


class SecureWebSocketTests(WebSocketTests):
    """
    The same over TLS.
    """

    @override
    def start(self, **upstream: object) -> None:
        directory = new_directory(self)
        authority = Authority(directory)
        pair = authority.issue(["localhost", "127.0.0.1"])
        files = {"certificate": str(pair.certificate), "key": str(pair.key)}
        document = relaying_over_tls({"certificates": [files]}, self.server.url)
        document["upstreams"]["app"].update(upstream)
        self.context = ssl.create_default_context(cafile=str(authority.certificate))
        self.proxy = Proxy(self, document, directory)

    @override
    def connect(self, path: str = "/") -> ClientConnection:
        url = f"wss://127.0.0.1:{self.proxy.port('secure')}{path}"
        return self.closed_with_the_test(connect(url, ssl=self.context, proxy=None, max_size=2 * LARGE))
