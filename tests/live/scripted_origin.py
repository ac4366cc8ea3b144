"""
An origin that answers as a test's function says, in threads.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import TypeAlias

from twisted.trial.unittest import SynchronousTestCase

from tests.live.programs import DEADLINE

Script: TypeAlias = Callable[[socket.socket, int], None]
"""
Answers a request: gets the connection, and how many requests came before.  The connection
goes on unless it raises L{OSError}.
"""

_BACKLOG = 512


def response(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """
    A whole response.
    """
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*lines, "", ""]).encode() + body


class ScriptedOrigin:
    """
    Listens on a port of its own, the same each time it is started.

    @ivar asked: the head of each request, in order.
    @ivar url: without a slash at the end.
    """

    def __init__(self, test: SynchronousTestCase, script: Script) -> None:
        self.asked: list[bytes] = []
        self._script = script
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._accept_on()
        test.addCleanup(self.stop)

    def start(self) -> None:
        """
        Listen again.
        """
        self._listening = socket.create_server(("127.0.0.1", self._port), backlog=_BACKLOG)
        self._accept_on()

    def stop(self) -> None:
        """
        Be gone: connections end in the middle, and new ones are refused.
        """
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept_on(self) -> None:
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.add(connection)
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(DEADLINE)
        with connection, suppress(OSError):
            while head := _head(connection):
                with self._lock:
                    number = len(self.asked)
                    self.asked.append(head)
                self._script(connection, number)
        self._connections.discard(connection)


def _head(connection: socket.socket) -> bytes:
    """
    @return: what comes up to the end of a head, which is all that comes; nothing where the
        connection ends.
    """
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        octets = connection.recv(65536)
        if not octets:
            return b""
        head += octets
    return head
