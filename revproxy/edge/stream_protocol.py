"""
A protocol on a stream that may leave HTTP and become the end of a tunnel.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import implementer

from revproxy.flow.transport import IStreamTransport
from revproxy.flow.tunnel import TunnelEnd


@implementer(IPushProducer, IHalfCloseableProtocol)
class StreamProtocol(Protocol, ABC):
    """
    Hands what the transport tells to the tunnel, once there is one, and until then to
    the subclass.
    """

    transport: IStreamTransport
    _tunnel: TunnelEnd | None = None

    def readConnectionLost(self) -> None:
        """
        Implement L{IHalfCloseableProtocol}: the other side sends no more.
        """
        if self._tunnel is None:
            self._read_closed()
        else:
            self._tunnel.read_closed()

    def writeConnectionLost(self) -> None:
        """
        Implement L{IHalfCloseableProtocol}: we asked for it ourselves.
        """
        if self._tunnel is None:
            self._write_closed()

    @override
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._tunnel is not None:
            self._tunnel.lost()
        self._lost(reason)

    def pauseProducing(self) -> None:
        """
        Implement L{IPushProducer}: the other side reads slower than we write.
        """
        if self._tunnel is None:
            self._block()
        else:
            self._tunnel.pause_other()

    def resumeProducing(self) -> None:
        """
        Implement L{IPushProducer}: the other side has taken what was written.
        """
        if self._tunnel is None:
            self._unblock()
        else:
            self._tunnel.resume_other()

    def stopProducing(self) -> None:
        """
        Implement L{IPushProducer}: C{connectionLost} follows.
        """

    @abstractmethod
    def _read_closed(self) -> None:
        """
        Nothing more will come.
        """

    @abstractmethod
    def _write_closed(self) -> None:
        """
        All that was written is sent, and our direction is closed.
        """

    @abstractmethod
    def _lost(self, reason: Failure) -> None:
        """
        The connection is gone.
        """

    @abstractmethod
    def _block(self) -> None:
        """
        No more should be written for a while.
        """

    @abstractmethod
    def _unblock(self) -> None:
        """
        More may be written.
        """
