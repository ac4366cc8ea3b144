"""
A server that falls ill when it is told to: C{python -m tests.live.sick_server PORT DIRECTORY}.

Its state is in the file C{state} of the directory, which is looked at all the time: well,
slow, cutting or failing.  The first line of each body that it gets goes to the file C{posted}.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from pathlib import Path

WELL, SLOW, CUTTING, FAILING = "well", "slow", "cutting", "failing"

LOOKED_AT = 0.02
"""
How often the state is looked at, in seconds.
"""

DELAY = 2.0
"""
How long a slow server takes, in seconds.
"""

_RESET = struct.pack("ii", 1, 0)


class SickServer:
    """
    Answers every request by its state; one for C{/long} takes a second, in ten parts.
    """

    def __init__(self, directory: Path) -> None:
        self._file = directory / "state"
        self._posted = directory.joinpath("posted").open("ab", buffering=0)
        self._state = WELL

    async def look(self) -> None:
        """
        Have the state that the file says.
        """
        while True:
            try:
                self._state = self._file.read_text() or self._state
            except FileNotFoundError:
                self._state = WELL
            await asyncio.sleep(LOOKED_AT)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """
        Serve one connection.
        """
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """
        @return: whether the connection goes on.
        """
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
        if length:
            self._posted.write((await reader.readexactly(length)).split(b"\n")[0] + b"\n")
        if b" /long " in lines[0]:
            return await self._answer_long(writer)
        if self._state == SLOW:
            await asyncio.sleep(DELAY)
        if self._state == CUTTING:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe first part")
            await writer.drain()
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        status = b"500 Internal Server Error" if self._state == FAILING else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        return True

    async def _answer_long(self, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.1)
        return True


async def main(port: int, directory: Path) -> None:
    """
    Serve until the process ends.
    """
    server = SickServer(directory)
    async with await asyncio.start_server(server.serve, "127.0.0.1", port, backlog=1024):
        await server.look()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
