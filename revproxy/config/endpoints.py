"""
Endpoint strings of listeners: whether Twisted can parse them.

Nothing is bound here.  What an endpoint needs only when it listens, such as a socket
that systemd hands over, is not asked for.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IStreamServerEndpointStringParser
from twisted.internet.testing import MemoryReactor
from twisted.plugin import getPlugins

from revproxy.config.messages import described, unknown

BUILT_IN_PREFIXES = ("ssl", "tcp", "unix")
"""
Those that Twisted knows without a plug-in.
"""

_TCP = re.compile(r"(?:haproxy:)?tcp6?:(?:port=)?([0-9]+)(?![^:])", re.ASCII).match


def endpoint_prefixes() -> list[str]:
    """
    @return: the words that an endpoint string can begin with.
    """
    plugins = getPlugins(IStreamServerEndpointStringParser)
    return sorted({*BUILT_IN_PREFIXES, *(plugin.prefix for plugin in plugins)})


def parse_endpoint(value: object) -> str:
    """
    @raise ValueError: Twisted could not listen on it.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be an endpoint such as tcp:8080, not {described(value)}")
    prefix, colon, _ = value.partition(":")
    if not colon:
        raise ValueError(f"must be an endpoint such as tcp:8080 or unix:/run/web.sock, not {value!r}")
    if prefix not in endpoint_prefixes():
        raise ValueError(unknown("kind of endpoint", prefix, endpoint_prefixes()))
    _check_port(value)
    _check_syntax(value)
    return value


def listening_place(endpoint: str) -> str | None:
    """
    @return: the same text for endpoints that cannot both be listened on, or C{None}
        where any number may: port 0 is another one each time.
    """
    found = _TCP(endpoint)
    if found is None:
        return endpoint
    return None if int(found[1]) == 0 else endpoint.replace("port=", "", 1).removeprefix("haproxy:")


def _check_port(endpoint: str) -> None:
    found = _TCP(endpoint)
    if found is not None and int(found[1]) > 65535:
        raise ValueError(f"{found[1]} is no port from 0 to 65535")


def _check_syntax(endpoint: str) -> None:
    """
    @raise ValueError: the endpoint's own parser refuses the string.
    """
    try:
        serverFromString(MemoryReactor(), endpoint)
    except LookupError:
        return  # systemd's socket is looked up when the string is parsed
    except Exception as error:
        raise ValueError(f"is no endpoint that can be listened on: {error}") from error


Endpoint = Annotated[str, PlainValidator(parse_endpoint), WithJsonSchema({"type": "string", "pattern": ":"})]
