"""
What a request of C{twisted.web} takes for its connection, when it is an exchange.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IConsumer, IPullProducer, IPushProducer
from twisted.web.server import version as TWISTED_WEB
from zope.interface import implementer

from revproxy.edge.pulled import PulledProducer
from revproxy.errors import BadRequest, ExchangeError
from revproxy.exchange import UNKNOWN, Exchange, Response
from revproxy.wire.authority import split_authority
from revproxy.wire.framing import response_has_body
from revproxy.wire.hop_by_hop import end_to_end_response

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress, IProducer
    from twisted.web import server
    from twisted.web.http_headers import Headers

_DEFAULT_PORTS = {b"http": 80, b"https": 443}
_MOST_DIGITS = 18
_OF_TWISTED_WEB = (b"server", TWISTED_WEB)


@implementer(IConsumer)
class ExchangeChannel:
    """
    Gives what an application writes to the downstream of an exchange.

    The methods are those that L{twisted.web.http.Request} calls on its channel and
    those of a transport, for which applications take it.

    @ivar site: what finds the resource for the request, if anything does.
    @ivar _producer: who writes the response, and can be told to wait.
    @ivar _pulled: the same where it wants to be asked.
    """

    factory = None

    def __init__(self, exchange: Exchange, site: server.Site | None = None) -> None:
        self.site = site
        self.transport = self
        self._exchange = exchange
        self._downstream = exchange.downstream
        self._producer: IPushProducer | None = None
        self._pulled: PulledProducer | None = None
        self._paused = False
        self._bodyless = False

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Headers) -> None:
        """
        Begin the response; one that cannot be sent is answered as an error.
        """
        pairs = [(name.lower(), value) for name, values in headers.getAllRawHeaders() for value in values]
        pairs = [pair for pair in pairs if pair != _OF_TWISTED_WEB]
        declared = headers.getRawHeaders(b"content-length", (b"",))[0]
        if int(code) == 304 and declared == b"0":
            declared = b""  # twisted.web counted what it sends, not what the client has
        self._bodyless = not response_has_body(int(code), self._exchange.request.method)
        length = _length(declared, None if self._bodyless else UNKNOWN)
        response = Response(int(code), reason, end_to_end_response(pairs), length)
        try:
            self._downstream.begin(response)
        except ExchangeError as error:
            self._downstream.refuse(error)

    def write(self, data: bytes) -> None:
        """
        Send a part of the body, where the response has one.
        """
        if not self._bodyless:
            self._downstream.write(data)
        if self._pulled is not None:
            self._pulled.wrote()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """
        Send a part of the body that is in pieces.
        """
        self.write(b"".join(iovec))

    def flush(self) -> None:
        """
        Send a head that has no body yet.
        """
        self._downstream.flush()

    def requestDone(self, request: server.Request) -> None:
        """
        The response is complete.
        """
        self._downstream.end()

    def loseConnection(self) -> None:
        """
        Give up the response; C{notifyFinish} fires when the application finishes it.
        """
        self._downstream.cut()

    abortConnection = loseConnection

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """
        Implement L{IConsumer.registerProducer}.
        """
        if self._producer is not None:
            raise RuntimeError(f"{producer!r} cannot be registered beside {self._producer!r}")
        if streaming:
            self._producer = cast(IPushProducer, producer)
            if self._paused:
                self._producer.pauseProducing()
        else:
            self._producer = self._pulled = PulledProducer(cast(IPullProducer, producer))
            if not self._paused:
                self._pulled.resumeProducing()

    def unregisterProducer(self) -> None:
        """
        Implement L{IConsumer.unregisterProducer}.
        """
        if self._pulled is not None:
            self._pulled.end()
        self._producer = self._pulled = None

    def pauseProducing(self) -> None:
        """
        The client reads slower than the response comes.
        """
        self._paused = True
        if self._producer is not None:
            self._producer.pauseProducing()

    def resumeProducing(self) -> None:
        """
        The client takes more.
        """
        self._paused = False
        if self._producer is not None:
            self._producer.resumeProducing()

    def stopProducing(self) -> None:
        """
        The client is gone.
        """
        if self._producer is not None:
            self._producer.stopProducing()

    def getPeer(self) -> IAddress:
        """
        The client, which may be another than the connection's other end.
        """
        peer, client = self._exchange.peer, self._exchange.client
        if not client:
            return UNIXAddress(None)
        port = peer.port if client == peer.address else 0
        return (IPv6Address if ":" in client else IPv4Address)("TCP", client, port)

    def getHost(self) -> IAddress:
        """
        What the client asked for, so that URLs made of it lead here again.
        """
        request = self._exchange.request
        host, port = split_authority(request.authority) if request.authority else (b"", None)
        return IPv4Address("TCP", host.decode("ascii"), port or _DEFAULT_PORTS[request.scheme])

    def isSecure(self) -> bool:
        """
        Whether the client's connection is encrypted, be it up to a trusted proxy.
        """
        return self._exchange.request.scheme == b"https"

    def _respondToBadRequestAndDisconnect(self) -> None:
        """
        C{twisted.web} calls this for a form that it cannot read.
        """
        self._downstream.refuse(BadRequest("the form in the body cannot be read"))


def _length(declared: bytes, otherwise: int | None) -> int | None:
    return int(declared) if declared.isdigit() and len(declared) <= _MOST_DIGITS else otherwise
