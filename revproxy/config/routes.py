"""
C{routes}: which requests go to which upstream.
"""

from __future__ import annotations

from typing import Self, TypeAlias

from pydantic import model_validator

from revproxy.config.caching import CacheUseSettings
from revproxy.config.components import Resource
from revproxy.config.settings import Settings, option
from revproxy.config.units import Amount
from revproxy.config.values import FieldName, FieldValue, HostPattern, Method, Name, Parameter, PathPrefix

Match: TypeAlias = tuple[object, ...]


class MatchSettings(Settings):
    """
    Which requests a route is for.
    """

    host: HostPattern | None = option(None, "A host name, *.example.com for those below it; without it, any.")
    path: PathPrefix = option("/", "The path's beginning by whole segments: /api is for /api and /api/x.")
    methods: list[Method] | None = option(None, "Methods; without it, any.", min_length=1)
    headers: dict[FieldName, FieldValue | None] = option(
        {}, "Fields that must all be there, with this value; null for any value."
    )
    query: dict[Parameter, Parameter | None] = option(
        {}, "Query parameters, decoded, that must all be there with this value; null for any value."
    )
    listeners: list[Name] | None = option(None, "Names of the listeners; without it, all.", min_length=1)

    def match(self) -> Match:
        """
        @return: equal for two routes that are for exactly the same requests.
        """
        return (
            self.host,
            self.path.removesuffix(b"/"),
            None if self.methods is None else frozenset(self.methods),
            frozenset(self.headers.items()),
            frozenset(self.query.items()),
            None if self.listeners is None else frozenset(self.listeners),
        )


class RouteSettings(MatchSettings):
    """
    Requests that go to one upstream, or that a resource answers.  The most specific host
    wins, then the longest path, then what asks for more, then the first in the file.
    """

    upstream: Name | None = option(None, "Name of the upstream; a route has this or a resource.")
    resource: Resource | None = option(
        None, "What answers the requests in the proxy itself, in place of an upstream."
    )
    filters: list[Name] = option([], "Names of filters, in the order in which they run.")
    cache: CacheUseSettings | None = option(
        None, "How responses are kept and used again: the name of a cache, or a mapping; null for not at all."
    )
    max_body: Amount | None = option(None, "The largest body of a request, in place of limits.body.")

    @model_validator(mode="after")
    def _check_target(self) -> Self:
        if (self.upstream is None) == (self.resource is None):
            raise ValueError("must have an upstream or a resource, and not both")
        relaying = self.filters or self.max_body is not None or self.cache is not None
        if self.resource is not None and relaying:
            raise ValueError("filters, cache and max_body are for an upstream: a resource is not relayed to")
        return self
