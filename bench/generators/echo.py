"""
The WebSocket server behind the proxies: C{python -m bench.generators.echo PORT}.

It answers each message of the one size with the same message, by counting bytes: it must cost little beside
the proxies.
"""

import asyncio
import re
import sys
from collections.abc import Sequence
from typing import cast

from typing_extensions import override

from bench.generators.event_loop import new_event_loop
from bench.generators.frames import FROM_CLIENT, FROM_SERVER, accept

_KEY = re.compile(rb"^sec-websocket-key: *(\S+)", re.IGNORECASE | re.MULTILINE)
_SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
)


class EchoServer(asyncio.Protocol):
    """
    One connection.
    """

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._received = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """
        Keep the transport.
        """
        self._transport = cast(asyncio.Transport, transport)

    @override
    def data_received(self, data: bytes) -> None:
        """
        Answer the request for a WebSocket, then each whole message.
        """
        if self._head is not None:
            data = self._read_head(self._head + data)
        messages, self._received = divmod(self._received + len(data), len(FROM_CLIENT))
        if messages:
            self._transport.write(FROM_SERVER * messages)

    def _read_head(self, data: bytes) -> bytes:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            self._head = head
            return b""
        self._head = None
        key = _KEY.search(head)
        if key is None:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        else:
            self._transport.write(_SWITCHING % accept(key[1]))
        return rest


def main(arguments: Sequence[str]) -> None:
    """
    Serve until the process is ended.
    """
    loop = new_event_loop()
    loop.run_until_complete(loop.create_server(EchoServer, "127.0.0.1", int(arguments[0])))
    loop.run_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
