"""
What the two directions of a stream transport have in common.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor


class Stream:
    """
    A connection: uvloop's transport on one side, a Twisted protocol on the other.

    It is the asyncio protocol that uvloop calls, in snake case, and the Twisted
    transport that our protocols call, in camel case.

    @ivar reactor: what it belongs to.
    @ivar connected: between C{connectionMade} and C{connectionLost}.
    @ivar disconnected: after C{connectionLost}.
    @ivar disconnecting: C{loseConnection} was called.
    @ivar _uv: uvloop's transport.
    @ivar _protocol: what reads from the connection; L{None} after its end.
    """

    connected = False
    disconnected = False
    disconnecting = False
    data_received: Callable[[bytes], object] | None = None
    _uv: Transport
    _protocol: Any = None

    def __init__(self, reactor: UVReactor) -> None:
        self.reactor = reactor

    @property
    def protocol(self) -> Any:
        """
        What reads from this connection.
        """
        return self._protocol

    @protocol.setter
    def protocol(self, protocol: Any) -> None:
        self._protocol = protocol
        self._deliver_to(protocol.dataReceived)

    def _deliver_to(self, receive: Callable[[bytes], object]) -> None:
        """
        Let uvloop call C{receive} with what comes in.
        """
        self.data_received = receive
        self._uv.set_protocol(self)  # type: ignore[arg-type]

    def _fail(self, reason: Failure) -> None:
        """
        End the connection now.

        @param reason: what its protocol is told.
        """
        raise NotImplementedError
