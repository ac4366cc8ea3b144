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
from revproxy.config.places import listening_place

BUILT_IN_PREFIXES = ("tcp", "unix")
"""
Those that Twisted knows without a plug-in, but for C{ssl}.
"""

_SSL = re.compile(r"(?:haproxy:)*ssl:").match
"""
TLS of which the listener knew nothing: it would take its clients' connections for
plain ones.
"""

_SAID = (
    (re.compile(r"unexpected keyword argument '(.*?)'").search, "unknown option '{}'"),
    (re.compile(r"invalid literal for int\(\) with base \d+: (.*)").search, "{} is no number"),
    (re.compile(r"takes .* positional arguments? but").search, "too many values without a name"),
    (re.compile(r"missing \d+ required positional arguments?: (.*)").search, "{} is missing"),
    (re.compile(r"got multiple values for argument '(.*?)'").search, "'{}' is given twice"),
)
"""
What Python says of arguments that do not fit a parser, and the same for an operator.
"""


def endpoint_prefixes() -> list[str]:
    """
    @return: the words that an endpoint string can begin with.
    """
    plugins = getPlugins(IStreamServerEndpointStringParser)
    return sorted({*BUILT_IN_PREFIXES, *(plugin.prefix for plugin in plugins)})


def parse_endpoint(value: object) -> str:
    """
    @raise ValueError: Twisted could not listen on it, or not as the listener expects.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be an endpoint such as tcp:8080, not {described(value)}")
    prefix, colon, _ = value.partition(":")
    if not colon:
        raise ValueError(f"must be an endpoint such as tcp:8080 or unix:/run/web.sock, not {value!r}")
    if _SSL(value):
        raise ValueError(
            "TLS is no part of the endpoint: instead of ssl:..., write tcp:... with tls: beside it"
        )
    if prefix not in endpoint_prefixes():
        raise ValueError(unknown("kind of endpoint", prefix, endpoint_prefixes()))
    _check_syntax(value)
    _check_port(value)
    return value


def _check_syntax(endpoint: str) -> None:
    """
    @raise ValueError: the endpoint's own parser refuses the string.
    """
    try:
        serverFromString(MemoryReactor(), endpoint)
    except LookupError:
        return  # systemd's socket is looked up when the string is parsed
    except Exception as error:
        raise ValueError(f"is no endpoint that can be listened on: {_in_words(error)}") from error


def _in_words(error: Exception) -> str:
    """
    @return: what a parser says, without the language it is written in.
    """
    for found, words in _SAID:
        if match := found(str(error)):
            return words.format(*match.groups())
    return str(error)


def _check_port(endpoint: str) -> None:
    port = listening_place(endpoint).port
    if port is not None and not 0 <= port <= 65535:
        raise ValueError(f"{port} is no port from 0 to 65535")


Endpoint = Annotated[str, PlainValidator(parse_endpoint), WithJsonSchema({"type": "string", "pattern": ":"})]
