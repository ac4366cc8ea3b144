"""
C{type: http}: a server is well that answers a request as it should.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Final, Literal, Self

from pydantic import PlainValidator, WithJsonSchema, field_validator, model_validator
from twisted.internet.defer import Deferred
from zope.interface import implementer

from revproxy.components.health.conversation import Conversation
from revproxy.components.health.http_answer import HttpAnswer
from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.messages import described
from revproxy.config.patterns import Pattern, PatternOption
from revproxy.config.statuses import Statuses
from revproxy.config.values import HOST, FieldName, FieldValue, HostOption, refuse_framing
from revproxy.errors import BadRequest
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.registry import Environment, component, option
from revproxy.wire.serialize import head_bytes, request_line
from revproxy.wire.target import parse_target

MOST_SENT: Final = 8192
"""
Octets of path and fields together.  So much goes out at once, whatever the server does.
"""

_USUAL: Final = {b"user-agent": b"revproxy-health-check", b"accept": b"*/*"}
_ANY_PATH: Final = b"*"


def parse_request_target(value: object) -> bytes:
    """
    @return: a path with or without a query, or C{*}.
    @raise ValueError: it is neither.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {described(value)}; write it in quotes")
    target = value.encode("utf-8", "replace")
    try:
        parsed = parse_target(b"OPTIONS", target)
    except BadRequest as error:
        raise ValueError(f"{described(value)} is no path: {error}") from error
    if parsed.scheme is not None:
        raise ValueError("must be the path alone, such as /healthz")
    return target


class HttpCheckSettings(HealthCheckSettings):
    """
    A server is well that answers a request as it should.
    """

    method: Literal["GET", "HEAD", "OPTIONS"] = option("GET", "The method of the request.")
    path: Annotated[bytes, PlainValidator(parse_request_target), WithJsonSchema({"type": "string"})] = option(
        "/", "The path, with a query or without; * is for OPTIONS alone."
    )
    port: int | None = option(None, "The port, in place of the server's own.", ge=1, le=65535)
    host: HostOption | None = option(
        None, "The Host field; null for the upstream's host where that is a name, or else the server's."
    )
    headers: dict[FieldName, FieldValue] = option({}, "Further fields of the request.")
    statuses: list[Statuses] = option(
        ["200-399"], "The statuses of a server that is well, such as 204 or 200-299.", min_length=1
    )
    pattern: PatternOption | None = option(
        None,
        "A regular expression of Python that has to match somewhere in the first 64 KiB of the body."
        " All else waits while it is searched for: avoid repetitions within repetitions.",
    )

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, fields: dict[bytes, bytes]) -> dict[bytes, bytes]:
        for name in fields:
            refuse_framing(name)
        if HOST in fields:
            raise ValueError("the Host field is set by 'host'")
        return fields

    @model_validator(mode="after")
    def _check_request(self) -> Self:
        if len(self.path) + sum(map(len, chain.from_iterable(self.headers.items()))) > MOST_SENT:
            raise ValueError(f"path and headers must not have more than {MOST_SENT} bytes together")
        if self.path == _ANY_PATH and self.method != "OPTIONS":
            raise ValueError(f"{self.method} needs a path: * is for OPTIONS alone")
        if self.pattern is not None and self.method == "HEAD":
            raise ValueError("an answer to HEAD has no body in which the pattern could be")
        return self


@implementer(IHealthChecker)
class HttpCheck:
    """
    Makes one request on a connection of its own.
    """

    def __init__(
        self,
        method: bytes = b"GET",
        path: bytes = b"/",
        port: int | None = None,
        host: bytes | None = None,
        headers: Mapping[bytes, bytes] | None = None,
        statuses: frozenset[int] = frozenset(range(200, 400)),
        pattern: Pattern | None = None,
    ) -> None:
        """
        @param port: in place of the server's own.
        @param host: what the C{Host} field says in place of the server's authority.
        @param headers: names in lower case.
        """
        self._method = method
        self._path = path
        self._port = port
        self._host = host
        self._headers = {**_USUAL, **(headers or {}), b"connection": b"close"}
        self._statuses = statuses
        self._pattern = pattern

    def check(self, target: IProbeTarget) -> Deferred[str]:
        """
        Implement L{IHealthChecker.check}.
        """
        fields = [(HOST, self._host or target.authority), *self._headers.items()]
        request = head_bytes(request_line(self._method, self._path), fields)
        answer = HttpAnswer(self._method, self._statuses, self._pattern)
        return Conversation(request, answer).begin(target, self._port)


@component(HttpCheckSettings)
def http_check(settings: HttpCheckSettings, environment: Environment) -> HttpCheck:
    """
    Make the check of one upstream.
    """
    return HttpCheck(
        settings.method.encode(),
        settings.path,
        settings.port,
        settings.host,
        settings.headers,
        frozenset(chain.from_iterable(settings.statuses)),
        settings.pattern,
    )
