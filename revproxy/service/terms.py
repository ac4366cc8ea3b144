"""
From the settings of a listener to how it treats its connections.
"""

from __future__ import annotations

from collections.abc import Callable

from revproxy.config.configuration import Configuration
from revproxy.config.listeners import ListenerTLSSettings
from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.tls.options import ClientCertificates, ServerTLS
from revproxy.edge.tls.server import ServerConnections
from revproxy.exchange import Exchange
from revproxy.interfaces import IReceiver
from revproxy.service.context import Workshop
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.networks import Networks
from revproxy.wire.request_head import HeadLimits


class Terms:
    """
    How a listener treats its connections, by one configuration.

    @ivar endpoint: where it listens.
    @ivar tls: makes the TLS connections; C{None} for plain HTTP.
    @ivar http: what the connections share.
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
        self.name = name
        self.endpoint = listener.endpoint
        self._asked = listener.tls
        self.tls = None
        if listener.tls is not None:
            self.tls = ServerConnections(name, _tls_options(listener.tls), workshop.now())
        self.http = _http_settings(name, configuration, answer, finished, workshop)

    def continues(self, before: Terms) -> bool:
        """
        Whether connections that were made by other terms can go on by these: those
        that were let in without TLS, or without a certificate, cannot once it is
        asked for.
        """
        return before.name == self.name and before._asked == self._asked


def _tls_options(tls: ListenerTLSSettings) -> ServerTLS:
    asked = tls.client_certificates
    return ServerTLS(
        [(pair.certificate, pair.key) for pair in tls.certificates],
        tls.minimum_version,
        tls.ciphers,
        tls.sessions,
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
        _own_fields(configuration),
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
        splicer=workshop.splicer if tls is None else None,
        connections=workshop.connections,
    )


def _own_fields(configuration: Configuration) -> frozenset[bytes]:
    """
    A client must not be able to send by one listener what another vouches for.
    """
    asked = (
        listener.tls.client_certificates
        for listener in configuration.listeners.values()
        if listener.tls is not None
    )
    return frozenset(each.header for each in asked if each is not None and each.header is not None)
