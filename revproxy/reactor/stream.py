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
from revproxy.reactor.pieces import Pieces

if TYPE_CHECKING:
    from revproxy.reactor.uv_reactor import UVReactor

_DELIVERING = ("data_received", "get_buffer", "buffer_updated", "_pieces")


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
    @ivar get_buffer: there as long as uvloop reads piece by piece, as is
        C{buffer_updated}: it looks for them.
    @ivar _pieces: what they belong to.
    @ivar _protocol: what reads from the connection; L{None} after its end.
    @ivar _uv: uvloop's transport.
    """

    connected = False
    disconnected = False
    disconnecting = False
    TLS = False
    get_buffer: Callable[[int], memoryview]
    buffer_updated: Callable[[int], None]
    _pieces: Pieces | None = None
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

    def _deliver_in_pieces(self) -> None:
        """
        Let uvloop read no more than a piece at a time for a while.
        """
        self._pieces = pieces = Pieces(self.data_received, self._deliver_as_usual)
        self.get_buffer, self.buffer_updated = pieces.get_buffer, pieces.buffer_updated
        self._uv.set_protocol(self)  # type: ignore[arg-type]

    def _deliver_as_usual(self) -> None:
        """
        Let uvloop call the protocol itself, where that cannot put another method in the
        place of its own and needs no prefix for what it logs.
        """
        self._deliver_no_more()
        protocol = self._protocol
        if is_plain(type(protocol)):  # type: ignore[arg-type]
            self._deliver_to(protocol.dataReceived)
            return
        receive = with_prefix(protocol, self.data_received)
        if receive is None:
            self._uv.set_protocol(self)  # type: ignore[arg-type]
        else:
            self._deliver_to(receive)

    def _deliver_no_more(self) -> None:
        """
        Undo what the above have done, but for uvloop.
        """
        for name in _DELIVERING:
            forget(self, name)

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


def forget(connection: object, name: str) -> None:
    """
    Delete an attribute, if it is there, without looking into C{__dict__}: as long as
    nobody does, Python makes no dictionary for an object's attributes.
    """
    try:
        delattr(connection, name)
    except AttributeError:
        return
