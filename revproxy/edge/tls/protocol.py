"""
TLS between a transport and a protocol.

Twisted's own asks OpenSSL for more until it raises, writes what it gets bit by bit, and
keeps what is written for the reactor's next turn.  Here OpenSSL is asked for what has
come and no further, and what is written in one go is sent in one go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from OpenSSL import SSL
from twisted.internet.interfaces import IHandshakeListener, INegotiated, IProtocol, ISSLTransport, ITransport
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import classImplements

from revproxy.edge.direct import connect_directly
from revproxy.edge.tls.engine import Engine
from revproxy.edge.tls.raw_engine import engine_for
from revproxy.edge.tls.reasons import reason_of, truncated
from revproxy.edge.tls.records import RecordPace
from revproxy.edge.tls.writing import TLSWriter
from revproxy.flow.transport import IStreamTransport

if TYPE_CHECKING:
    from revproxy.edge.tls.factory import TLSFactory

_log = Logger(__name__)


class TLSProtocol(TLSWriter):
    """
    The transport below takes it for a protocol, the protocol above for its transport.

    @ivar wrappedProtocol: the one above, until the connection is lost.
    @ivar connected: whether there is a transport below, and the one above knows.
    @ivar refused: why OpenSSL's connection could not be made.
    @ivar _waits: whether what the other side sends after our notice of closing is read.
    @ivar _reason: what the protocol is told, unless what the transport says.
    """

    connected = False
    refused: Exception | None = None
    _waits = True
    _reason: Failure | None = None

    def __init__(self, factory: TLSFactory, wrapped: IProtocol) -> None:
        super().__init__()
        self.factory = factory
        self.wrappedProtocol: IProtocol | None = wrapped

    # What the transport below calls.

    def makeConnection(self, transport: ITransport) -> None:
        """
        Implement L{IProtocol.makeConnection}.  Where there is no connection of OpenSSL's to
        be had, the protocol above never hears of this one.
        """
        factory = self.factory
        self.transport = cast(IStreamTransport, transport)
        try:
            self._connection = factory.new_connection(self)
        except Exception as error:
            self._refuse(error)
            return
        self._engine = engine_for(self._connection)
        self._send = factory.turn.writer(transport)
        self._pace = RecordPace(factory.seconds)
        self.connected = True
        self.connectionMade()
        if factory.speaks_first and not self._over:
            connect_directly(self.transport, self)
            self._shake_hands()

    def _refuse(self, error: Exception) -> None:
        _log.failure("There is no TLS for a new connection")
        self.refused = error.with_traceback(None)
        self.wrappedProtocol = None
        self._over = True
        self.transport.abortConnection()

    def connectionMade(self) -> None:
        """
        Implement L{IProtocol.connectionMade}.
        """
        assert self.wrappedProtocol is not None
        self.wrappedProtocol.makeConnection(self)

    def dataReceived(self, data: bytes) -> None:
        """
        Implement L{IProtocol.dataReceived}.
        """
        if self._established:
            engine = self._engine
            plain = engine.decrypt(data)
            if plain:
                self.wrappedProtocol.dataReceived(plain)  # type: ignore[union-attr]
            if engine.stopped is not None:
                self._stopped(engine)
        elif not self._over:
            self._engine.feed(data)
            self._shake_hands()

    def connectionLost(self, reason: Failure) -> None:
        """
        Implement L{IProtocol.connectionLost}.
        """
        protocol = self.wrappedProtocol
        if protocol is None:
            return
        if self._reason is not None:
            reason = self._reason
        elif not self._over:
            reason = truncated(reason)
        self._close_engine()
        self.connected = False
        protocol.connectionLost(reason)
        self.wrappedProtocol = self._connection = self._reason = self._producer = None
        del self._engine  # It would keep the connection, which may know us.

    # What the protocol above calls, besides what it writes.

    def loseConnection(self) -> None:
        """
        Implement L{ITransport.loseConnection}: send what was written and the notice of
        closing, and close; where the factory says so, only when the other side has sent
        its own notice.
        """
        self._lose(self.factory.waits)

    def loseWriteConnection(self) -> None:
        """
        Implement L{ITCPTransport.loseWriteConnection}: the notice of closing ends our
        direction, and what the other side still sends is read.
        """
        self._lose(True)

    def abortConnection(self) -> None:
        """
        Implement L{ITCPTransport.abortConnection}: without notice of closing, so that the
        other side does not take what it has for all there was.
        """
        self.disconnecting = True
        self._close_engine()
        self.transport.abortConnection()

    def failVerification(self, reason: Failure) -> None:
        """
        Abort the handshake.  Twisted's own makers of connections call it.

        @param reason: what the protocol is told.
        """
        self._reason = reason
        self.abortConnection()

    # Between the two.

    def _lose(self, waits: bool) -> None:
        if self.disconnecting or self._over:
            return
        if not (self._established or self._held):
            self.abortConnection()
            return
        self.disconnecting = True
        self._waits = waits
        self._update()
        if not self._held and self._producer is None:
            self._shut_down()

    def _shake_hands(self) -> None:
        try:
            done = self._engine.shake_hands()
        except SSL.Error as error:
            self._end(error.with_traceback(None))
            return
        if not done:
            self._flush()
        elif not self._over:
            self._begin()

    def _begin(self) -> None:
        """
        What has come behind the handshake may be answered at once.  Then what a server
        sends at its end, above all session tickets, goes out with the answer.  Otherwise it
        goes out now: a client that sends by Nagle's algorithm keeps its request back until
        it hears of us, which without that would be 40 milliseconds later.
        """
        self._established = True
        self._update()
        if IHandshakeListener.providedBy(self.wrappedProtocol):
            self.wrappedProtocol.handshakeCompleted()
        if self._held:
            self._release()
        engine = self._engine
        plain = engine.drain() if self._established else b""
        if plain:
            self.wrappedProtocol.dataReceived(plain)  # type: ignore[union-attr]
        if plain and not self.factory.speaks_first and isinstance(engine.stopped, SSL.WantReadError):
            engine.stopped = None
        else:
            self._stopped(engine)

    def _stopped(self, engine: Engine) -> None:
        """
        Something has come that is no application data.
        """
        stopped, engine.stopped = engine.stopped, None
        if self._over:
            return
        if isinstance(stopped, SSL.WantReadError):
            self._flush()
            if self._held:
                self._release()
        elif isinstance(stopped, SSL.ZeroReturnError):
            self._notify()
            self._end(None)
        else:
            self._end(stopped)

    @override
    def _shut_down(self) -> None:
        if not self._over:
            both = self._notify()
            if self._waits and not both:
                self._flush()
            else:
                self._end(None)

    def _notify(self) -> bool:
        return self._engine.notify()

    @override
    def _end(self, error: SSL.Error | None) -> None:
        if self._over:
            return
        if error is not None and self._reason is None:
            self._reason = reason_of(error)
        self._close_engine()
        self._flush()
        self._close()

    def _close_engine(self) -> None:
        self._over = True
        self._established = self._writable = False
        self._held.clear()

    def _close(self) -> None:
        self.factory.turn.send()
        self.transport.loseConnection()


classImplements(TLSProtocol, IProtocol, IStreamTransport, ISSLTransport, INegotiated)
