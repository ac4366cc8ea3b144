"""
An origin that a test plays itself, byte by byte.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase

from tests.live.programs import DEADLINE


class RawOrigin:
    """
    A listening socket.

    @ivar url: without a slash at the end.
    """

    def __init__(self, test: SynchronousTestCase) -> None:
        self._test = test
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(DEADLINE)
        test.addCleanup(self._listening.close)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def asked(self) -> socket.socket:
        """
        The next connection of the proxy, the head of its request read.
        """
        connection, _ = self._listening.accept()
        self._test.addCleanup(connection.close)
        connection.settimeout(DEADLINE)
        read_head(connection)
        return connection


def read_head(connection: socket.socket) -> bytes:
    """
    Read a head, and nothing behind it.
    """
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        octet = connection.recv(1)
        if not octet:
            raise AssertionError(f"the connection ended within a head: {head!r}")
        head += octet
    return head


def pieces(connection: socket.socket) -> Iterator[bytes]:
    """
    What comes until the connection ends, in whichever way.
    """
    try:
        while piece := connection.recv(1024 * 1024):
            yield piece
    except ConnectionResetError:
        return
