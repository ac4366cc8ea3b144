"""
Connections and ports that somebody else has opened.
"""

from __future__ import annotations

import socket
from os import fsdecode
from typing import TYPE_CHECKING, Any

from twisted.internet.address import UNIXAddress
from twisted.internet.error import UnsupportedAddressFamily
from typing_extensions import override

from revproxy.reactor.addresses import internet_address
from revproxy.reactor.listening import TCPPort, UNIXPort
from revproxy.reactor.serving import ServedTCP, ServedUNIX
from revproxy.reactor.transport import StreamTransport

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor

_INTERNET = (socket.AF_INET, socket.AF_INET6)


class AdoptedTCP(ServedTCP):
    """
    A TCP connection that came to us as a descriptor.
    """

    _wanted: Any = None

    @override
    def __repr__(self) -> str:
        return f"<{type(self.protocol).__name__} #{self.sessionno} on {self.getHost().port}>"

    @override
    def _serve(self) -> None:
        protocol, self._wanted = self._wanted, None
        self._begin(protocol)


class AdoptedUNIX(ServedUNIX):
    """
    A connection on a UNIX socket that came to us as a descriptor.
    """

    _wanted: Any = None
    _serve = AdoptedTCP._serve

    @override
    def logPrefix(self) -> str:
        return f"{StreamTransport.logPrefix(self)},{self.sessionno},{fsdecode(self.getHost().name)}"


def port_of(reactor: UVReactor, descriptor: int, family: int, factory: Any) -> Any:
    """
    @param descriptor: of a socket that is listened on; it is duplicated.
    @raise UnsupportedAddressFamily: it is neither of the internet nor UNIX.
    """
    if family == socket.AF_UNIX:
        return UNIXPort._fromListeningDescriptor(reactor, descriptor, factory)
    if family in _INTERNET:
        return TCPPort._fromListeningDescriptor(reactor, descriptor, family, factory)
    raise UnsupportedAddressFamily(family)


def adopt_connection(reactor: UVReactor, descriptor: int, family: int, factory: Any) -> Any:
    """
    @param descriptor: of a connected socket; it is duplicated.
    @return: the transport; its protocol is connected in the next turn.  L{None} if the
        factory has no protocol for it.
    @raise UnsupportedAddressFamily: it is neither of the internet nor UNIX.
    """
    if family != socket.AF_UNIX and family not in _INTERNET:
        raise UnsupportedAddressFamily(family)
    connected = socket.fromfd(descriptor, family, socket.SOCK_STREAM)
    transport = _transport(reactor, connected)
    transport._wanted = factory.buildProtocol(transport._peer)
    if transport._wanted is None:
        connected.close()
        return None
    reactor.hand_over(transport, connected)
    return transport


def _transport(reactor: UVReactor, connected: socket.socket) -> AdoptedTCP | AdoptedUNIX:
    transport: AdoptedTCP | AdoptedUNIX
    if connected.family == socket.AF_UNIX:
        transport = AdoptedUNIX(reactor, None, 0)
        transport._peer = UNIXAddress(connected.getsockname())
    else:
        peer = internet_address(connected.getpeername())
        transport = AdoptedTCP(reactor, None, peer.port)
        transport._peer = peer
    return transport
