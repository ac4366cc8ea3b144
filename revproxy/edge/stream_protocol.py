"""
A protocol on a stream that may leave HTTP and become the end of a tunnel.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, cast

from twisted.internet.interfaces import IHalfCloseableProtocol, IProtocol, IPushProducer, ITransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import classImplements

from revproxy.flow.transport import IStreamTransport
from revproxy.flow.tunnel import TunnelEnd


class StreamProtocol(ABC):
    """
    Hands what the transport tells to the tunnel, once there is one, and until then to
    the subclass.

    It does not inherit from Twisted's C{Protocol}: compiled, it is a class of fixed
    layout, which cannot inherit from one that is not.

    @ivar factory: set by whatever factory of Twisted's made it.
    @ivar connected: whether it has had a transport; there is none before.
    """

    factory: Any
    transport: IStreamTransport

    def __init__(self) -> None:
        self.connected = False
        self._tunnel: TunnelEnd | None = None

    def makeConnection(self, transport: ITransport) -> None:
        """
        Implement L{IProtocol.makeConnection}.
        """
        self.connected = True
        self.transport = cast(IStreamTransport, transport)
        self.connectionMade()

    @abstractmethod
    def connectionMade(self) -> None:
        """
        Implement L{IProtocol.connectionMade}.
        """

    @abstractmethod
    def dataReceived(self, data: bytes) -> None:
        """
        Implement L{IProtocol.dataReceived}.
        """

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

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """
        Implement L{IProtocol.connectionLost}.
        """
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

    def stopProducing(self) -> None:  # noqa: B027
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


classImplements(StreamProtocol, IProtocol, IPushProducer, IHalfCloseableProtocol)
