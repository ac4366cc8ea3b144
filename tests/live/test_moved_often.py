"""
Many bodies and tunnels that the kernel moves from socket to socket.
"""

from __future__ import annotations

import socket

from tests.live.moved_case import (
    BODY,
    GET,
    PART,
    PART_HEAD,
    PUT,
    SIZE,
    MovedCase,
    read,
    sending,
)
from tests.live.raw_origin import read_head

TIMES = 200


class ManyTests(MovedCase):
    """
    Pitfall 44: of many that are moved no descriptor is left.
    """

    def end(self, *connections: socket.socket) -> None:
        for connection in connections:
            connection.close()

    def test_downloads(self) -> None:
        """
        Half of the clients leave in the middle.
        """
        for number in range(TIMES):
            client, origin = self.asking(GET)
            with sending(origin, PART_HEAD, PART):
                read_head(client)
                read(client, len(PART) // (1 + number % 2))
            self.end(client, origin)
        self.assert_nothing_left()

    def test_uploads(self) -> None:
        """
        Half of them are not whole.
        """
        for number in range(TIMES):
            client, origin = self.asking(PUT)
            with sending(client, BODY if number % 2 else PART):
                read(origin, SIZE if number % 2 else len(PART))
            self.end(client, origin)
        self.assert_nothing_left()

    def test_tunnels(self) -> None:
        """
        Either end leaves first.
        """
        for number in range(TIMES):
            client, origin = self.tunnel()
            with sending(client, PART), sending(origin, PART):
                read(origin, len(PART)), read(client, len(PART))
            self.end(*((client, origin) if number % 2 else (origin, client)))
        self.assert_nothing_left()


class ManyOnEpollTests(ManyTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"
