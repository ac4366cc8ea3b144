"""
The part of a request's body that comes before there is a connection to send it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from revproxy.interfaces import IDownstream, IUpstreamConnection
from revproxy.wire.fields import Pair

MOST_HELD: Final = 65536
"""
After so many octets the client is not read any more.
"""


class HeldBody:
    """
    Keeps what came, within a bound, until it can be sent.
    """

    __slots__ = ("_downstream", "_flushed", "_pieces", "_size", "_trailers")

    def __init__(self, downstream: IDownstream) -> None:
        self._downstream = downstream
        self._pieces: list[bytes] = []
        self._size = 0
        self._flushed = False
        self._trailers: Sequence[Pair] | None = None

    def add(self, data: bytes) -> None:
        """
        More has come.
        """
        self._pieces.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self._downstream.pause_body()

    def flush(self) -> None:
        """
        What was read is used up: the request should not wait for more.
        """
        self._flushed = True

    def end(self, trailers: Sequence[Pair]) -> None:
        """
        The body is complete.
        """
        self._trailers = trailers

    def send(self, connection: IUpstreamConnection) -> None:
        """
        Send what was kept; from now on the body goes to the connection itself.
        """
        pieces, self._pieces = self._pieces, []
        for data in pieces:
            connection.body(data)
        if self._trailers is not None:
            connection.end_body(self._trailers)
        elif self._flushed:
            connection.flush()
        if self._size > MOST_HELD and self._trailers is None:
            self._downstream.resume_body()
