"""
A client's connection, whatever is spoken on it: its deadlines and its ends.

Two deadlines watch it: one for what the client has to send, one for what it has to
read.  What comes is handed to the state that the connection is in (C{_receive});
each state returns what it did not use up, for the next state.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from twisted.internet.interfaces import IHandshakeListener
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import classImplements

from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.stream_protocol import StreamProtocol
from revproxy.flow.deadline import Deadline
from revproxy.interfaces import IOutlet

_MOST_DISCARDED = 16 << 20
_LINGER = 2.0


class ClientConnection(StreamProtocol):
    """
    What a subclass builds a protocol upon.

    @ivar settings: what the connections of the listener share.
    @ivar write: sends bytes, by the end of the reactor's turn at the latest.
    @ivar _finished: whether the client sends no more, and waits for an answer.
    @ivar _when_late: what the deadline for reading means at the moment.
    """

    write: Callable[[bytes], None]

    def __init__(self, settings: Http1Settings) -> None:
        super().__init__()
        self.settings = settings
        self.seconds = settings.clock.seconds
        self._reading = Deadline(settings.clock, self._read_late)
        self._writing = Deadline(settings.clock, self._abort)
        self._when_late: Callable[[], None] = self._abort
        self._receive: Callable[[bytes], bytes] = self._discard
        self._discarded = 0
        self._finished = False

    @override
    def connectionMade(self) -> None:
        settings = self.settings
        self.transport.registerProducer(self, True)
        self.write = settings.turn.writer(self.transport)
        if len(settings.connections) >= settings.most_connections:
            self._abort()
            return
        settings.connections.add(self)
        if settings.secure:
            self._reading.set(settings.handshake_timeout)
        else:
            self._ready()

    def handshakeCompleted(self) -> None:
        """
        Implement L{IHandshakeListener}: who the client is, is known now.
        """
        self._ready()

    @abstractmethod
    def _ready(self) -> None:
        """
        From here on the client speaks the protocol of the subclass.
        """

    @override
    def dataReceived(self, data: bytes) -> None:
        rest = self._receive(data)
        while rest:
            rest = self._receive(rest)

    @override
    def _lost(self, reason: Failure) -> None:
        self.settings.connections.discard(self)
        self._reading.stop()
        self._writing.stop()
        # Our own methods there would keep us, and all that we know, for the garbage collector.
        self._receive = _ignore
        self._when_late = _nothing

    def take_up(self, settings: Http1Settings) -> None:
        """
        Treat what comes after the present exchange by other settings.
        """
        self.settings.connections.discard(self)
        settings.connections.add(self)
        self.settings = settings

    def outlet(self, moved: Callable[[int], None]) -> IOutlet | None:
        """
        Find out whether octets can go to the client past us; what was written before
        is sent.

        @param moved: called with how many octets the client's socket took, each time.
        """
        settings = self.settings
        if settings.splicer is None:
            return None
        settings.turn.send()
        return settings.splicer.outlet(self.transport, self.pauseProducing, self.resumeProducing, moved)

    @abstractmethod
    def drain(self) -> None:
        """
        End as soon as no exchange is cut short by it.
        """

    def abort(self) -> None:
        """
        End now.
        """
        self._abort()

    def _read_late(self) -> None:
        self._when_late()

    def _discard(self, data: bytes) -> bytes:
        """
        Nothing that comes matters any more.
        """
        self._discarded += len(data)
        if self._discarded > _MOST_DISCARDED:
            self._abort()
        return b""

    def _linger(self) -> None:
        """
        Close our direction and let the client read the response before the rest:
        to close at once would reset the connection (RFC 9112 section 9.6).
        """
        self._take_back()
        self._resume()
        self._write_no_more()
        self.transport.loseWriteConnection()

    @override
    def _write_closed(self) -> None:
        # The client has a little time to read the rest and to close, too.
        self._reading.set(_LINGER)

    def _close(self) -> None:
        """
        Close once everything is written, but do not wait for ever.
        """
        self._write_no_more()
        self.transport.loseConnection()

    def _write_no_more(self) -> None:
        self._receive = self._discard
        self._when_late = self._abort
        self._writing.clear()
        self._reading.set(self.settings.slow_reader_timeout)
        if not self.settings.secure:  # over TLS the notice of closing goes out with the rest
            self.settings.turn.send()
        self.transport.unregisterProducer()

    def _abort(self) -> None:
        self._receive = self._discard
        self.transport.abortConnection()


def _ignore(data: bytes) -> bytes:
    """
    What a connection that is gone does with what comes.
    """
    return b""


def _nothing() -> None:
    """
    What a deadline of a connection that is gone means.
    """


classImplements(ClientConnection, IHandshakeListener)
