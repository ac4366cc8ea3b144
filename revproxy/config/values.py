"""
Names, header fields, hosts, networks and paths as the file writes them.

What goes on the wire becomes bytes here, and lower case where case does not matter,
so that nothing is converted on the way of a request.
"""

from __future__ import annotations

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from revproxy.config.context import directory_of
from revproxy.config.messages import described
from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority
from revproxy.wire.fields import TOKEN, UNSAFE_IN_VALUE
from revproxy.wire.target import canonical_path

NAME = r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$"
TOKEN_PATTERN = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"


HOST = b"host"

FRAMING = frozenset(
    (b"connection", b"content-length", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
"""
Fields that belong to a connection or delimit the body; the proxy writes them itself.
"""


def _text(value: object) -> str:
    """
    @raise ValueError: it is no text.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {described(value)}; write it in quotes")
    return value


def parse_name(value: object) -> str:
    """
    @raise ValueError: it cannot be the name of an upstream, a listener or a filter.
    """
    if not re.fullmatch(NAME, _text(value), re.ASCII):
        raise ValueError("a name is of lower-case letters, digits, - and _, at most 64 of them")
    return str(value)


def parse_field_name(value: object) -> bytes:
    """
    @return: the name in lower case.
    @raise ValueError: it is no field name, RFC 9110 section 5.1.
    """
    return parse_token(value).lower()


def refuse_framing(name: bytes) -> None:
    """
    @raise ValueError: the field is not for anyone else to set or remove.
    """
    if name in FRAMING:
        raise ValueError(f"{name.decode()} is written by the proxy itself and cannot be set or removed")


def parse_token(value: object) -> bytes:
    """
    @raise ValueError: it is no token, RFC 9110 section 5.6.2.
    """
    token = _text(value).encode("utf-8", "replace")
    if TOKEN(token) is None:
        raise ValueError(f"{described(value)} is no token: letters, digits and !#$%&'*+-.^_`|~")
    return token


def parse_upgrade(value: object) -> bytes:
    """
    @return: the token in lower case.
    @raise ValueError: it is no protocol that may become a tunnel.
    """
    token = parse_token(value).lower()
    if token == b"h2c":
        raise ValueError("h2c is never let through: it would hide whole requests in a tunnel")
    return token


def parse_field_value(value: object) -> bytes:
    """
    @raise ValueError: it is no field value, RFC 9110 section 5.5.
    """
    field_value = _text(value).encode("utf-8", "replace")
    if UNSAFE_IN_VALUE(field_value):
        raise ValueError("a field's value must not have line breaks or other control characters")
    if field_value != field_value.strip(b" \t"):
        raise ValueError("a field's value must not begin or end with a space")
    return field_value


def parse_parameter(value: object) -> bytes:
    """
    @return: the name or the value of a query parameter, as it is after decoding.
    """
    return _text(value).encode("utf-8", "replace")


def parse_method(value: object) -> bytes:
    """
    @raise ValueError: it is no method that the proxy carries.
    """
    method = parse_token(value)
    if method == b"CONNECT":
        raise ValueError("CONNECT is refused whatever the routes say")
    if method != method.upper():
        raise ValueError(f"methods are case-sensitive: write {method.upper().decode()}")
    return method


def parse_host(value: object) -> bytes:
    """
    @return: a DNS name, an IPv4 address or an IPv6 address in brackets, in lower case.
    @raise ValueError: it is none of them.
    """
    host, port = _authority(value)
    if port is not None:
        raise ValueError("there is no port here")
    return host


def _authority(value: object) -> tuple[bytes, int | None]:
    """
    @return: host and port.
    @raise ValueError: it is no host with or without a port.
    """
    text = _text(value)
    if not text.isascii():
        raise ValueError("write the host name in its ASCII form, which begins with xn--")
    try:
        return split_authority(text.encode())
    except BadRequest as error:
        raise ValueError(f"{described(value)} is no host name: {error}") from error


def parse_host_pattern(value: object) -> bytes:
    """
    @return: a host, or C{*.} and a host name, in lower case.
    """
    name = _text(value)
    if name.startswith("*."):
        return b"*." + parse_host(name[2:])
    if "*" in name:
        raise ValueError("a wildcard stands for the first label alone, as in *.example.com")
    return parse_host(name)


def parse_host_option(value: object) -> bytes:
    """
    @return: a host with or without a port.
    """
    host, port = _authority(value)
    return host if port is None else b"%s:%d" % (host, port)


def parse_path_prefix(value: object) -> bytes:
    """
    @raise ValueError: it is not the canonical form of a path, so no request could
        match it.
    """
    path = _text(value).encode("utf-8", "replace")
    try:
        canonical = canonical_path(path.partition(b"?")[0])
    except BadRequest as error:
        raise ValueError(f"{described(value)} is no path: {error}") from error
    if canonical != path:
        raise ValueError(f"paths are matched in their canonical form: write {canonical.decode()}")
    return path


def parse_network(value: object) -> IPv4Network | IPv6Network:
    """
    @raise ValueError: it is no address and no network in CIDR notation.
    """
    try:
        return ip_network(_text(value))
    except ValueError as error:
        raise ValueError(f"must be a network such as 10.0.0.0/8 or ::1: {error}") from error


def parse_path(value: object, info: ValidationInfo) -> Path:
    """
    @return: the absolute path; relative ones start where the file is.
    """
    if not _text(value) or "\0" in str(value):
        raise ValueError("must be the path of a file")
    return Path(os.path.abspath(directory_of(info) / str(value)))


def parse_readable_file(value: object, info: ValidationInfo) -> Path:
    """
    @raise ValueError: there is no such file, or it cannot be read.
    """
    path = parse_path(value, info)
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from error
    return path


def parse_log_path(value: object, info: ValidationInfo) -> Path | Literal["-"]:
    """
    @return: the path of a file, or C{"-"} for standard output.
    @raise ValueError: the file's directory is not there.
    """
    if value == "-":
        return "-"
    path = parse_path(value, info)
    if not path.parent.is_dir():
        raise ValueError(f"there is no directory {path.parent}")
    return path


def _written(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **schema})


Network: TypeAlias = IPv4Network | IPv6Network

Name = Annotated[str, PlainValidator(parse_name), _written(pattern=NAME)]
FieldName = Annotated[bytes, PlainValidator(parse_field_name), _written(pattern=TOKEN_PATTERN)]
FieldValue = Annotated[
    bytes, PlainValidator(parse_field_value), _written(pattern="^[^\\x00-\\x08\\x0a-\\x1f\\x7f]*$")
]
Upgrade = Annotated[bytes, PlainValidator(parse_upgrade), _written(pattern=TOKEN_PATTERN)]
Token = Annotated[bytes, PlainValidator(parse_token), _written(pattern=TOKEN_PATTERN)]
Parameter = Annotated[bytes, PlainValidator(parse_parameter), _written()]
Method = Annotated[bytes, PlainValidator(parse_method), _written(pattern="^[!#$%&'*+.^_`|~0-9A-Z-]+$")]
HostPattern = Annotated[bytes, PlainValidator(parse_host_pattern), _written()]
HostOption = Annotated[bytes, PlainValidator(parse_host_option), _written()]
PathPrefix = Annotated[bytes, PlainValidator(parse_path_prefix), _written(pattern="^/")]
HostName = Annotated[str, PlainValidator(lambda value: parse_host(value).decode()), _written()]
NetworkOption = Annotated[Network, PlainValidator(parse_network), _written()]
ReadableFile = Annotated[Path, PlainValidator(parse_readable_file), _written()]
AnyPath = Annotated[Path, PlainValidator(parse_path), _written()]
LogPath = Annotated[Path | Literal["-"], PlainValidator(parse_log_path), _written()]
