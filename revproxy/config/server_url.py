"""
The URL of an upstream's server.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from revproxy.config.messages import described, unknown
from revproxy.config.values import parse_path
from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority

SCHEMES = {"http": 80, "https": 443, "http+unix": 0, "https+unix": 0}


@dataclass(frozen=True)
class ServerURL:
    """
    Where a server is and how it is spoken to.

    @ivar text: the URL as the file has it.
    @ivar secure: whether TLS is spoken.
    @ivar host: a DNS name or an IP address without brackets; C{localhost} behind a
        UNIX socket.
    @ivar port: 0 behind a UNIX socket.
    @ivar socket: the path of the UNIX socket, if it is one.
    """

    text: str
    secure: bool
    host: str
    port: int
    socket: Path | None = None

    @property
    def authority(self) -> bytes:
        """
        Host and port as the C{Host} field has them: without a default port.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port in (0, SCHEMES["https" if self.secure else "http"])
        return (host if default else f"{host}:{self.port}").encode()

    def __str__(self) -> str:
        return self.text


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
    return _tcp(value, scheme, rest)


def _unix(text: str, secure: bool, rest: str, info: ValidationInfo) -> ServerURL:
    """
    C{http+unix:///run/app.sock}, or C{http+unix:app.sock} relative to the file.
    """
    path = rest.removeprefix("//")
    if not path or (rest.startswith("//") and not path.startswith("/")):
        raise ValueError("write the path of a UNIX socket with three slashes: http+unix:///run/app.sock")
    return ServerURL(text, secure, "localhost", 0, parse_path(unquote(path), info))


def _tcp(text: str, scheme: str, rest: str) -> ServerURL:
    if not rest.startswith("//"):
        raise ValueError(f"must be a URL such as {scheme}://127.0.0.1:8001, not {described(text)}")
    authority = rest[2:].removesuffix("/")
    if "/" in authority or "?" in authority or "#" in authority:
        raise ValueError("a server's URL ends with its port: the request's path goes there as it is")
    try:
        host, port = split_authority(authority.encode())
    except BadRequest as error:
        raise ValueError(f"has no usable host: {error}") from error
    if port == 0:
        raise ValueError("0 is no port that can be connected to")
    return ServerURL(text, scheme == "https", host.decode().strip("[]"), port or SCHEMES[scheme])


ServerAddress = Annotated[
    ServerURL,
    PlainValidator(parse_server_url),
    WithJsonSchema({"type": "string", "pattern": r"^https?(\+unix)?:"}),
]
