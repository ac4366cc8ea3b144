"""
Sending descriptors over a UNIX socket.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable
from typing import Any


class DescriptorQueue:
    """
    What is to be sent while descriptors are among it: each goes with one octet of the
    data.  uvloop cannot send them, so all waits here until they have gone.
    """

    def __init__(
        self,
        loop: Any,
        over: socket.socket,
        unsent: Callable[[], int],
        sent: Callable[[OSError | None], object],
    ) -> None:
        """
        @param over: the socket of the connection, which is uvloop's.
        @param unsent: how much uvloop has yet to send, which goes before.
        @param sent: called when no descriptor is left to be sent, or with why none can.
        """
        self._loop = loop
        self._over = over
        self._unsent = unsent
        self._sent = sent
        self._descriptors: deque[int] = deque()
        self._data = bytearray()
        self._watched: int | None = None

    @property
    def overrun(self) -> bool:
        """
        Whether there are descriptors, but no data to go with them.
        """
        return len(self._descriptors) > len(self._data)

    def __len__(self) -> int:
        return len(self._descriptors)

    def add(self, descriptor: int) -> None:
        """
        Send a descriptor with the octet that is written next.
        """
        self._descriptors.append(descriptor)

    def write(self, data: bytes) -> None:
        """
        Send data, and descriptors with it.
        """
        self._data += data
        if self._watched is None:
            self.send()

    def send(self) -> None:
        """
        Send as many descriptors as the socket takes.
        """
        if self._unsent():
            self._watch()
            return
        try:
            while self._descriptors and self._data:
                socket.send_fds(self._over, [self._data[:1]], [self._descriptors[0]])
                self._descriptors.popleft()
                del self._data[:1]
        except BlockingIOError:
            self._watch()
        except OSError as error:
            self.close()
            self._sent(error)
        else:
            self.close()
            if not self._descriptors:
                self._sent(None)

    def take(self) -> bytes:
        """
        @return: the data that is left when no descriptor is.
        """
        data = bytes(self._data)
        self._data.clear()
        return data

    def close(self) -> None:
        """
        Wait no more.
        """
        if self._watched is not None:
            self._loop.remove_writer(self._watched)
            os.close(self._watched)
            self._watched = None

    def _watch(self) -> None:
        """
        Wait until the socket takes more.  uvloop lets nobody watch its own descriptors.
        """
        if self._watched is None:
            self._watched = os.dup(self._over.fileno())
            self._loop.add_writer(self._watched, self.send)
