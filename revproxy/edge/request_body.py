"""
The body of a request as it comes from a client: how much, and how fast.
"""

from __future__ import annotations

from revproxy.errors import BadRequest, ContentTooLarge
from revproxy.exchange import UNKNOWN, Exchange
from revproxy.wire.bodies import Body, ChunkedBody, LengthBody
from revproxy.wire.fields import FrozenFields


class RequestBody:
    """
    Decodes a body within the limit of its exchange.

    @ivar awaits_continue: whether the client waits for a 100 before it sends.
    @ivar discarded: octets that came after the exchange was over.
    """

    __slots__ = ("_body", "_due", "_exchange", "_received", "awaits_continue", "discarded")

    def __init__(self, length: int, awaits_continue: bool, exchange: Exchange) -> None:
        """
        @param length: in octets, or C{UNKNOWN} for a body in chunks.
        """
        self._body: Body = ChunkedBody(BadRequest) if length == UNKNOWN else LengthBody(length)
        self._exchange = exchange
        self._received = 0
        self._due = 0.0
        self.awaits_continue = awaits_continue
        self.discarded = 0

    @property
    def trailers(self) -> FrozenFields:
        """
        The trailer fields, once the body has ended.
        """
        return self._body.trailers

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """
        @return: as L{Body.feed}.
        @raise BadRequest: for chunks that are malformed.
        @raise ContentTooLarge: over the limit of the exchange.
        """
        content, rest = self._body.feed(data)
        self._received += len(content)
        if self._received > self._exchange.most_body:
            raise ContentTooLarge("the body is larger than the route allows")
        return content, rest

    def discard(self, data: bytes) -> bytes | None:
        """
        Pass over what nobody wants.

        @return: what follows the body, once it has ended.
        @raise BadRequest: for chunks that are malformed.
        """
        self.discarded += len(data)
        return self._body.feed(data)[1]

    def expect(self, octets: float) -> None:
        """
        Say how much more has to be there when L{kept_up} is asked.
        """
        self._due = self._received + octets

    @property
    def kept_up(self) -> bool:
        """
        Whether what was expected has come.
        """
        return self._received >= self._due
