"""
The transports of connections that were accepted.
"""

from __future__ import annotations

from os import fsdecode
from typing import TYPE_CHECKING, Any

from twisted.internet import unix
from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IFileDescriptorReceiver
from typing_extensions import override

from revproxy.reactor.addresses import Address, internet_address
from revproxy.reactor.transport import StreamTransport
from revproxy.reactor.unix_stream import UNIXStream

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor


class ServedTCP(StreamTransport):
    """
    A TCP connection that was accepted.

    @ivar server: the port that it came by.
    @ivar sessionno: its number at that port.
    """

    def __init__(self, reactor: UVReactor, server: Any, sessionno: int) -> None:
        self.reactor = reactor
        self.server = server
        self.sessionno = sessionno

    def __repr__(self) -> str:
        port = self.server._realPortNumber
        return f"<{type(self.protocol).__name__} #{self.sessionno} on {port}>"

    @override
    def logPrefix(self) -> str:
        return f"{super().logPrefix()},{self.sessionno},{self.hostname}"

    @property
    def hostname(self) -> Any:
        """
        Where the connection comes from.
        """
        return self._peer.host

    @override
    def _established(self) -> None:
        try:
            self._serve()
        except BaseException:
            self._log.failure("A connection could not be served")

    def _serve(self) -> None:
        """
        What an accepted connection's factory or protocol raises is logged, no more, as
        Twisted's own ports do.
        """
        name = self._uv.get_extra_info("peername")
        protocol = None
        try:
            if name is not None:
                self._peer = self._address_of_peer(name)
                protocol = self.server.factory.buildProtocol(self._peer)
        finally:
            if protocol is None:
                self._drop()
        if protocol is not None:
            self._begin(protocol)

    def _address_of_peer(self, name: Any) -> Address:
        return internet_address(name)


class ServedUNIX(UNIXStream, ServedTCP):
    """
    A connection that was accepted on a UNIX socket.
    """

    def __repr__(self) -> str:
        return f"<{type(self.protocol).__name__} #{self.sessionno} on {fsdecode(self.getHost().name)}>"

    @property
    def hostname(self) -> Any:
        """
        Where the connection comes from.
        """
        return self._peer.name

    @override
    def _begin(self, protocol: Any) -> None:
        if IFileDescriptorReceiver.providedBy(protocol):
            self._leave_to_twisted(protocol)
        else:
            super()._begin(protocol)

    def _leave_to_twisted(self, protocol: Any) -> None:
        """
        uvloop does not receive descriptors, so Twisted's own transport does.
        """
        connected = self.socket.duplicate()
        self._drop()
        transport = unix.Server(connected, protocol, self.hostname, self.server, self.sessionno, self.reactor)
        protocol.makeConnection(transport)

    @override
    def _address_of_peer(self, name: Any) -> Address:
        return UNIXAddress(name)

    @override
    def getPeer(self) -> Address:
        return UNIXAddress(self.hostname or None)

    @override
    def _address_of_host(self) -> Address:
        return UNIXAddress(self._uv.get_extra_info("sockname"))
