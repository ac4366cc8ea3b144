"""
C{upstreams}: groups of servers that answer alike.
"""

from __future__ import annotations

from typing import Self

from pydantic import ValidationInfo, field_validator, model_validator

from revproxy.config.components import Balancer, HealthCheck, sees_responses
from revproxy.config.listeners import CertificateSettings
from revproxy.config.resolving import ResolveSettings
from revproxy.config.retries import BreakerSettings, HedgeSettings, OutlierSettings, RetrySettings
from revproxy.config.servers import ServerEntry, ServerSettings, refuse_repeated
from revproxy.config.settings import Settings, option, required
from revproxy.config.units import Delay, Duration, Size
from revproxy.config.values import HostName, HostOption, NetworkOption, ReadableFile, Upgrade


class UpstreamTLSSettings(Settings):
    """
    TLS to the servers whose scheme is https.
    """

    ca: ReadableFile | None = option(None, "PEM file: the authorities to trust in place of the system's.")
    client_certificate: CertificateSettings | None = option(
        None, "The certificate that is shown to the servers, where they ask for one."
    )
    server_name: HostName | None = option(
        None, "The name that is asked for and verified, in place of the one in the server's URL."
    )
    verify: bool = option(True, "false trusts whoever answers: anyone on the way can read and change all.")


class ConnectionSettings(Settings):
    """
    Connections to each server.
    """

    most: int = option(
        512,
        "How many there may be at once; beyond that other servers are asked, and where all have as many"
        " requests wait.",
        ge=1,
    )
    queue: int = option(1024, "How many requests may wait; further ones are answered 503.", ge=0)
    queue_timeout: Duration = option("5s", "How long one may wait; then it is answered 503.")
    idle: int = option(64, "How many are kept open for later requests.", ge=0)
    idle_timeout: Duration = option(
        "30s", "How long an unused one is kept: less than the server keeps it, or requests meet a closed one."
    )
    requests: int = option(10_000, "After how many requests one is closed.", ge=1)


class UpstreamTimeoutSettings(Settings):
    """
    Deadlines of a request to a server; where one passes, and no other server is tried, it is answered
    with 504.
    """

    connect: Duration = option("5s", "Until the connection stands, TLS included.")
    first_byte: Duration = option("60s", "From the request's end until the response begins.")
    idle: Duration = option(
        "5m", "How long a response that has begun may bring nothing, or a request be taken no further."
    )
    response: Duration = option("24h", "For all of it, from the request's beginning until the response ends.")
    tunnel_idle: Duration = option("1h", "How long a tunnel, such as a WebSocket, may be silent.")


class UpstreamSettings(Settings):
    """
    A group of servers.
    """

    servers: list[ServerEntry] = required("At least one; a URL or a mapping.", min_length=1)
    resolve: ResolveSettings = option({}, "How the names of servers are looked up.")
    forbid: list[NetworkOption] = option(
        ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254"],
        "Networks in which no server may be, wherever its address comes from.",
    )
    balancer: Balancer = option("round-robin", "How the server for a request is chosen.")
    slow_start: Delay = option(
        0, "How long a server that has come or come back takes to get its whole share; 0 for no time."
    )
    health_check: HealthCheck | None = option(None, "How servers are looked after; null for not at all.")
    outliers: OutlierSettings | None = option(
        None, "When a server is left alone by how it answered; null for never."
    )
    circuit_breaker: BreakerSettings | None = option(
        None, "When the whole upstream is left alone; null for never."
    )
    retry: RetrySettings = option({}, "When a request goes to another server.")
    hedge: HedgeSettings | None = option(None, "When a second server is asked, too; null for never.")
    host: HostOption = option(
        "pass",
        "The Host field that the servers get: the client's (pass), the one in the server's URL (upstream),"
        " or this name.",
    )
    tls: UpstreamTLSSettings = option({}, "TLS to the servers whose scheme is https.")
    connections: ConnectionSettings = option({}, "Connections to each server.")
    timeouts: UpstreamTimeoutSettings = option({}, "Deadlines of a request to a server.")
    max_response_head: Size = option("64KiB", "The largest head of a response; a larger one is answered 502.")
    upgrades: list[Upgrade] = option(
        ["websocket"], "Protocols, by their token in the Upgrade field, that may become tunnels."
    )

    @field_validator("servers")
    @classmethod
    def _refuse_repeated(cls, servers: list[ServerEntry]) -> list[ServerEntry]:
        refuse_repeated(servers)
        return servers

    @property
    def _starts_slowly(self) -> bool:
        own = [each.slow_start for each in self.servers if isinstance(each, ServerSettings)]
        return bool(self.slow_start) or any(own)

    @model_validator(mode="after")
    def _fit(self, info: ValidationInfo) -> Self:
        if self.hedge is not None and sees_responses(self.balancer, info):
            raise ValueError(
                f"hedge would take clients away from the servers that balancer '{self.balancer.type}' keeps"
                " them at"
            )
        if self.balancer.type == "first" and self._starts_slowly:
            raise ValueError(
                "slow_start gives a server less weight at first, and balancer 'first' heeds none"
            )
        timeouts = self.timeouts
        if self.retry.per_try_timeout >= timeouts.connect + timeouts.first_byte:
            raise ValueError(
                "timeouts.connect and first_byte end a request before retry.per_try_timeout does"
            )
        return self
