"""
From the settings of an upstream to its servers.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
    UNIXClientEndpoint,
)
from twisted.internet.interfaces import IStreamClientEndpoint

from revproxy.config.server_url import ServerURL
from revproxy.config.upstreams import ServerSettings, UpstreamSettings
from revproxy.edge.tls.client import UpstreamTLS
from revproxy.edge.tls.options import ClientTLS
from revproxy.edge.upstream_client import Http1Client
from revproxy.edge.upstream_http1 import UpstreamHttp1Settings
from revproxy.flow.server import ConnectionLimits, Server
from revproxy.flow.upstream import Upstream, UpstreamTimeouts
from revproxy.interfaces import IBalancer
from revproxy.service.context import Workshop


class BuiltUpstream(NamedTuple):
    """
    @ivar tls: what has certificates to watch, where a server speaks TLS.
    """

    upstream: Upstream
    tls: UpstreamTLS | None


def build_upstream(name: str, settings: UpstreamSettings, workshop: Workshop) -> BuiltUpstream:
    """
    @raise CertificateError: a file of the upstream's TLS cannot be used.
    @raise ComponentError: its balancer cannot be made.
    """
    secure = any(server.url.secure for server in settings.servers)
    tls = UpstreamTLS(_tls_options(settings), workshop.now()) if secure else None
    connections = ConnectionLimits(**dict(settings.connections))
    timeouts = UpstreamTimeouts(**dict(settings.timeouts))
    client_settings = UpstreamHttp1Settings(
        workshop.reactor,
        workshop.turn,
        timeouts,
        settings.max_response_head,
        connections.requests,
        connections.idle_timeout,
        workshop.splicer,
    )
    servers = [_server(server, connections, client_settings, tls, workshop) for server in settings.servers]
    balancer = workshop.registry.build(IBalancer, settings.balancer, workshop.environment)
    return BuiltUpstream(Upstream(name, servers, balancer, settings.host, settings.upgrades, timeouts), tls)


def _server(
    settings: ServerSettings,
    limits: ConnectionLimits,
    client_settings: UpstreamHttp1Settings,
    tls: UpstreamTLS | None,
    workshop: Workshop,
) -> Server:
    url = settings.url
    creator = tls.connections(url.host) if tls is not None and url.secure else None
    client = Http1Client(_endpoint(url, client_settings.timeouts.connect, workshop), client_settings, creator)
    return Server(url.text, url.authority, settings.weight, limits, client)


def _endpoint(url: ServerURL, timeout: float, workshop: Workshop) -> IStreamClientEndpoint:
    reactor = workshop.reactor
    if url.socket is not None:
        return UNIXClientEndpoint(reactor, str(url.socket), timeout)
    try:
        version = ip_address(url.host).version
    except ValueError:
        return HostnameEndpoint(reactor, url.host, url.port, timeout)
    kind = TCP4ClientEndpoint if version == 4 else TCP6ClientEndpoint
    return kind(reactor, url.host, url.port, timeout)


def _tls_options(settings: UpstreamSettings) -> ClientTLS:
    tls = settings.tls
    own = tls.client_certificate
    return ClientTLS(tls.ca, None if own is None else (own.certificate, own.key), tls.server_name, tls.verify)
