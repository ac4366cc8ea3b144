"""
The C{websockets} package's client and server with the proxy between them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine
from functools import wraps
from threading import Event, Thread
from typing import Any, TypeVar

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.sync.server import ServerConnection, serve

from tests.certificates import Authority
from tests.live.programs import DEADLINE, new_directory
from tests.live.proxy import Proxy, relaying, relaying_over_tls

TestT = TypeVar("TestT", bound=SynchronousTestCase)
LARGE = 4 * 1024 * 1024


def within_asyncio(test: Callable[[TestT], Coroutine[Any, Any, None]]) -> Callable[[TestT], None]:
    """
    Run a test on a loop of its own.
    """

    @wraps(test)
    def run(case: TestT) -> None:
        asyncio.run(asyncio.wait_for(test(case), DEADLINE))

    return run


class _Server:
    """
    What the paths of the server do; the default is to send everything back.

    @ivar ended: set when a connection is over at the server.
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
        with contextlib.suppress(ConnectionClosed):
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

    def connect(self, path: str = "/") -> connect:
        """
        A WebSocket through the proxy.
        """
        return connect(f"ws://127.0.0.1:{self.proxy.port()}{path}", proxy=None, max_size=2 * LARGE)

    @within_asyncio
    async def test_echo(self) -> None:
        """
        Text and bytes come back as what they are.
        """
        async with self.connect() as connection:
            for message in ("a word", b"\x00\xff", ""):
                await connection.send(message)
                self.assertEqual(await connection.recv(), message)

    @within_asyncio
    async def test_large_message(self) -> None:
        """
        A message of some megabytes passes both ways.
        """
        message = bytes(range(256)) * (LARGE // 256)
        async with self.connect() as connection:
            await connection.send(message)
            self.assertEqual(await connection.recv(), message)

    @within_asyncio
    async def test_many_messages(self) -> None:
        """
        Messages keep their order, however fast they come.
        """
        messages = [str(number) for number in range(5000)]

        async def send(connection: ClientConnection) -> None:
            for message in messages:
                await connection.send(message)

        async with self.connect() as connection:
            sending = asyncio.create_task(send(connection))
            received = [await connection.recv() for _ in messages]
            await sending
        self.assertEqual(received, messages)

    @within_asyncio
    async def test_ping(self) -> None:
        """
        A ping is answered by the other end.
        """
        async with self.connect() as connection:
            await (await connection.ping())

    @within_asyncio
    async def test_close_code_to_the_server(self) -> None:
        """
        The server learns why the client closed.
        """
        connection = await self.connect()
        await connection.close(4002, "bored")
        self.assertTrue(await asyncio.to_thread(self.server.ended.wait, DEADLINE))
        self.assertEqual(self.server.code, 4002)

    @within_asyncio
    async def test_server_closes_first(self) -> None:
        """
        What the server said before it closed arrives, and then its reason.
        """
        async with self.connect("/goodbye") as connection:
            self.assertEqual(await connection.recv(), "last words")
            with self.assertRaises(ConnectionClosedError) as raised:
                await connection.recv()
        closed = raised.exception.rcvd
        assert closed is not None
        self.assertEqual((closed.code, closed.reason), (4001, "enough"))

    @within_asyncio
    async def test_client_vanishes(self) -> None:
        """
        Pitfall 33: a client that is gone without a word is gone for the server.
        """
        connection = await self.connect()
        connection.transport.abort()
        self.assertTrue(await asyncio.to_thread(self.server.ended.wait, DEADLINE))
        self.assertEqual(self.server.code, 1006)

    @within_asyncio
    async def test_many_at_once(self) -> None:
        """
        Each of many connections hears its own messages only.
        """
        async with contextlib.AsyncExitStack() as stack:
            connections = [await stack.enter_async_context(self.connect()) for _ in range(50)]
            for number, connection in enumerate(connections):
                await connection.send(f"mine is {number}")
            received = [await connection.recv() for connection in connections]
        self.assertEqual(received, [f"mine is {number}" for number in range(50)])

    @within_asyncio
    async def test_idle_tunnel(self) -> None:
        """
        A tunnel in which nothing moves for too long is closed at both ends.
        """
        self.start(timeouts={"tunnel_idle": "300ms"})
        async with self.connect() as connection:
            await connection.send("still here")
            self.assertEqual(await connection.recv(), "still here")
            with self.assertRaises(ConnectionClosedError):
                await connection.recv()
        self.assertTrue(await asyncio.to_thread(self.server.ended.wait, DEADLINE))

    @within_asyncio
    async def test_not_allowed(self) -> None:
        """
        Pitfall 34: where the upstream is not to become a tunnel, it does not.
        """
        self.start(upgrades=[])
        with self.assertRaises(InvalidStatus) as refused:
            await self.connect()
        self.assertEqual(refused.exception.response.status_code, 426)


class SecureWebSocketTests(WebSocketTests):
    """
    The same over TLS.
    """

    @override
    def start(self, **upstream: object) -> None:
        directory = new_directory(self)
        authority = Authority(directory)
        pair = authority.issue(["127.0.0.1"])
        files = {"certificate": str(pair.certificate), "key": str(pair.key)}
        document = relaying_over_tls({"certificates": [files]}, self.server.url)
        document["upstreams"]["app"].update(upstream)
        self.context = ssl.create_default_context(cafile=str(authority.certificate))
        self.proxy = Proxy(self, document, directory)

    @override
    def connect(self, path: str = "/") -> connect:
        url = f"wss://127.0.0.1:{self.proxy.port('secure')}{path}"
        return connect(url, ssl=self.context, proxy=None, max_size=2 * LARGE)
