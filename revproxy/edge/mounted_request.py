"""
A request of C{twisted.web} that is an exchange of ours: C{IRequest(exchange)}.

The adapter is registered when this module is imported.  It is for whoever answers
an exchange with what was written for C{twisted.web}; our own resources never pay
for it.  What it gives has the head of the outbound request, so that what filters
changed is seen, and an empty body: L{revproxy.edge.mount} stores one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, cast

from twisted.internet.error import ConnectionLost
from twisted.logger import Logger
from twisted.python.components import registerAdapter
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.iweb import IRequest
from typing_extensions import override

from revproxy.edge.exchange_channel import ExchangeChannel
from revproxy.edge.site import descend
from revproxy.exchange import Exchange

if TYPE_CHECKING:
    from twisted.web.http import HTTPChannel

log = Logger()

_UNFRAMED: Final = b"HTTP/2"
"""
A version for which C{twisted.web} writes no framing.
"""


class MountedRequest(server.Request):
    """
    @ivar exchange: the exchange that is answered.
    @ivar connection: the same as C{channel}, which C{twisted.web} takes away at the
        end.
    """

    def __init__(self, exchange: Exchange, site: server.Site | None = None) -> None:
        """
        @param site: what finds the resource, when the body is whole.
        """
        self.exchange = exchange
        self.connection = ExchangeChannel(exchange, site)
        super().__init__(cast("HTTPChannel", self.connection), parsePOSTFormSubmission=True)
        outbound = exchange.outbound
        for name, value in outbound.fields:
            self.requestHeaders.addRawHeader(name, value)
        authority = outbound.authority or exchange.request.authority
        if authority:
            self.requestHeaders.setRawHeaders(b"host", [authority])
        self.parseCookies()
        length = exchange.request.length
        self.gotLength(0 if length is None else None if length < 0 else length)

    def complete(self) -> None:
        """
        The body is whole: let the site, if there is one, answer.
        """
        outbound = self.exchange.outbound
        if self.exchange.request.length is not None:
            size = cast("BinaryIO", self.content).tell()
            self.requestHeaders.setRawHeaders(b"content-length", [b"%d" % size])
        self.requestReceived(outbound.method, outbound.target, b"HTTP/" + self.exchange.request.version)

    def abandon(self) -> None:
        """
        The client is gone, or its body is.
        """
        if not (self.finished or self._disconnected):
            self.connection.stopProducing()
            self.connectionLost(Failure(ConnectionLost()))

    @override
    def process(self) -> None:
        """
        Without a site the request answers nothing by itself.
        """
        if self.connection.site is not None:
            super().process()
        else:
            descend(self, self.path, b"")

    @override
    def write(self, data: bytes) -> None:
        """
        Write a part of the body.

        The first part brings the head, and the version decides on the framing: but
        that is the downstream's, so none is wanted.  For a response without a body
        C{twisted.web} puts something idle in the place of this method, and a
        producer would never be asked again.
        """
        version, self.clientproto = self.clientproto, _UNFRAMED
        try:
            super().write(data)
        finally:
            self.clientproto = version
            self.__dict__.pop("write", None)
        if not data:
            self.connection.flush()

    @override
    def processingFailed(self, reason: Failure) -> Failure:
        """
        C{twisted.web} would put an error page behind what was written already, and
        it would pass for whole.
        """
        if not self.startedWriting:
            return cast(Failure, super().processingFailed(reason))
        log.failure("{request} failed in the middle of its response", reason, request=self)
        self.connection.abortConnection()
        self.abandon()
        return reason


def request_for(exchange: Exchange) -> MountedRequest:
    """
    Adapt an exchange to L{IRequest}.
    """
    request = MountedRequest(exchange)
    request.complete()
    return request


registerAdapter(request_for, Exchange, IRequest)
