"""
The receiving direction of a stream transport.
"""

from __future__ import annotations

from functools import partial

from twisted.internet.interfaces import IHalfCloseableProtocol
from typing_extensions import override

from revproxy.reactor.pieces import LASTING
from revproxy.reactor.stream import Stream


class ReadingSide(Stream):
    """
    Pausing and resuming, and the end of what the peer sends.

    @ivar _paused: the protocol wants no data.
    @ivar _read_ended: the peer has ended its direction; to read on is undefined.
    @ivar _early: what came between C{pauseProducing} in C{connectionMade} and its
        taking effect: uvloop starts to read whatever was asked for in there.
        L{None} where that did not happen.
    """

    _paused = False
    _read_ended = False
    _early: list[bytes] | None = None
    _ended_early = False

    def is_reading(self) -> bool:
        """
        Whether data would be delivered if there were any.
        """
        return self.connected and not (self._paused or self.disconnecting or self._read_ended)

    def pauseProducing(self) -> None:
        """
        Deliver no data until L{resumeProducing}.
        """
        self.stopReading()

    def resumeProducing(self) -> None:
        """
        Deliver data again.
        """
        if self.connected and not self.disconnecting:
            self.startReading()

    def stopReading(self) -> None:
        """
        Do not read from the socket.
        """
        self._paused = True
        self._uv.pause_reading()

    def startReading(self) -> None:
        """
        Read from the socket.
        """
        self._paused = False
        if self._early is not None:
            self.reactor.loop.call_soon(self._deliver_early)
        elif not self._read_ended:
            self._uv.resume_reading()

    def read_in_pieces(self) -> None:
        """
        Read no more than L{PIECE} octets at a time, until L{LASTING} such pieces have
        come since this was last asked for: what is left in the socket can be moved.
        """
        if self._pieces is not None:
            self._pieces.left = LASTING
        elif self.connected and self._early is None:
            self._deliver_in_pieces()

    def eof_received(self) -> bool:
        """
        Take uvloop's word that the peer has ended its direction.

        @return: true: uvloop is not to close the connection.
        """
        self._read_ended = True
        if self._early is not None:
            self._ended_early = True
        else:
            self._read_connection_lost()
        return True

    def _read_connection_lost(self) -> None:
        """
        A protocol that knows of half-closed connections decides.  For others it is the
        end, also of what waits to be written, as with Twisted's own transports.
        """
        half_closeable = IHalfCloseableProtocol(self.protocol, None)
        if half_closeable is None:
            self._uv.abort()
        else:
            half_closeable.readConnectionLost()

    def _pause_early(self) -> None:
        """
        Keep what is read until a pause asked for in C{connectionMade} takes effect.
        """
        self._early = []
        self._deliver_to(self._early.append)
        self.reactor.loop.call_soon(self._pause_again)

    def _pause_again(self) -> None:
        if self._paused:
            self._uv.pause_reading()

    @override
    def _deliver_as_usual(self) -> None:
        if self._early is None:
            super()._deliver_as_usual()

    def _deliver_early(self) -> None:
        """
        Go over to reading as usual, with what was kept.
        """
        if self._early is None or self._paused or not self.connected:
            return
        data, self._early = b"".join(self._early), None
        self._deliver_as_usual()
        if data:
            self._call(partial(self.protocol.dataReceived, data))
        if self._ended_early:
            self._call(self._read_connection_lost)
        elif not self._paused:
            self._uv.resume_reading()
