"""
A machine's network in memory: ports that can be taken once, and what connects to them.
"""

from __future__ import annotations

import socket
from errno import EADDRINUSE
from os import strerror
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock
from typing_extensions import override
from zope.interface import implementer

from tests.edge.memory import MemoryConnection

CLIENT = IPv4Address("TCP", "192.0.2.7", 50000)


class NetworkConnection(MemoryConnection):
    """
    A connection as C{twisted.web} wants it.
    """

    @property
    def disconnecting(self) -> bool:
        return self._disconnecting


@implementer(IListeningPort)
class MemoryPort:
    """
    A port that somebody listens on; it is free again a turn after it was given up.
    """

    def __init__(self, network: Network, port: int, factory: IProtocolFactory, backlog: int) -> None:
        self.factory = factory
        self.backlog = backlog
        self.socket = network.listening
        self._network = network
        self._port = port

    def startListening(self) -> None:
        raise NotImplementedError("it listens from the beginning")

    def stopListening(self) -> Deferred[None]:
        stopped: Deferred[None] = deferLater(self._network, 0, self._gone)
        return stopped

    def getHost(self) -> IPv4Address:
        return IPv4Address("TCP", "127.0.0.1", self._port)

    def _gone(self) -> None:
        del self._network.ports[self._port]


class Network(MemoryReactorClock):
    """
    @ivar ports: what is listened on.
    @ivar outgoing: the connections to servers, in order, each as (port, connection).
    @ivar broken: ports that cannot be listened on.
    @ivar listening: the socket that ports have, for what is set there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ports: dict[int, MemoryPort] = {}
        self.outgoing: list[tuple[int, MemoryConnection]] = []
        self.broken: set[int] = set()
        self.listening: socket.socket | None = None

    @override
    def listenTCP(
        self, port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> MemoryPort:
        if port in self.ports or port in self.broken:
            raise CannotListenError(interface, port, OSError(EADDRINUSE, strerror(EADDRINUSE)))
        self.ports[port] = listening = MemoryPort(self, port, factory, backlog)
        return listening

    @override
    def connectTCP(
        self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: object = None
    ) -> None:
        address = IPv4Address("TCP", host, port)
        connection = MemoryConnection(self, address, IPv4Address("TCP", "192.0.2.1", 40000))
        self.outgoing.append((port, connection))
        factory.doStart()
        connection.join(factory.buildProtocol(address))

    def client(self, port: int) -> MemoryConnection:
        """
        A client that has just connected.
        """
        address = IPv4Address("TCP", "192.0.2.1", port)
        protocol = self.ports[port].factory.buildProtocol(CLIENT)
        assert protocol is not None
        return NetworkConnection(self, CLIENT, address).join(protocol)

    def servers(self, port: int) -> list[MemoryConnection]:
        """
        All connections to the server on a port.
        """
        return [connection for to, connection in self.outgoing if to == port]

    def turn(self, *seconds: float) -> None:
        """
        Let time pass; by default only what waits for the next turns is done.
        """
        for each in seconds or (0, 0):
            self.advance(each)
