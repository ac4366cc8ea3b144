"""
From the settings of a server to the server.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import cast

from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
    UNIXClientEndpoint,
)
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IStreamClientEndpoint

from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.server_url import ServerURL
from revproxy.config.upstreams import ServerSettings, UpstreamSettings
from revproxy.edge.probe_target import ProbeTarget
from revproxy.edge.tls.client import UpstreamTLS
from revproxy.edge.tls.factory import TLSClientEndpoint
from revproxy.edge.upstream_client import Http1Client
from revproxy.edge.upstream_http1 import UpstreamHttp1Settings
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.slow_start import SCALE
from revproxy.flow.pool.terms import UpstreamTimeouts
from revproxy.service.context import Workshop


class ServerMaker:
    """
    Makes the servers of one upstream.

    @ivar weight_scale: what the weights of all of them are multiplied with.
    """

    def __init__(self, settings: UpstreamSettings, tls: UpstreamTLS | None, workshop: Workshop) -> None:
        """
        @param tls: where a server may speak TLS.
        """
        connections = settings.connections
        self._settings = settings
        self._tls = tls
        self._workshop = workshop
        self._limits = ConnectionLimits(
            connections.most, connections.idle, connections.idle_timeout, connections.requests
        )
        self._outgoing = UpstreamHttp1Settings(
            workshop.reactor,
            workshop.turn,
            UpstreamTimeouts(**dict(settings.timeouts)),
            settings.max_response_head,
            connections.requests,
            connections.idle_timeout,
            workshop.splicer,
        )
        starts_slowly = settings.slow_start or any(server.slow_start for server in settings.servers)
        self.weight_scale = SCALE if starts_slowly else 1

    def server(self, settings: ServerSettings, address: str | None = None, port: int | None = None) -> Server:
        """
        Make a server.

        @param address: the IP address to connect to, where the URL has a name that was
            looked up; the URL still says what it is called and verified by.
        @param port: the port, where it was looked up, too.
        """
        url, limits = settings.url, self._limits
        host, port = address or url.host, port or url.port
        if settings.max_connections is not None:
            limits = limits._replace(most=settings.max_connections)
        slow_start = self._settings.slow_start if settings.slow_start is None else settings.slow_start
        name = url.text if address is None else f"{url.text} at {address_with_port(address, port)}"
        check = self._settings.health_check
        return Server(
            name,
            url.authority,
            settings.weight * self.weight_scale,
            limits,
            Http1Client(self._endpoint(url, host, port), self._outgoing, self._creator(url)),
            (settings.backup, settings.priority),
            slow_start,
            settings.state,
            check is None or cast(HealthCheckSettings, check.settings).initial == "up",
            ProbeTarget(name, url.authority, host, port, lambda at: self._probe_endpoint(url, host, at)),
        )

    def _creator(self, url: ServerURL) -> IOpenSSLClientConnectionCreator | None:
        return self._tls.connections(url.host) if self._tls is not None and url.secure else None

    def _endpoint(self, url: ServerURL, host: str, port: int) -> IStreamClientEndpoint:
        reactor, timeout = self._workshop.reactor, self._settings.timeouts.connect
        if url.socket is not None:
            return UNIXClientEndpoint(reactor, str(url.socket), timeout)
        try:
            version = ip_address(host).version
        except ValueError:
            return HostnameEndpoint(reactor, host, port, timeout)
        kind = TCP4ClientEndpoint if version == 4 else TCP6ClientEndpoint
        return kind(reactor, host, port, timeout)

    def _probe_endpoint(self, url: ServerURL, host: str, port: int) -> IStreamClientEndpoint:
        endpoint, creator = self._endpoint(url, host, port), self._creator(url)
        if creator is None:
            return endpoint
        workshop = self._workshop
        return TLSClientEndpoint(endpoint, creator, workshop.reactor, workshop.turn)


def address_with_port(address: str, port: int) -> str:
    """
    @return: as a URL has it.
    """
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
