"""
From the settings of a server to the server.
"""

from __future__ import annotations

from typing import cast

from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, UNIXClientEndpoint
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IStreamClientEndpoint

from revproxy.config.forbidden import LOOPBACK, address_refusal
from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.server_url import ServerURL
from revproxy.config.servers import ServerFileSettings, ServerSettings
from revproxy.config.upstreams import UpstreamSettings
from revproxy.edge.loopback import LoopbackEndpoint
from revproxy.edge.probe_target import ProbeTarget
from revproxy.edge.tls.client import UpstreamTLS
from revproxy.edge.tls.factory import TLSClientEndpoint
from revproxy.edge.upstream_client import Http1Client
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.errors import RevproxyError
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.slow_start import SCALE
from revproxy.flow.pool.terms import PASS, UPSTREAM, UpstreamTimeouts
from revproxy.service.context import Workshop
from revproxy.wire.forbidden import ForbiddenNetworks


class AddressForbidden(RevproxyError):
    """
    A server has an address at which no server of the upstream may be.
    """


class ServerMaker:
    """
    Makes the servers of one upstream.  Whoever wants to have one comes here, so none is
    made at a forbidden address; and as each connects to the address that it was made
    with, none is looked up behind our back.

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
        self._forbidden = ForbiddenNetworks(settings.forbid)
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
        starts_slowly = settings.slow_start or any(
            isinstance(entry, ServerFileSettings) or entry.slow_start for entry in settings.servers
        )
        self.weight_scale = SCALE if starts_slowly else 1

    def server(self, settings: ServerSettings, address: str | None = None, port: int | None = None) -> Server:
        """
        Make a server.

        @param address: the IP address to connect to, where the URL has a name that was
            looked up; the URL still says what it is called and verified by.
        @param port: the port, where it was looked up, too.
        @raise AddressForbidden: no server may be there.
        @raise ValueError: the URL has a name that would have to be looked up.
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
            self._target(name, url, host, port),
        )

    def _target(self, name: str, url: ServerURL, host: str, port: int) -> ProbeTarget:
        told = self._settings.host
        return ProbeTarget(
            name,
            url.authority if told in (PASS, UPSTREAM) else told,
            host if url.socket is None else str(url.socket),
            port,
            lambda at: self._probe_endpoint(url, host, at),
        )

    def _creator(self, url: ServerURL) -> IOpenSSLClientConnectionCreator | None:
        return self._tls.connections(url.host) if self._tls is not None and url.secure else None

    def refusal(self, address: str) -> str | None:
        """
        @return: why no server may be at an address; C{None} where one may.
        """
        return address_refusal(address, self._forbidden)

    def _endpoint(self, url: ServerURL, host: str, port: int) -> IStreamClientEndpoint:
        if url.socket is not None:
            return UNIXClientEndpoint(
                self._workshop.reactor, str(url.socket), self._settings.timeouts.connect
            )
        if not url.local:
            return self._tcp(host, port)
        allowed = [address for address in LOOPBACK if self.refusal(address) is None]
        return LoopbackEndpoint([self._tcp(address, port) for address in allowed or LOOPBACK])

    def _tcp(self, address: str, port: int) -> IStreamClientEndpoint:
        """
        @raise AddressForbidden: no server may be there.
        """
        refusal = self.refusal(address)
        if refusal is not None:
            raise AddressForbidden(refusal)
        kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        return kind(self._workshop.reactor, address, port, self._settings.timeouts.connect)

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
