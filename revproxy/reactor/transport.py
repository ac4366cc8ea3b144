"""
The transport of a stream connection.
"""

from __future__ import annotations

import socket
import struct
from asyncio import BaseTransport
from typing import Any, cast

from twisted.internet.interfaces import (
    IConsumer,
    ILoggingContext,
    IPushProducer,
    ISystemHandle,
    ITCPTransport,
    ITLSTransport,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from revproxy.reactor.addresses import Address, own_address
from revproxy.reactor.own_socket import OwnSocket
from revproxy.reactor.reading import ReadingSide
from revproxy.reactor.reasons import aborted, reason_of
from revproxy.reactor.starttls import forget_tls, start_tls
from revproxy.reactor.writing import WritingSide

_RESET = struct.pack("ii", 1, 0)


@implementer(ITLSTransport, ITCPTransport, IConsumer, IPushProducer, ISystemHandle, ILoggingContext)
class StreamTransport(ReadingSide, WritingSide):
    """
    A stream connection, from its being established to its end.

    @ivar _reason: why the connection ends, where uvloop does not know it.
    @ivar _socket: a socket object over uvloop's descriptor, once it was asked for.
    """

    _tlsClientDefault = False
    _reason: Failure | None = None
    _socket: OwnSocket | None = None
    _host: Address | None = None
    _peer: Address

    def connection_made(self, uv: BaseTransport) -> None:
        """
        Take uvloop's transport.
        """
        self._uv = cast(Any, uv)
        self.write = self._uv.write  # type: ignore[method-assign]
        self._established()

    def connection_lost(self, error: BaseException | None) -> None:
        """
        Take uvloop's word that the connection has ended.
        """
        if not self.disconnected:
            reason = reason_of(error)
            self._end(self._reason or reason)

    def connectionLost(self, reason: Failure) -> None:
        """
        End the connection, as the reactor stops.
        """
        if not self.disconnected:
            self._uv.abort()
            self._end(reason)

    def is_busy(self) -> bool:
        """
        Whether something is read, or waits to be sent.
        """
        return self.is_reading() or bool(self._uv.get_write_buffer_size())

    def loseConnection(self) -> None:
        """
        Implement L{ITransport}: close once all is sent, that of a producer too.
        """
        if not self.connected or self.disconnecting:
            return
        self.disconnecting = True
        if self._producer_to_be_waited_for():
            self._uv.pause_reading()
        else:
            self._close()

    def stopProducing(self) -> None:
        """
        Implement L{IProducer}.
        """
        self.loseConnection()

    def abortConnection(self) -> None:
        """
        Implement L{ITCPTransport}: close now; over TCP the peer gets a reset.
        """
        if self.connected and self._reason is None:
            self._reset_on_close()
            self._fail(aborted())

    def startTLS(self, contextFactory: Any, normal: bool = True) -> None:
        """
        Implement L{ITLSTransport}.
        """
        start_tls(self, contextFactory, normal)

    def getHandle(self) -> Any:
        """
        Implement L{ISystemHandle}.

        @return: the socket.  It is uvloop's: its options may be read and set.  After the
            end it is a closed one.
        """
        return self._own_socket()

    def fileno(self) -> int:
        """
        @return: the socket's descriptor, or -1 after the end.
        """
        return self._own_socket().fileno()

    def getHost(self) -> Address:
        """
        Implement L{ITransport}.
        """
        if self._host is None:
            self._host = self._address_of_host()
        return self._host

    def getPeer(self) -> Address:
        """
        Implement L{ITransport}.
        """
        return self._peer

    def getTcpNoDelay(self) -> bool:
        """
        Implement L{ITCPTransport}.
        """
        return bool(self._options().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """
        Implement L{ITCPTransport}.
        """
        self._options().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, enabled)

    def getTcpKeepAlive(self) -> bool:
        """
        Implement L{ITCPTransport}.
        """
        return bool(self._options().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """
        Implement L{ITCPTransport}.
        """
        self._options().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, enabled)

    def logPrefix(self) -> str:
        """
        Implement L{ILoggingContext}.
        """
        protocol = self.protocol
        if ILoggingContext.providedBy(protocol):
            return protocol.logPrefix()
        return type(protocol).__name__

    @property
    def logstr(self) -> str:
        """
        What L{logPrefix} returns, under the name that Twisted's own transports give it.
        """
        return self.logPrefix()

    def _established(self) -> None:
        """
        Find the protocol of this connection, and L{_begin}.
        """
        raise NotImplementedError

    def _address_of_host(self) -> Address:
        return own_address(self._uv.get_extra_info("sockname"))

    def _begin(self, protocol: Any) -> None:
        """
        Let a protocol have this connection.
        """
        self.connected = True
        self.reactor.streams.add(self)
        self._protocol = protocol
        self._deliver_as_usual()
        protocol.makeConnection(self)
        if self._paused:
            self._pause_early()

    def _end(self, reason: Failure) -> None:
        """
        Tell everyone that the connection has ended, and let go of them.
        """
        self.connected, self.disconnected = False, True
        self._write_no_more()
        self.reactor.streams.discard(self)
        producer, self.producer = self.producer, None
        protocol, self.protocol = self.protocol, None
        self._deliver_no_more()
        self._early = None
        if self._socket is not None:
            self._socket.detach()
        if self.TLS:
            forget_tls(self)
        if producer is not None:
            producer.stopProducing()
        if protocol is not None:
            protocol.connectionLost(reason)

    def _drop(self) -> None:
        """
        Let go of a connection that no protocol was told of.
        """
        self.disconnected = True
        if self._socket is not None:
            self._socket.detach()
        self._uv.abort()

    def _fail(self, reason: Failure) -> None:
        self._reason = reason
        self._write_no_more()
        self._uv.abort()

    def _reset_on_close(self) -> None:
        self._options().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    @property
    def socket(self) -> OwnSocket:
        """
        What L{getHandle} returns, unless TLS was started, under the name that Twisted's
        own transports give it.
        """
        return self._own_socket()

    def _options(self) -> Any:
        """
        What uvloop has for reading and setting options: it takes less than a socket.

        @return: after the end a closed socket, which raises L{OSError}.
        """
        inner = None if self.disconnected else self._uv.get_extra_info("socket")
        return self._own_socket() if inner is None else inner

    def _own_socket(self) -> OwnSocket:
        if self._socket is None:
            self._socket = OwnSocket(self._uv, self.disconnected)
        return self._socket
