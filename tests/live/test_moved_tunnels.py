"""
The bulk of tunnels that the kernel moves from socket to socket.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from threading import Thread

from tests.live.moved_case import (
    BODY,
    SIZE,
    MovedCase,
    read,
    sending,
)
from tests.live.programs import DEADLINE
from tests.live.raw_origin import pieces


class TunnelTests(MovedCase):
    def test_both_ways(self) -> None:
        """
        Pitfall 33: much goes each way at once, and an end that has said all still hears
        the other.
        """
        client, origin = self.tunnel()
        with sending(client, BODY), sending(origin, BODY):
            received: list[bytes] = []
            reading = Thread(target=lambda: received.append(read(origin, SIZE)))
            reading.start()
            self.assertTrue(read(client, SIZE) == BODY)
            reading.join(DEADLINE)
            self.assertTrue(received == [BODY])
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(origin.recv(1), b"")
        with sending(origin, BODY):
            self.assertTrue(read(client, SIZE) == BODY)
        origin.close()
        self.assertEqual(client.recv(1), b"")
        client.close()
        self.assert_nothing_left()

    def test_nobody_reads(self) -> None:
        """
        Pitfall 26: the proxy holds a pipe-full, and goes on as the other end reads.
        """
        client, origin = self.tunnel()
        self.assert_goes_on(client, self.fill(client), origin)

    def test_one_end_leaves(self) -> None:
        """
        Pitfall 44: with one end goes the other.
        """
        for leaving in (0, 1):
            ends = self.tunnel()
            self.fill(ends[leaving])
            ends[1 - leaving].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            ends[1 - leaving].close()
            deque(pieces(ends[leaving]), maxlen=0)
            self.assert_nothing_left()


class TunnelOnEpollTests(TunnelTests):
    """
    The same on the epoll reactor.
    """

    reactor = "epoll"
