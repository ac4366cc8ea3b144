"""
The URL of an upstream's server, or of a service whose servers are looked up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from revproxy.config.messages import described, unknown
from revproxy.config.values import parse_path
from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority

SCHEMES = {"http": 80, "https": 443, "http+unix": 0, "https+unix": 0, "srv+http": 0, "srv+https": 0}

EXAMPLES = dict.fromkeys(SCHEMES, "127.0.0.1:8001") | dict.fromkeys(
    ("srv+http", "srv+https"), "_app._tcp.example.com"
)


@dataclass(frozen=True)
class ServerURL:
    """
    Where a server is and how it is spoken to.

    @ivar text: the URL as the file has it.
    @ivar secure: whether TLS is spoken.
    @ivar host: a DNS name or an IP address without brackets; C{localhost} behind a
        UNIX socket; the name of the service where there is one.
    @ivar port: 0 behind a UNIX socket, and for a service.
    @ivar socket: the path of the UNIX socket, if it is one.
    @ivar service: whether the host is the name of a service: its SRV records say where
        the servers are.
    """

    text: str
    secure: bool
    host: str
    port: int
    socket: Path | None = None
    service: bool = False

    @property
    def authority(self) -> bytes:
        """
        Host and port as the C{Host} field has them: without a default port.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port in (0, SCHEMES["https" if self.secure else "http"])
        return (host if default else f"{host}:{self.port}").encode()

    @property
    def local(self) -> bool:
        """
        Whether it names this machine, RFC 6761 section 6.3: that is never looked up.
        """
        return self.socket is None and (self.host == "localhost" or self.host.endswith(".localhost"))

    @property
    def looked_up(self) -> bool:
        """
        Whether it has to be found out where the servers are.
        """
        return self.service or not (self.socket is not None or self.local or is_address(self.host))

    def of_target(self, host: str, port: int) -> ServerURL:
        """
        @return: for one server of the service.
        """
        return replace(self, host=host, port=port, service=False)

    def __str__(self) -> str:
        return self.text


def is_address(host: str) -> bool:
    """
    Whether a host is an IP address and no name.
    """
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def parse_server_url(value: object, info: ValidationInfo) -> ServerURL:
    """
    @raise ValueError: it is no URL of a server.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be a URL such as http://127.0.0.1:8001, not {described(value)}")
    scheme, _, rest = value.partition(":")
    scheme = scheme.lower()
    if scheme not in SCHEMES:
        if not rest.startswith("//"):
            raise ValueError(f"must be a URL such as http://127.0.0.1:8001, not {described(value)}")
        raise ValueError(unknown("scheme", scheme, SCHEMES))
    if scheme.endswith("+unix"):
        return _unix(value, scheme == "https+unix", rest, info)
    host, port = _authority(value, scheme, rest)
    if scheme.startswith("srv+"):
        return _service(value, scheme == "srv+https", host, port)
    return ServerURL(value, scheme == "https", host, port or SCHEMES[scheme])


def _unix(text: str, secure: bool, rest: str, info: ValidationInfo) -> ServerURL:
    """
    C{http+unix:///run/app.sock}, or C{http+unix:app.sock} relative to the file.
    """
    path = rest.removeprefix("//")
    if not path or (rest.startswith("//") and not path.startswith("/")):
        raise ValueError("write the path of a UNIX socket with three slashes: http+unix:///run/app.sock")
    return ServerURL(text, secure, "localhost", 0, parse_path(unquote(path), info))


def _authority(text: str, scheme: str, rest: str) -> tuple[str, int | None]:
    if not rest.startswith("//"):
        raise ValueError(f"must be a URL such as {scheme}://{EXAMPLES[scheme]}, not {described(text)}")
    authority = rest[2:].removesuffix("/")
    if "/" in authority or "?" in authority or "#" in authority:
        raise ValueError("a server's URL ends with its port: the request's path goes there as it is")
    try:
        host, port = split_authority(authority.encode())
    except BadRequest as error:
        raise ValueError(f"has no usable host: {error}") from error
    if port == 0:
        raise ValueError("0 is no port that can be connected to")
    return host.decode().strip("[]"), port


def _service(text: str, secure: bool, name: str, port: int | None) -> ServerURL:
    """
    C{srv+http://_app._tcp.example.com}, RFC 2782.
    """
    if is_address(name):
        raise ValueError("SRV records are of a name such as _app._tcp.example.com, not of an address")
    if port is not None:
        raise ValueError("the SRV records say at which port a server is: leave it out here")
    return ServerURL(text, secure, name, 0, service=True)


ServerAddress = Annotated[
    ServerURL,
    PlainValidator(parse_server_url),
    WithJsonSchema({"type": "string", "pattern": r"^((srv\+)?https?|https?\+unix):"}),
]
