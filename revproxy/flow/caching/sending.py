"""
Sending the body of an answer that is made of what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from revproxy.errors import BodyLost
from revproxy.flow.caching.cache import Cache
from revproxy.interfaces import IDownstream, IFileSending, IKept, IOpenBody
from revproxy.wire.caching.ranges import Span

PIECE: Final = 1 << 18
"""
So many octets of a body are read and written at once.
"""

EVERYTHING: Final = 1 << 62
"""
More octets than any body has.
"""

WORTH_SENDING: Final = 1 << 16
"""
So many octets of a file have to be wanted for it to be sent past the process.
"""


class Sending:
    """
    Sends an answer, as fast as the client reads.

    @ivar over: whether all was sent.
    @ivar _next: the index of the piece that is sent next, and how much of it was.
    @ivar _body: the body's file, where large parts of it are sent past the process.
    @ivar _passing: what does that at the moment.
    """

    __slots__ = (
        "_body", "_cache", "_cut", "_downstream", "_first", "_kept", "_next", "_passing", "_paused",
        "_pieces", "_sending", "_sent", "over",
    )  # fmt: skip

    def __init__(
        self,
        downstream: IDownstream,
        cache: Cache,
        kept: IKept,
        pieces: Sequence[bytes | Span],
        cut: Callable[[], None],
    ) -> None:
        """
        @param cut: called where the rest cannot be sent, other than out of L{go_on}.
        """
        self.over = False
        self._cache = cache
        self._cut = cut
        self._downstream = downstream
        self._kept = kept
        self._pieces = pieces
        self._next = 0
        self._sent = 0
        self._paused = False
        self._sending = False
        self._first: bytes | None = None
        self._body: IOpenBody | None = None
        self._passing: IFileSending | None = None

    def pause(self) -> None:
        """
        The client reads slower than we send.
        """
        self._paused = True

    def resume(self) -> None:
        """
        The client takes more.
        """
        self._paused = False

    def stop(self) -> None:
        """
        Send no more.
        """
        self.over = True
        passing, self._passing = self._passing, None
        if passing is not None:
            passing.stop()
        self._close()

    def prepare(self) -> None:
        """
        Have the body at hand, before anything is sent.

        @raise BodyLost: it cannot be read any more.
        """
        if any(_is_large(piece) for piece in self._pieces):
            self._body = self._cache.open(self._kept)
        if self._pieces and (self._body is None or not _is_large(self._pieces[0])):
            self._first = self._piece()

    def go_on(self, most: int = EVERYTHING) -> None:
        """
        Send as much as the client takes.

        @param most: write no more pieces once so many octets were written.
        @raise BodyLost: the body cannot be read any more.
        """
        if self._sending or self.over or self._is_passing():
            return
        self._sending = True
        try:
            self._send(most)
        finally:
            self._sending = False
        if not (self._is_passing() or self._has_more()):
            self.over = True
            self._close()
            self._downstream.end()

    def _is_passing(self) -> bool:
        return self._passing is not None

    def _has_more(self) -> bool:
        return self._first is not None or self._next < len(self._pieces)

    def _send(self, most: int) -> None:
        while not self._paused and most > 0 and self._has_more():
            first, self._first = self._first, None
            if first is None and self._pass():
                return
            piece = self._piece() if first is None else first
            self._downstream.write(piece)
            most -= len(piece)
            if self._next < len(self._pieces):
                self._downstream.flush()

    def _pass(self) -> bool:
        """
        Send the next piece past the process, where that is possible.
        """
        piece = self._pieces[self._next]
        if self._body is None or self._sent or isinstance(piece, bytes) or not _is_large(piece):
            return False
        octets = piece.end - piece.start
        self._downstream.flush()
        outlet = self._downstream.outlet(octets)
        if outlet is None:
            self._close()
            return False
        self._passing = outlet.send_file(
            self._body.descriptor, self._body.offset + piece.start, octets, self._passed
        )
        return True

    def _passed(self, whole: bool) -> None:
        """
        The piece was sent, or some of it.
        """
        self._passing = None
        self._next += 1
        try:
            if whole and not self.over:
                self.go_on()
                return
        except BodyLost:
            pass
        self.stop()
        self._cut()

    def _close(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.close()

    def _piece(self) -> bytes:
        piece = self._pieces[self._next]
        if isinstance(piece, bytes):
            self._next += 1
            return piece
        start = piece.start + self._sent
        stop = min(start + PIECE, piece.end)
        if stop == piece.end:
            self._next += 1
            self._sent = 0
        else:
            self._sent = stop - piece.start
        return self._cache.read(self._kept, start, stop)


def _is_large(piece: bytes | Span) -> bool:
    return not isinstance(piece, bytes) and piece.end - piece.start >= WORTH_SENDING
