"""
The reactor.
"""

from __future__ import annotations

import socket
from typing import Any

import uvloop
from twisted.internet._signals import SignalHandling, _MultiSignalHandling
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IReactorDaemonize
from twisted.internet.main import installReactor
from typing_extensions import override
from zope.interface import implementer

from revproxy.reactor.adopting import adopt_connection, port_of
from revproxy.reactor.at_once import run_in_background
from revproxy.reactor.child_signals import ChildSignals
from revproxy.reactor.connecting import TCPConnector, UNIXConnector
from revproxy.reactor.listening import TCPPort, UNIXPort
from revproxy.reactor.reasons import log_of_loop
from revproxy.reactor.timing import TimingReactor
from revproxy.reactor.transport import StreamTransport


@implementer(IReactorDaemonize)
class UVReactor(TimingReactor):
    """
    Twisted's asyncio reactor on a uvloop loop, whose streams are uvloop's.

    @ivar loop: uvloop's loop.
    @ivar streams: every connection between C{connectionMade} and C{connectionLost}.
    @ivar ports: every port that accepts.
    """

    def __init__(self) -> None:
        self.streams: set[Any] = set()
        self.ports: set[Any] = set()
        self.loop = _new_loop()
        super().__init__(self.loop)

    @override
    def listenTCP(self, port: Any, factory: Any, backlog: int = 50, interface: str = "") -> Any:
        listening = TCPPort(port, factory, backlog, interface, self)
        listening.startListening()
        return listening

    @override
    def connectTCP(
        self, host: str, port: int, factory: Any, timeout: float = 30.0, bindAddress: Any = None
    ) -> Any:
        connector = TCPConnector(host, port, factory, timeout, bindAddress, self)
        connector.connect()
        return connector

    @override
    def listenUNIX(
        self, address: Any, factory: Any, backlog: int = 50, mode: int = 0o666, wantPID: int = 0
    ) -> Any:
        listening = UNIXPort(address, factory, backlog, mode, self, wantPID)
        listening.startListening()
        return listening

    @override
    def connectUNIX(self, address: Any, factory: Any, timeout: float = 30, checkPID: int = 0) -> Any:
        connector = UNIXConnector(address, factory, timeout, self, checkPID)
        connector.connect()
        return connector

    @override
    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        listening = port_of(self, fileDescriptor, addressFamily, factory)
        listening.startListening()
        return listening

    @override
    def adoptStreamConnection(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        return adopt_connection(self, fileDescriptor, addressFamily, factory)

    def beforeDaemonize(self) -> None:
        """
        Implement L{IReactorDaemonize}: what is open may be forked.
        """

    def afterDaemonize(self) -> None:
        """
        Implement L{IReactorDaemonize}: take a loop of our own, as the old one's
        descriptors are shared with the processes that we were forked from.
        """
        old = self.loop
        self.loop = self._asyncioEventloop = _new_loop()
        self._register_again()
        old.close()

    def _register_again(self) -> None:
        """
        Have the new loop do what the old one was asked for.
        """
        for reader in self._forget(self._readers):
            self.addReader(reader)
        for writer in self._forget(self._writers):
            self.addWriter(writer)
        for port in list(self.ports):
            port.stopReading()
            port.startReading()
        self._schedule_again()

    @staticmethod
    def _forget(registered: dict[Any, int]) -> list[Any]:
        descriptors = list(registered)
        registered.clear()
        return descriptors

    @override
    def getReaders(self) -> list[Any]:
        reading = [stream for stream in self.streams if stream.is_reading()]
        return [*super().getReaders(), *self.ports, *reading]

    @override
    def removeReader(self, reader: Any) -> None:
        if reader in self.streams:
            reader.stopReading()
        else:
            super().removeReader(reader)

    @override
    def removeAll(self) -> list[Any]:
        """
        Also let go of ports, and of connections that read or have yet to write.
        """
        busy = [stream for stream in self.streams if stream.is_busy()]
        removed = [*super().removeAll(), *self.ports, *busy]
        for port in list(self.ports):
            port.stopReading()
        return removed

    def hand_over(self, transport: StreamTransport, connected: socket.socket) -> None:
        """
        Have uvloop read and write a connected socket from now on.

        @param transport: what is told once it does.
        """
        run_in_background(self.loop.connect_accepted_socket(lambda: transport, connected))

    @override
    def _signalsFactory(self) -> SignalHandling:
        return _MultiSignalHandling((ReactorBase._signalsFactory(self), ChildSignals(self.callFromThread)))


def _new_loop() -> Any:
    loop = uvloop.new_event_loop()
    loop.set_exception_handler(log_of_loop)
    return loop


def install() -> None:
    """
    Make it the global reactor of this process.

    @raise ReactorAlreadyInstalledError: there is a global reactor already.
    """
    installReactor(UVReactor())
