"""
One route of the configuration: what it leads to, and which requests it is for.

A route is for a host, a path and everything under it, and may ask for more:
methods, header fields and query parameters that must be there.  The host and the
path are found by look-up (L{revproxy.edge.index}); the rest is asked here.

What is decided, where users of other proxies expect different things:

  - A path is matched by whole segments, and C{/api} is the same as C{/api/}: both
    match C{/api}, C{/api/} and C{/api/x}, neither matches C{/apix}.
  - C{*.example.com} matches names of any depth below it, not C{example.com}.
  - Methods are taken literally: C{GET} does not stand for HEAD too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from revproxy.wire.query import query_parameters
from revproxy.wire.target import canonical_path

if TYPE_CHECKING:
    from twisted.web.resource import IResource

    from revproxy.exchange import Request

Wanted: TypeAlias = tuple[bytes, bytes | None]
"""
A name and the value it must have; C{None} where any value will do.
"""

WILDCARD = b"*."
"""
What the host of a route begins with when it stands for all names below it.
"""


class Route:
    """
    @ivar resource: what answers the requests.
    @ivar host: a name in lower case, C{b"*."} and a name, or C{None} for any host.
    @ivar path: the canonical path that the request's must be or be under, without
        a slash at its end; empty for any path.
    @ivar methods: the methods that are answered; empty for any.
    @ivar headers: names in lower case, and values.  A repeated field has the value
        where one of its lines is exactly that.
    @ivar query: names and values of parameters, percent-decoded.
    @ivar listeners: the names of the listeners; empty for any.
    @ivar name: what explains the choice to an operator.
    @ivar conditions: how many conditions there are beside host and path.
    @ivar conditional: whether L{accepts} has to be asked.
    """

    __slots__ = (
        "conditional", "conditions", "headers", "host", "listeners", "methods", "name", "path", "query",
        "resource",
    )  # fmt: skip

    def __init__(
        self,
        resource: IResource,
        host: bytes | None = None,
        path: bytes = b"/",
        methods: Iterable[bytes] = (),
        headers: Iterable[Wanted] = (),
        query: Iterable[Wanted] = (),
        listeners: Iterable[str] = (),
        name: str | None = None,
    ) -> None:
        """
        @param host: international names as A-labels (RFC 5890).
        @param path: starts with a slash; it is made canonical here.
        @raise BadRequest: where the path has no canonical form.
        """
        self.resource = resource
        self.host = None if host is None else host.lower().removesuffix(b".")
        self.path = canonical_path(path).removesuffix(b"/")
        self.methods = frozenset(methods)
        self.headers = tuple((field.lower(), value) for field, value in headers)
        self.query = tuple(query)
        self.listeners = frozenset(listeners)
        self.name = name or f"{(host or b'*').decode('latin-1')}{path.decode('latin-1')}"
        self.conditional = bool(self.methods or self.headers or self.query)
        self.conditions = bool(self.methods) + len(self.headers) + len(self.query) + bool(self.listeners)

    def accepts(self, request: Request) -> bool:
        """
        @return: whether a request, whose host and path match, meets the conditions.
        """
        if self.methods and request.method not in self.methods:
            return False
        if not all(_has(request.fields, wanted) for wanted in self.headers):
            return False
        if not self.query:
            return True
        parameters = query_parameters(request.query)
        return all(_has(parameters, wanted) for wanted in self.query)


def _has(pairs: Iterable[tuple[bytes, bytes]], wanted: Wanted) -> bool:
    name, value = wanted
    return any(held == name and (value is None or found == value) for held, found in pairs)
