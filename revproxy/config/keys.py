"""
What requests are told apart by: C{client-ip}, C{path}, C{uri}, C{header:NAME},
C{cookie:NAME} or C{query:NAME}.
"""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple, TypeAlias

from pydantic import PlainValidator, WithJsonSchema

from revproxy.config.messages import described
from revproxy.config.values import parse_field_name, parse_parameter, parse_token
from revproxy.exchange import Exchange
from revproxy.wire.cookies import cookies_named
from revproxy.wire.query import query_parameters

PLAIN: Final = ("client-ip", "path", "uri")
NAMED: Final = {"header": parse_field_name, "cookie": parse_token, "query": parse_parameter}


class RequestKey(NamedTuple):
    """
    @ivar source: one of L{PLAIN} or L{NAMED}.
    @ivar name: whose value it is; of a header field in lower case.
    """

    source: str
    name: bytes = b""

    def of(self, exchange: Exchange) -> bytes | None:
        """
        @return: the key of a request, as the client made it; C{None} where it has none, or
            an empty one.  Of several of a name the first counts.
        """
        source, request = self.source, exchange.request
        if source == "client-ip":
            return exchange.client.encode() or None
        if source == "path":
            return request.path
        if source == "uri":
            return request.target
        if source == "header":
            return request.fields.get(self.name) or None
        if source == "cookie":
            cookies = cookies_named(request.fields.get_all(b"cookie"), self.name)
            return (cookies[0] or None) if cookies else None
        values = (value for name, value in query_parameters(request.query) if name == self.name)
        return next(values, None) or None


def parse_key(value: object) -> RequestKey:
    """
    @raise ValueError: it is no key.
    """
    if isinstance(value, RequestKey):
        return value
    text = value if isinstance(value, str) else ""
    source, mark, name = text.partition(":")
    if text in PLAIN:
        return RequestKey(text)
    if source in NAMED and mark and name:
        return RequestKey(source, NAMED[source](name))
    names = ", ".join((*PLAIN, *(f"{source}:NAME" for source in NAMED)))
    raise ValueError(f"must be one of {names}, not {described(value)}")


Key: TypeAlias = Annotated[
    RequestKey,
    PlainValidator(parse_key),
    WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(PLAIN)}|({'|'.join(NAMED)}):.+)$"}),
]
