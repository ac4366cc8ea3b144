"""
A connection of a check's own, on which something is said and an answer awaited.
"""

from __future__ import annotations

from typing import Protocol as Shape
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener, IProtocol, ISSLTransport, ITCPTransport
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import implementer

from revproxy.errors import Unhealthy
from revproxy.interfaces import IProbeTarget


class Answer(Shape):
    """
    Judges what a server says.
    """

    def hear(self, data: bytes) -> str | None:
        """
        @return: what was seen, once it is known that the server is well.
        @raise Unhealthy: it is not.
        """

    def ended(self) -> str:
        """
        The server has closed the connection in good order, and it is not known yet.

        @return: what was seen, where that makes it well.
        @raise Unhealthy: it is not.
        """

    def so_far(self) -> str:
        """
        @return: what there is of the answer; empty for nothing.
        """


class _OneProtocol(Factory):
    """
    Gives the protocol to the connection, unless nobody wants it any more.
    """

    noisy = False

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    @override
    def buildProtocol(self, addr: object) -> Conversation | None:
        return None if self._conversation.over else self._conversation


@implementer(IHandshakeListener)
class Conversation(Protocol):
    """
    Connects, says something, and listens until it is known how the server is.

    Over TLS it begins to speak when the handshake has gone well.

    @ivar _result: fires with what was seen; C{None} once it is over.
    """

    def __init__(self, says: bytes, answer: Answer | None) -> None:
        """
        @param says: no more than the system takes at once.
        @param answer: judges what comes; C{None} where it is enough to have connected.
        """
        self._says = says
        self._answer = answer
        self._result: Deferred[str] | None = Deferred(self._cancelled)
        self._connecting: Deferred[IProtocol] | None = None

    @property
    def over(self) -> bool:
        """
        Whether there is a result.
        """
        return self._result is None

    def begin(self, target: IProbeTarget, port: int | None) -> Deferred[str]:
        """
        Connect.

        @param port: in place of the server's own.
        @return: see L{revproxy.interfaces.IHealthChecker.check}.
        """
        result = self._result
        assert result is not None
        self._connecting = target.connect(_OneProtocol(self), port)
        self._connecting.addErrback(self._fail)
        return result

    @override
    def connectionMade(self) -> None:
        if not ISSLTransport.providedBy(self.transport):
            self._speak()

    def handshakeCompleted(self) -> None:
        """
        Implement L{IHandshakeListener.handshakeCompleted}.
        """
        self._speak()

    @override
    def dataReceived(self, data: bytes) -> None:
        if self.over or self._answer is None:
            return
        try:
            seen = self._answer.hear(data)
        except Exception:
            self._fail(Failure())
            return
        if seen is not None:
            self._succeed(seen)

    @override
    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        if self.over:
            return
        if self._answer is None or not reason.check(ConnectionDone):
            self._fail(reason)
            return
        try:
            seen = self._answer.ended()
        except Unhealthy:
            self._fail(Failure())
        else:
            self._succeed(seen)

    def _speak(self) -> None:
        if self.over:
            return
        if self._says:
            self._transport.write(self._says)
        if self._answer is None:
            self._succeed("connected")

    @property
    def _transport(self) -> ITCPTransport:
        return cast(ITCPTransport, self.transport)

    def _succeed(self, seen: str) -> None:
        result = self._end()
        if result is not None:
            result.callback(seen)

    def _fail(self, reason: Failure) -> None:
        result = self._end()
        if result is not None:
            result.errback(reason)

    def _end(self) -> Deferred[str] | None:
        """
        Close the connection.  Over TLS we say that we close, but do not wait for the other
        side to do so, too.
        """
        result, self._result = self._result, None
        if result is not None and self.transport is not None:
            self.transport.loseConnection()
            if ISSLTransport.providedBy(self.transport):
                self._transport.abortConnection()
        return result

    def _cancelled(self, result: Deferred[str]) -> None:
        """
        It takes too long, or nobody wants to know any more.
        """
        self._result = None
        if self._connecting is not None:
            self._connecting.cancel()
        if self.transport is not None:
            self._transport.abortConnection()
        so_far = "" if self._answer is None else self._answer.so_far()
        if so_far:
            result.errback(Unhealthy(f"too late: {so_far}"))
