"""
What the two directions of a stream transport have in common.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.reactor.log_context import is_plain, with_prefix

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
    @ivar TLS: C{startTLS} was called.
    @ivar _protocol: what reads from the connection; L{None} after its end.
    @ivar _uv: uvloop's transport.
    """

    connected = False
    disconnected = False
    disconnecting = False
    TLS = False
    _protocol: Any = None
    _uv: Transport
    _log = Logger()

    def __init__(self, reactor: UVReactor) -> None:
        self.reactor = reactor

    @property
    def protocol(self) -> Any:
        """
        Who reads from the connection.  Another may be put in its place.
        """
        return self._protocol

    @protocol.setter
    def protocol(self, protocol: Any) -> None:
        self._protocol = protocol
        if self.connected:
            self._deliver_as_usual()

    def data_received(self, data: bytes) -> None:
        """
        Take what uvloop has read.  The method is looked up each time, as some protocols
        put another in its place.
        """
        self._protocol.dataReceived(data)

    def _deliver_to(self, receive: Callable[[bytes], object]) -> None:
        """
        Let uvloop call C{receive}, and not L{data_received}, with what comes in.
        """
        self.data_received = receive  # type: ignore[method-assign, assignment]
        self._uv.set_protocol(self)  # type: ignore[arg-type]

    def _deliver_as_usual(self) -> None:
        """
        Let uvloop call the protocol itself, where that cannot put another method in the
        place of its own and needs no prefix for what it logs.
        """
        protocol = self._protocol
        if is_plain(type(protocol)):  # type: ignore[arg-type]
            self._deliver_to(protocol.dataReceived)
            return
        vars(self).pop("data_received", None)
        receive = with_prefix(protocol, self.data_received)
        if receive is None:
            self._uv.set_protocol(self)  # type: ignore[arg-type]
        else:
            self._deliver_to(receive)

    def _call(self, function: Callable[[], object]) -> None:
        """
        Call a protocol or a producer.  What it raises is logged, and ends the connection.
        """
        try:
            function()
        except BaseException:
            self._log.failure("Unhandled Error")
            self._fail(Failure())

    def loseConnection(self) -> None:
        """
        Close the connection once all is sent.
        """
        raise NotImplementedError

    def _fail(self, reason: Failure) -> None:
        """
        End the connection now.

        @param reason: what its protocol is told.
        """
        raise NotImplementedError
