"""
Connecting to one server over TCP or a UNIX socket, with or without TLS.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectingCancelledError, DNSLookupError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IProtocol, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import implementer

from revproxy.edge.tls.factory import TLSClientEndpoint
from revproxy.edge.upstream_http1 import Http1UpstreamConnection
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.errors import ExchangeError, UpstreamConnectTimeout, UpstreamRefused, UpstreamUntrusted
from revproxy.flow.reasons import plain_reason
from revproxy.interfaces import IConnectionOwner, IUpstreamClient, IUpstreamConnection


class _OneConnection(Factory):
    """
    Makes the protocol of one connection.
    """

    noisy = False

    def __init__(self, connection: Http1UpstreamConnection) -> None:
        self._connection = connection

    @override
    def buildProtocol(self, addr: object) -> Http1UpstreamConnection:
        return self._connection


@implementer(IUpstreamClient)
class Http1Client:
    """
    Makes HTTP/1 connections to one server.
    """

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        settings: UpstreamHttp1Settings,
        tls: IOpenSSLClientConnectionCreator | None = None,
    ) -> None:
        """
        @param tls: makes and verifies the TLS connections; C{None} for plain HTTP.
        """
        if tls is not None:
            endpoint = TLSClientEndpoint(endpoint, tls, settings.clock, settings.turn)
        self._endpoint = endpoint
        self._settings = settings
        self._secure = tls is not None

    def connect(self, owner: IConnectionOwner) -> Deferred[IUpstreamConnection]:
        """
        Implement L{IUpstreamClient.connect}.
        """
        connection = Http1UpstreamConnection(owner, self._settings, self._secure)
        ready = connection.ready
        assert ready is not None
        attempt: Deferred[IProtocol] = self._endpoint.connect(_OneConnection(connection))
        waiting: Deferred[IUpstreamConnection] = attempt.addCallback(lambda _: ready)
        waiting.addTimeout(self._settings.timeouts.connect, self._settings.clock, _timed_out)
        return waiting.addErrback(self._failed, connection)

    def _failed(self, failure: Failure, connection: Http1UpstreamConnection) -> Failure:
        """
        @raise ExchangeError: says what becomes of the request.
        """
        if connection.connected:
            connection.drop()
        if failure.check(ExchangeError):
            return failure
        reason = plain_reason(failure)
        if failure.check(ConnectTimeout):
            raise UpstreamConnectTimeout(reason)
        if failure.check(ConnectError, DNSLookupError, ConnectingCancelledError):
            raise UpstreamRefused(reason)
        raise UpstreamUntrusted(reason) if self._secure else UpstreamRefused(reason)


def _timed_out(value: object, seconds: float) -> object:
    raise UpstreamConnectTimeout(f"no connection within {seconds:g} s")
