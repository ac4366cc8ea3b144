"""
C{upstreams}: groups of servers that answer alike.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import override

from revproxy.config.components import Balancer, HealthCheck
from revproxy.config.listeners import CertificateSettings
from revproxy.config.retries import BreakerSettings, HedgeSettings, OutlierSettings, RetrySettings
from revproxy.config.server_url import ServerAddress
from revproxy.config.settings import Settings, option, required
from revproxy.config.units import Delay, Duration, Size
from revproxy.config.values import HostName, HostOption, ReadableFile, Upgrade


class ServerSettings(Settings):
    """
    One server.  Its URL alone is short for a mapping with C{url}.
    """

    url: ServerAddress = required(
        "http://HOST:PORT, https://HOST:PORT, http+unix:///PATH or https+unix:///PATH."
    )
    weight: int = option(1, "Its share of the requests beside the others'.", ge=1, le=10_000)
    backup: bool = option(False, "It is used only where no other server can be.")
    priority: int = option(
        0, "Servers of a higher number are used where none of a lower one can be.", ge=0, le=1000
    )
    max_connections: int | None = option(
        None, "How many requests it may have at once, in place of connections.most.", ge=1
    )
    slow_start: Delay | None = option(
        None, "How long it takes to come to its whole share, in place of the upstream's slow_start."
    )
    state: Literal["up", "drain", "down"] = option(
        "up", "drain: it gets nothing new; down: it is not checked either."
    )

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, data: Any) -> Any:
        return {"url": data} if isinstance(data, str) else data

    @override
    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """
        The schema knows the short form, too.
        """
        full = handler.resolve_ref_schema(handler(core_schema))
        return {"title": full["title"], "anyOf": [full["properties"]["url"], full]}


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
    Deadlines of a request to a server; each that passes is answered with 504.
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

    servers: list[ServerSettings] = required("At least one; a URL or a mapping.", min_length=1)
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
    def _refuse_repeated(cls, servers: list[ServerSettings]) -> list[ServerSettings]:
        urls = [server.url.text for server in servers]
        repeated = sorted({url for url in urls if urls.count(url) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)} is there twice; give it more weight instead")
        return servers
