"""
A connection that has left HTTP: what comes in at one end goes out at the other.

Back-pressure goes through: an end whose peer takes no more is not read.  So does
a half-close: a direction that ends is ended at the other side, and the rest of the
other direction still arrives.
"""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import classImplements

from revproxy.flow.deadline import Deadline
from revproxy.flow.splice.pump import ENDLESS, Pump
from revproxy.flow.splice.splicer import WORTH_MOVING, Splicer
from revproxy.flow.transport import IStreamTransport
from revproxy.interfaces import IOutlet, ITunnelEnd

_LITTLE = 4096
"""
Octets at a time that are not worth moving from socket to socket.
"""

_MOST_THIN = 16
"""
After so many times that little came, it is read and written again.
"""


class TunnelEnd:
    """
    One connection's end of a tunnel.

    Its protocol passes on what it hears from the transport: L{received},
    L{read_closed}, L{lost}, L{pause_other} and L{resume_other}.

    @ivar octets: how many went out at this end.
    @ivar _open: whether the transport may be told to close.  One that was aborted or is
        gone may not: over TLS it would raise.
    """

    def __init__(
        self, transport: IStreamTransport, secure: bool, early: bytes = b"", splicer: Splicer | None = None
    ) -> None:
        """
        @param secure: whether the transport is TLS, which no octets can go past.
        @param early: what came behind the head that opened the tunnel.
        @param splicer: moves bytes from socket to socket, where that is possible.
        """
        self.octets = 0
        self._transport = transport
        self._early = early
        self._other: ITunnelEnd | None = None
        self._touched: Callable[[], None] = _nothing
        self._over: Callable[[], None] = _nothing
        self._sending = True
        self._receiving = True
        self._open = True
        self._splicer = None if secure else splicer
        self._pump: Pump | None = None
        self._thin = 0

    def watch(self, touched: Callable[[], None], over: Callable[[], None]) -> None:
        """
        @param touched: called whenever bytes come, or go out that were moved past us.
        @param over: called once when the connection is gone.
        """
        self._touched = touched
        self._over = over

    def join(self, other: ITunnelEnd) -> None:
        """
        Implement L{ITunnelEnd.join}.
        """
        self._other = other
        if self._early:
            other.tunnel_write(self._early)
            self._early = b""
        if not self._receiving:
            other.tunnel_finish()

    def tunnel_write(self, data: bytes) -> None:
        """
        Implement L{ITunnelEnd.tunnel_write}.
        """
        if self._sending:
            self.octets += len(data)
            self._transport.write(data)

    def tunnel_outlet(self) -> IOutlet | None:
        """
        Implement L{ITunnelEnd.tunnel_outlet}.
        """
        if self._splicer is None or not (self._sending and self._open):
            return None
        return self._splicer.outlet(self._transport, self.pause_other, self.resume_other, self._sent)

    def tunnel_finish(self) -> None:
        """
        Implement L{ITunnelEnd.tunnel_finish}.
        """
        if not self._sending:
            return
        self._sending = False
        if self._receiving:
            self._transport.unregisterProducer()
            self._transport.loseWriteConnection()
        else:
            self._close()

    def tunnel_close(self) -> None:
        """
        Implement L{ITunnelEnd.tunnel_close}.
        """
        self._sending = self._receiving = False
        self._take_back()
        self._close()

    def tunnel_abort(self) -> None:
        """
        Implement L{ITunnelEnd.tunnel_abort}.
        """
        self._sending = self._receiving = False
        self._take_back()
        if self._open:
            self._open = False
            self._transport.abortConnection()

    def tunnel_pause(self) -> None:
        """
        Implement L{ITunnelEnd.tunnel_pause}.
        """
        if self._pump is None:
            self._transport.pauseProducing()

    def tunnel_resume(self) -> None:
        """
        Implement L{ITunnelEnd.tunnel_resume}.
        """
        if self._receiving and self._pump is None:
            self._transport.resumeProducing()

    def received(self, data: bytes) -> None:
        """
        Bytes came at this end.  TLS goes on reading while it closes; what comes
        then is for nobody.
        """
        if not self._receiving:
            return
        self._touched()
        if self._other is None:
            self._early += data
        else:
            self._other.tunnel_write(data)
            if len(data) >= WORTH_MOVING and self._splicer is not None:
                self._move(self._splicer, self._other)

    def read_closed(self) -> None:
        """
        No more bytes will come at this end.
        """
        self._receiving = False
        if self._other is not None:
            self._other.tunnel_finish()
        if not self._sending:
            self._close()

    def lost(self) -> None:
        """
        The connection is gone, both ways.
        """
        self._receiving = self._sending = self._open = False
        self._take_back()
        if self._other is not None:
            self._other.tunnel_close()
        self._over()

    def pause_other(self) -> None:
        """
        The transport's buffer is full.
        """
        if self._other is not None:
            self._other.tunnel_pause()

    def resume_other(self) -> None:
        """
        The transport's buffer has room.
        """
        if self._other is not None:
            self._other.tunnel_resume()

    def _move(self, splicer: Splicer, other: ITunnelEnd) -> None:
        """
        Much comes: let it go past us, where it can.
        """
        outlet = other.tunnel_outlet()
        if outlet is not None:
            self._thin = 0
            self._pump = splicer.move(self._transport, outlet, ENDLESS, self._came, self._take_back)
            if self._pump is not None:
                self._pump.start()

    def _came(self, octets: int) -> None:
        """
        So many came past us.  Where little comes a pipe is too much for it.
        """
        self._thin = 0 if octets >= _LITTLE else self._thin + 1
        if self._thin == _MOST_THIN:
            self._take_back()

    def _sent(self, octets: int) -> None:
        """
        So many went out past us.
        """
        self.octets += octets
        self._touched()

    def _take_back(self) -> None:
        """
        Let what comes come to us again.
        """
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.surrender()
            self.tunnel_resume()

    def _close(self) -> None:
        if self._open:
            self._transport.unregisterProducer()
            self._transport.loseConnection()


classImplements(TunnelEnd, ITunnelEnd)


class Tunnel:
    """
    Two ends joined, until both are gone or nothing has moved for too long.
    """

    def __init__(
        self, deadline: Callable[[Callable[[], object]], Deadline], idle: float, over: Callable[[], None]
    ) -> None:
        """
        @param idle: in seconds.
        @param over: called once when both ends are gone.
        """
        self._deadline = deadline(self._expire)
        self._idle = idle
        self._ends: list[TunnelEnd] = []
        self._left = 2
        self._whole_over = over

    def open(self, client: TunnelEnd, server: TunnelEnd) -> None:
        """
        Let the bytes through.
        """
        self._ends = [client, server]
        self._touch()
        for end in self._ends:
            end.watch(self._touch, self._end_over)
        client.join(server)
        server.join(client)

    def abort(self) -> None:
        """
        Close both ends at once.
        """
        for end in self._ends:
            end.tunnel_abort()

    def _touch(self) -> None:
        self._deadline.set(self._idle)

    def _expire(self) -> None:
        self.abort()

    def _end_over(self) -> None:
        self._left -= 1
        if not self._left:
            self._deadline.stop()
            self._whole_over()


def _nothing() -> None:
    """
    Stands in for the callbacks of an end that nobody watches yet.
    """
