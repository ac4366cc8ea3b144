"""
What a TLS connection shows to the protocol above it, of itself and of the transport below.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable

from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.internet.address import IPv4Address, IPv6Address

from revproxy.flow.transport import IStreamTransport


class TLSTransport(metaclass=ABCMeta):
    """
    All that has nothing to do with encryption is left to the transport below.

    @ivar transport: the one below, once there is one.
    @ivar _connection: until the connection is lost.
    """

    transport: IStreamTransport
    _connection: SSL.Connection | None = None

    @abstractmethod
    def write(self, data: bytes) -> None:
        """
        Implement L{ITransport.write}.
        """

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """
        Implement L{ITransport.writeSequence}.
        """
        self.write(b"".join(data))

    # Of the encryption.

    def getHandle(self) -> SSL.Connection | None:
        """
        Implement L{ISystemHandle.getHandle}.

        @return: OpenSSL's connection, as from Twisted's own TLS; L{None} once it is lost.
        """
        return self._connection

    def getPeerCertificate(self) -> X509 | None:
        """
        Implement L{ISSLTransport.getPeerCertificate}.
        """
        return None if self._connection is None else self._connection.get_peer_certificate()

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """
        Implement L{INegotiated.negotiatedProtocol}.
        """
        return None if self._connection is None else self._connection.get_alpn_proto_negotiated() or None

    # Of the transport below.

    def getPeer(self) -> IPv4Address | IPv6Address:
        """
        Implement L{ITransport.getPeer}.
        """
        return self.transport.getPeer()

    def getHost(self) -> IPv4Address | IPv6Address:
        """
        Implement L{ITransport.getHost}.
        """
        return self.transport.getHost()

    def getTcpNoDelay(self) -> bool:
        """
        Implement L{ITCPTransport.getTcpNoDelay}.
        """
        return self.transport.getTcpNoDelay()

    def setTcpNoDelay(self, enabled: bool) -> None:
        """
        Implement L{ITCPTransport.setTcpNoDelay}.
        """
        self.transport.setTcpNoDelay(enabled)

    def getTcpKeepAlive(self) -> bool:
        """
        Implement L{ITCPTransport.getTcpKeepAlive}.
        """
        return self.transport.getTcpKeepAlive()

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """
        Implement L{ITCPTransport.setTcpKeepAlive}.
        """
        self.transport.setTcpKeepAlive(enabled)

    def pauseProducing(self) -> None:
        """
        Implement L{IPushProducer.pauseProducing}: nothing is read, so nothing is decrypted.
        """
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """
        Implement L{IPushProducer.resumeProducing}.
        """
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """
        Implement L{IPushProducer.stopProducing}.
        """
        self.transport.stopProducing()
