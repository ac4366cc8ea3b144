"""
From the settings of a listener to connections.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocol
from twisted.internet.protocol import Factory
from typing_extensions import override

from revproxy.config.configuration import Configuration
from revproxy.config.listeners import ListenerSettings
from revproxy.edge.http1 import Http1Connection
from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.tls.options import ClientCertificates, ServerTLS
from revproxy.edge.tls.server import ServerConnections, wrap
from revproxy.exchange import Exchange
from revproxy.interfaces import IReceiver
from revproxy.service.context import Workshop
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.networks import Networks
from revproxy.wire.request_head import HeadLimits


class Terms:
    """
    How a listener treats its connections, by one configuration.

    @ivar tls: makes the TLS connections; C{None} for plain HTTP.
    """

    def __init__(
        self,
        name: str,
        configuration: Configuration,
        answer: Callable[[Exchange], IReceiver],
        finished: Callable[[Exchange], None],
        workshop: Workshop,
    ) -> None:
        """
        @raise CertificateError: a file of its TLS cannot be used.
        """
        listener = configuration.listeners[name]
        self.endpoint = listener.endpoint
        self.tls = None
        if listener.tls is not None:
            self.tls = ServerConnections(name, _tls_options(listener), workshop.now())
        self.http = _http_settings(name, configuration, answer, finished, workshop)


class Connections(Factory):
    """
    Makes the protocol of each connection, by the terms that are in force.
    """

    noisy = False

    def __init__(self, terms: Terms, workshop: Workshop) -> None:
        self._workshop = workshop
        self.take_up(terms)

    def take_up(self, terms: Terms) -> None:
        """
        Treat connections by other terms: new ones from now on, those that are open
        from their next request on.
        """
        before = getattr(self, "terms", None)
        self.terms = terms
        plain = Factory.forProtocol(lambda: Http1Connection(self.terms.http))
        plain.noisy = False
        self._secure = None if terms.tls is None else wrap(plain, terms.tls, self._workshop.reactor)
        if before is not None:
            for connection in list(before.http.connections):
                connection.take_up(terms.http)

    @override
    def buildProtocol(self, addr: IAddress | None) -> IProtocol | None:
        if self._secure is not None:
            return self._secure.buildProtocol(addr)
        return Http1Connection(self.terms.http)


class Listener:
    """
    One listening endpoint.
    """

    def __init__(self, terms: Terms, workshop: Workshop) -> None:
        self.connections = Connections(terms, workshop)
        self._workshop = workshop
        self._port: IListeningPort | None = None

    def listen(self) -> Deferred[None]:
        """
        Begin to accept connections.
        """
        endpoint = serverFromString(self._workshop.reactor, self.connections.terms.endpoint)
        return endpoint.listen(self.connections).addCallback(self._listening)

    def _listening(self, port: IListeningPort) -> None:
        self._port = port

    @property
    def address(self) -> IAddress | None:
        """
        Where it listens, once it does.
        """
        return None if self._port is None else self._port.getHost()

    def close(self) -> Deferred[object]:
        """
        Accept no more, and let the connections end with their exchanges.
        """
        http = self.connections.terms.http
        http.draining = True
        port, self._port = self._port, None
        for connection in list(http.connections):
            connection.drain()
        return succeed(None) if port is None else Deferred.fromCoroutine(_stopped(port))

    @property
    def open(self) -> int:
        """
        How many connections there are.
        """
        return len(self.connections.terms.http.connections)

    def abort(self) -> None:
        """
        End the connections that are left.
        """
        for connection in list(self.connections.terms.http.connections):
            connection.abort()


async def _stopped(port: IListeningPort) -> None:
    stopping = port.stopListening()
    if stopping is not None:
        await stopping


def _tls_options(listener: ListenerSettings) -> ServerTLS:
    tls = listener.tls
    assert tls is not None
    asked = tls.client_certificates
    return ServerTLS(
        [(pair.certificate, pair.key) for pair in tls.certificates],
        tls.minimum_version,
        tls.ciphers,
        tls.session_tickets,
        None if asked is None else ClientCertificates(asked.mode == "required", asked.ca),
    )


def _http_settings(
    name: str,
    configuration: Configuration,
    answer: Callable[[Exchange], IReceiver],
    finished: Callable[[Exchange], None],
    workshop: Workshop,
) -> Http1Settings:
    limits, timeouts, told = configuration.limits, configuration.timeouts, configuration.forwarded
    tls = configuration.listeners[name].tls
    asked = None if tls is None else tls.client_certificates
    return Http1Settings(
        workshop.reactor,
        answer,
        finished,
        ForwardedPolicy(Networks(configuration.trusted_proxies), told.x_forwarded, told.forwarded, told.via),
        workshop.turn,
        name,
        tls is not None,
        asked is not None,
        None if asked is None else asked.header,
        HeadLimits(limits.request_line, limits.head, limits.fields),
        most_body=limits.body,
        least_body_rate=limits.least_body_rate,
        most_requests=limits.requests,
        most_connections=limits.connections,
        handshake_timeout=10.0 if tls is None else tls.handshake_timeout,
        head_timeout=timeouts.head,
        body_grace=timeouts.body_grace,
        idle_timeout=timeouts.idle,
        slow_reader_timeout=timeouts.slow_reader,
        continue_timeout=timeouts.continue_,
        half_closed_timeout=timeouts.half_closed,
    )
