"""
WebSocket messages: C{python -m bench.generators.websocket PORT SECONDS CONNECTIONS}.

On each of so many connections a message is sent as soon as the one before has come back.  It prints how many
were C{done} in how many C{seconds}.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import cast

from typing_extensions import override

from bench.generators.event_loop import new_event_loop
from bench.generators.frames import FROM_CLIENT, FROM_SERVER, accept

_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
_REQUEST = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % _KEY
)
TIMEOUT = 10.0
"""
Seconds within which all WebSockets must be open.
"""


class NotSwitched(Exception):
    """
    A request for a WebSocket was answered with something else.
    """


class NoEcho(Exception):
    """
    What came back is not what was sent.
    """


class EchoClient(asyncio.Protocol):
    """
    One WebSocket.

    @ivar opened: done when it is open, or failed.
    @ivar lost: done when the connection ended, or failed when something wrong came.
    @ivar messages: how many have come back.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.opened: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.messages = 0
        self._received = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """
        Ask for a WebSocket.
        """
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_REQUEST)

    @override
    def data_received(self, data: bytes) -> None:
        """
        Read the answer to the request, then a message, and send the next.
        """
        if not self.opened.done():
            self._read_head(data)
            return
        if self._received:
            data = self._received + data
        if len(data) < len(FROM_SERVER):
            self._received = data
            return
        self._read_message(data)

    def _read_head(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        head, self._received = self._received, b""
        if head.startswith(b"HTTP/1.1 101 ") and accept(_KEY) in head:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(NotSwitched(head.partition(b"\r\n")[0].decode("latin-1")))

    def _read_message(self, data: bytes) -> None:
        if data != FROM_SERVER:
            if not self.lost.done():
                self.lost.set_exception(NoEcho(f"{data[:20]!r} came back"))
            return
        self._received = b""
        self.messages += 1
        self._transport.write(FROM_CLIENT)

    def start(self) -> None:
        """
        Send the first message.
        """
        self._transport.write(FROM_CLIENT)

    @override
    def connection_lost(self, reason: Exception | None) -> None:
        """
        Tell those who wait.
        """
        for waiting in (self.opened, self.lost):
            if not waiting.done():
                waiting.set_exception(reason or ConnectionError("the connection was closed"))


async def measure(
    loop: asyncio.AbstractEventLoop, port: int, seconds: float, connections: int
) -> dict[str, float]:
    """
    Exchange messages.

    @return: how many were C{done} in how many C{seconds}.
    """
    clients = [EchoClient(loop) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.wait_for(asyncio.gather(*(client.opened for client in clients)), TIMEOUT)
    began = time.monotonic()
    for client in clients:
        client.start()
    ended, _ = await asyncio.wait(
        [client.lost for client in clients], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
    )
    for future in ended:
        future.result()
    return {"done": sum(client.messages for client in clients), "seconds": time.monotonic() - began}


def main(arguments: Sequence[str]) -> None:
    """
    Run the program.
    """
    port, seconds, connections = int(arguments[0]), float(arguments[1]), int(arguments[2])
    loop = new_event_loop()
    print(json.dumps(loop.run_until_complete(measure(loop, port, seconds, connections))))


if __name__ == "__main__":
    main(sys.argv[1:])
