"""
TLS around the protocols of any factory, and around any client's endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from OpenSSL import SSL
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    ILoggingContext,
    IOpenSSLClientConnectionCreator,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from zope.interface import implementer

from revproxy.edge.tls.protocol import TLSProtocol
from revproxy.edge.turn import TurnWriter

if TYPE_CHECKING:
    from twisted.protocols.tls import TLSMemoryBIOProtocol


@implementer(IProtocolFactory, ILoggingContext)
class TLSFactory:
    """
    Puts TLS around each protocol that a factory makes.

    @ivar wrappedFactory: makes the protocols above; Twisted's own creators look at it.
    @ivar new_connection: makes OpenSSL's connection, its side set, for a protocol.
    @ivar speaks_first: whether ours is the client's side.
    @ivar seconds: tells the time.
    @ivar turn: what all connections write through.
    @ivar waits: whether a connection that we close stays until the other side has closed it,
        too; as it need not (RFC 8446 section 6.1), and does by Twisted's own TLS.
    """

    def __init__(
        self,
        new_connection: Callable[[TLSProtocol], SSL.Connection],
        speaks_first: bool,
        wrapped: IProtocolFactory,
        clock: IReactorTime,
        turn: TurnWriter,
        waits: bool = True,
    ) -> None:
        self.new_connection = new_connection
        self.speaks_first = speaks_first
        self.seconds = clock.seconds
        self.turn = turn
        self.waits = waits
        self.wrappedFactory = wrapped

    def doStart(self) -> None:
        """
        Implement L{IProtocolFactory.doStart}.
        """
        self.wrappedFactory.doStart()

    def doStop(self) -> None:
        """
        Implement L{IProtocolFactory.doStop}.
        """
        self.wrappedFactory.doStop()

    def logPrefix(self) -> str:
        """
        Implement L{ILoggingContext.logPrefix}.
        """
        wrapped = self.wrappedFactory
        name = wrapped.logPrefix() if ILoggingContext.providedBy(wrapped) else type(wrapped).__name__
        return f"{name} (TLS)"

    def buildProtocol(self, addr: IAddress | None) -> TLSProtocol | None:
        """
        Implement L{IProtocolFactory.buildProtocol}.
        """
        protocol = self.wrappedFactory.buildProtocol(cast(IAddress, addr))
        return None if protocol is None else TLSProtocol(self, protocol)


@implementer(IStreamClientEndpoint)
class TLSClientEndpoint:
    """
    Connects by another endpoint and speaks TLS there.
    """

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        creator: IOpenSSLClientConnectionCreator,
        clock: IReactorTime,
        turn: TurnWriter,
    ) -> None:
        self._endpoint = endpoint
        self._creator = creator
        self._clock = clock
        self._turn = turn

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """
        Implement L{IStreamClientEndpoint.connect}.
        """
        factory = TLSFactory(self._connection, True, protocolFactory, self._clock, self._turn)
        return self._endpoint.connect(factory).addCallback(_wrapped)

    def _connection(self, protocol: TLSProtocol) -> SSL.Connection:
        connection: SSL.Connection = self._creator.clientConnectionForTLS(
            cast("TLSMemoryBIOProtocol", protocol)
        )
        connection.set_connect_state()
        connection.set_app_data(protocol)  # So that Twisted's own creators can refuse a certificate.
        return connection


def _wrapped(protocol: IProtocol) -> IProtocol:
    tls = cast(TLSProtocol, protocol)
    if tls.refused is not None:
        raise tls.refused
    return tls.wrappedProtocol or protocol
