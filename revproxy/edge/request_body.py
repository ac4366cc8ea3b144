"""
The body of a request as it comes from a client: how much, how fast, and the 100 that
the client may wait for before it sends any.
"""

from __future__ import annotations

from collections.abc import Callable

from revproxy.edge.http1_settings import Http1Settings
from revproxy.errors import BadRequest, ContentTooLarge, ExchangeError, RequestTimeout
from revproxy.exchange import UNKNOWN, Exchange
from revproxy.flow.deadline import Deadline
from revproxy.wire.bodies import Body, ChunkedBody, LengthBody
from revproxy.wire.fields import FrozenFields


class RequestBody:
    """
    Decodes a body within the limits of its exchange, and sees to it that it comes at
    the least rate: what the rate would bring in a grace time has to be there after
    each such time.

    @ivar awaits_continue: whether the client waits for a 100 (RFC 9110 section
        10.1.1).
    @ivar discarded: octets that came after the exchange was over.
    """

    __slots__ = (
        "_body", "_continue", "_deadline", "_due", "_exchange", "_failed", "_received", "_settings",
        "awaits_continue", "discarded",
    )  # fmt: skip

    def __init__(
        self,
        length: int,
        awaits_continue: bool,
        exchange: Exchange,
        settings: Http1Settings,
        deadline: Deadline,
        failed: Callable[[ExchangeError], None],
    ) -> None:
        """
        @param length: in octets, or C{UNKNOWN} for a body in chunks.
        @param deadline: that of the connection for what it has to read; C{late} is
            to be called when it passes.
        @param failed: called when the body comes too slowly.
        """
        self._body: Body = ChunkedBody(BadRequest) if length == UNKNOWN else LengthBody(length)
        self._exchange = exchange
        self._settings = settings
        self._deadline = deadline
        self._failed = failed
        self._received = 0
        self._due = 0.0
        self.awaits_continue = awaits_continue
        self.discarded = 0
        self.watch()

    @property
    def trailers(self) -> FrozenFields:
        """
        The trailer fields, once the body has ended.
        """
        return self._body.trailers

    @property
    def remaining(self) -> int:
        """
        How many octets are to come; C{UNKNOWN} in chunks.
        """
        return self._body.remaining if isinstance(self._body, LengthBody) else UNKNOWN

    def watch(self) -> None:
        """
        Expect the body from now on; the time before does not count.
        """
        settings = self._settings
        if self.awaits_continue:
            self._deadline.set(settings.continue_timeout)
        else:
            self._due = self._received + settings.least_body_rate * settings.body_grace
            self._deadline.set(settings.body_grace)

    def stop_waiting(self) -> bool:
        """
        The client gets its 100 now, or has not waited for it.

        @return: whether it was waiting.
        """
        waited, self.awaits_continue = self.awaits_continue, False
        if waited:
            self.watch()
        return waited

    def late(self) -> None:
        """
        The deadline passed: send the 100 in the upstream's place, or look whether
        the body has kept up.
        """
        if self.awaits_continue:
            self._exchange.downstream.interim(100, b"", ())
        elif self._received < self._due:
            self._failed(RequestTimeout("the body comes too slowly"))
        else:
            self.watch()

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """
        @return: as L{Body.feed}.
        @raise BadRequest: for chunks that are malformed.
        @raise ContentTooLarge: over the limit of the exchange.
        """
        self.stop_waiting()
        content, rest = self._body.feed(data)
        self._received += len(content)
        if self._received > self._exchange.most_body:
            raise ContentTooLarge("the body is larger than the route allows")
        if rest is not None:
            self._deadline.clear()
        return content, rest

    def passed(self, octets: int) -> None:
        """
        So many octets of a body of known length came and went without being fed.
        """
        assert isinstance(self._body, LengthBody)
        self._body.passed(octets)
        self._received += octets

    def discard(self, data: bytes) -> bytes | None:
        """
        Pass over what nobody wants.

        @return: what follows the body, once it has ended.
        @raise BadRequest: for chunks that are malformed.
        """
        self.discarded += len(data)
        return self._body.feed(data)[1]
