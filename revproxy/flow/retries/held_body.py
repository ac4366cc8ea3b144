"""
The part of a request's body that is kept: before there is a connection to send it on,
and, where it may be sent again, as long as no server has answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.interfaces import IDownstream, IUpstreamConnection
from revproxy.wire.fields import Pair

MOST_HELD: Final = 65536
"""
After so many octets that cannot be sent yet the client is not read any more.
"""


@mypyc_attr(acyclic=True)
class HeldBody:
    """
    Keeps what came, within a bound.

    @ivar replayable: whether all that has come is here still.
    @ivar _most_replayed: how many octets are kept although they were sent.
    @ivar _sent: whether there is a connection that the rest goes to.
    """

    __slots__ = (
        "_downstream", "_flushed", "_most_replayed", "_pieces", "_sent", "_size", "_trailers", "replayable",
    )  # fmt: skip

    def __init__(self, downstream: IDownstream, most_replayed: int = 0) -> None:
        self.replayable = True
        self._downstream = downstream
        self._most_replayed = most_replayed
        self._pieces: list[bytes] = []
        self._size = 0
        self._flushed = False
        self._sent = False
        self._trailers: Sequence[Pair] | None = None

    def add(self, data: bytes) -> None:
        """
        More has come, and there is no connection yet.
        """
        self._pieces.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self._downstream.pause_body()

    def keep(self, data: bytes) -> None:
        """
        More has come and was sent.
        """
        self._size += len(data)
        if self._size > self._most_replayed:
            self.forget()
        elif self.replayable:
            self._pieces.append(data)

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
        pieces = self._pieces
        paused, self._sent = self._sent or self._size > MOST_HELD, True
        if self._size > self._most_replayed:
            self.forget()
        for data in pieces:
            connection.body(data)
        if self._trailers is not None:
            connection.end_body(self._trailers)
            return
        if self._flushed:
            connection.flush()
        if paused:
            self._downstream.resume_body()

    def forget(self) -> None:
        """
        Keep nothing any more: what was sent cannot be sent again.
        """
        self.replayable = False
        self._pieces = []
