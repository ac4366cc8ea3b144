"""
A request's body that is there before its exchange begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from revproxy.interfaces import IReceiver

PIECE: Final = 65536
"""
How many octets are given on at once.
"""


class StoredBody:
    """
    Gives a stored body to a receiver as fast as that takes it.
    """

    _receiver: IReceiver | None = None

    def __init__(self, content: BinaryIO) -> None:
        """
        @param content: read from where it stands; it is not closed here.
        """
        self._content = content
        self._paused = False
        self._running = False
        self._over = False

    def start(self, receiver: IReceiver) -> None:
        """
        Begin to give the body, unless it is paused already.
        """
        self._receiver = receiver
        self._run(receiver)

    def pause(self) -> None:
        """
        Give no more for now.
        """
        self._paused = True

    def resume(self) -> None:
        """
        Go on.  Whoever calls this out of C{request_body} comes back to the loop
        that runs already.
        """
        self._paused = False
        if self._receiver is not None and not self._running:
            self._run(self._receiver)

    def stop(self) -> None:
        """
        Give nothing more, for nobody waits for it.
        """
        self._over = True

    def _run(self, receiver: IReceiver) -> None:
        self._running = True
        while not (self._over or self._paused):
            self._give(receiver)
        self._running = False
        if not self._over:
            receiver.request_flush()

    def _give(self, receiver: IReceiver) -> None:
        piece = self._content.read(PIECE)
        if piece:
            receiver.request_body(piece)
        else:
            self._over = True
            receiver.request_ended(())
