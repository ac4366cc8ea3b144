"""
TLS on a connection that began without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import _newtls as newtls

if TYPE_CHECKING:
    from revproxy.reactor.transport import StreamTransport

_TAKEN_OVER = ("write", "loseConnection", "registerProducer", "unregisterProducer")
_ADDED = ("getHandle", "getPeerCertificate")


class Beneath:
    """
    What the TLS protocol calls: the connection's own methods, not those that it took over.
    """

    @staticmethod
    def write(transport: StreamTransport, data: bytes) -> None:
        """
        Write what is encrypted.
        """
        if transport.connected:
            transport._uv.write(data)

    @staticmethod
    def writeSequence(transport: StreamTransport, pieces: Any) -> None:
        """
        Write what is encrypted.
        """
        if transport.connected:
            transport._uv.write(b"".join(pieces))

    @staticmethod
    def loseConnection(transport: StreamTransport) -> None:
        """
        Close the connection, its TLS being closed.
        """
        type(transport).loseConnection(transport)

    @staticmethod
    def registerProducer(transport: StreamTransport, producer: Any, streaming: bool) -> None:
        """
        Have the TLS protocol write as fast as the peer reads.
        """
        type(transport).registerProducer(transport, producer, streaming)

    @staticmethod
    def unregisterProducer(transport: StreamTransport) -> None:
        """
        Undo L{registerProducer}.
        """
        type(transport).unregisterProducer(transport)


def start_tls(transport: StreamTransport, context_factory: Any, normal: bool) -> None:
    """
    Put Twisted's TLS protocol between a transport and its protocol.

    @param normal: whether who connected is TLS's client.
    """
    producer, streaming = transport.producer, transport.streamingProducer
    if producer is not None:
        transport.unregisterProducer()
    newtls.startTLS(transport, context_factory, normal, Beneath)
    protocol = transport.protocol
    for name in _TAKEN_OVER:
        setattr(transport, name, getattr(protocol, name))
    if producer is not None:
        transport.registerProducer(producer, streaming)


def forget_tls(transport: StreamTransport) -> None:
    """
    Let go of the TLS protocol, the connection having ended.
    """
    for name in (*_TAKEN_OVER[1:], *_ADDED):
        vars(transport).pop(name, None)
