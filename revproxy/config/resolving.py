"""
C{resolve} of an upstream: how the names of its servers are looked up.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import PlainValidator, WithJsonSchema, model_validator

from revproxy.config.messages import described
from revproxy.config.settings import Settings, option
from revproxy.config.units import Duration
from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority

DNS_PORT = 53


class NameServer(NamedTuple):
    """
    Where DNS is asked.

    @ivar address: an IP address.
    """

    address: str
    port: int = DNS_PORT


def parse_name_server(value: object) -> NameServer:
    """
    @param value: an IP address with or without a port: C{192.0.2.1}, C{2001:db8::1},
        C{127.0.0.1:5353}, C{[::1]:5353}.
    @raise ValueError: it is not.
    """
    refused = ValueError(
        f"must be an IP address with or without a port, such as 127.0.0.1:53, not {described(value)}"
    )
    if not isinstance(value, str):
        raise refused
    written = f"[{value}]" if value.count(":") > 1 and not value.startswith("[") else value
    try:
        host, port = split_authority(written.encode("utf-8", "replace"))
        address = str(ip_address(host.decode().strip("[]")))
    except (BadRequest, ValueError):
        raise refused from None
    if port == 0:
        raise ValueError("0 is no port that can be asked")
    return NameServer(address, port or DNS_PORT)


NameServerOption = Annotated[
    NameServer, PlainValidator(parse_name_server), WithJsonSchema({"type": "string"})
]


class ResolveSettings(Settings):
    """
    How the names of servers are looked up, and how often.
    """

    by: Literal["system", "dns"] = option(
        "system",
        "system: as the system does, which tells not how long an answer holds; dns: by DNS, whose answers"
        " do. SRV records are always asked for by DNS.",
    )
    nameservers: list[NameServerOption] | None = option(
        None,
        "With dns, who is asked: IP addresses with or without a port; null for those of /etc/resolv.conf.",
        min_length=1,
    )
    family: Literal["any", "ipv4", "ipv6"] = option("any", "Which addresses of a name are used.")
    every: Duration = option("30s", "How long an answer holds that does not tell: the system's, /etc/hosts.")
    least_ttl: Duration = option("5s", "An answer holds at least so long, whatever it tells.")
    most_ttl: Duration = option("5m", "An answer holds at most so long, whatever it tells.")
    timeout: Duration = option("5s", "How long a look-up may take.")

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.nameservers is not None and self.by != "dns":
            raise ValueError("nameservers are asked with 'by: dns' only")
        if self.least_ttl > self.most_ttl:
            raise ValueError("least_ttl is longer than most_ttl")
        return self
