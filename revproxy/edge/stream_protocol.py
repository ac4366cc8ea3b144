"""
A protocol on a stream that may leave HTTP and become the end of a tunnel.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from typing import Any, cast

from twisted.internet.interfaces import IHalfCloseableProtocol, IProtocol, IPushProducer, ITransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import classImplements

from revproxy.flow.splice.pump import Pump
from revproxy.flow.splice.splicer import Splicer
from revproxy.flow.transport import IStreamTransport
from revproxy.flow.tunnel import TunnelEnd
from revproxy.interfaces import IOutlet


class StreamProtocol(metaclass=ABCMeta):
    """
    Hands what the transport tells to the tunnel, once there is one, and until then to
    the subclass.

    It does not inherit from Twisted's C{Protocol}: compiled, it is a class of fixed
    layout, which cannot inherit from one that is not.

    @ivar factory: set by whatever factory of Twisted's made it.
    @ivar connected: whether it has had a transport; there is none before.
    @ivar _paused: whether nothing more should come for a while.
    @ivar _pump: moves what comes past us, as long as there is one; the transport reads
        nothing then.
    """

    factory: Any
    transport: IStreamTransport

    def __init__(self) -> None:
        self.connected = False
        self._tunnel: TunnelEnd | None = None
        self._paused = False
        self._pump: Pump | None = None

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
        if self._pump is not None:
            self._pump.stop()
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

    def _pause(self) -> None:
        """
        Let nothing more come for a while.
        """
        if not self._paused:
            self._paused = True
            if self._pump is None:
                self.transport.pauseProducing()

    def _resume(self) -> None:
        """
        Let more come.
        """
        if self._paused:
            self._paused = False
            if self._pump is None:
                self.transport.resumeProducing()

    def _move(
        self,
        splicer: Splicer,
        outlet: IOutlet,
        octets: int,
        moved: Callable[[int], None],
        released: Callable[[], None],
    ) -> bool:
        """
        Have octets moved from our socket to another; see L{Splicer.move}.

        @return: whether they will be.
        """
        self._pump = splicer.move(self.transport, outlet, octets, moved, released)
        if self._pump is None:
            return False
        self._pump.start()
        return True

    def _take_back(self) -> None:
        """
        Have the transport read again what comes.
        """
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.stop()
            if not self._paused:
                self.transport.resumeProducing()

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
