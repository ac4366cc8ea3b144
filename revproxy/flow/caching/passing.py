"""
Exchanges that a cache only looks at, as they may change what it keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import classImplements

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange, Response
from revproxy.flow.caching.purging import invalidate
from revproxy.flow.caching.telling import hidden_fields, refusal_member
from revproxy.flow.caching.terms import CacheTerms
from revproxy.interfaces import IDownstream, IOutlet, ITunnelEnd
from revproxy.wire.caching.invalidation import Resource, invalidated
from revproxy.wire.caching.status import METHOD
from revproxy.wire.pairs import Pair


class Passing:
    """
    The client of an exchange whose method has to reach the server.
    """

    __slots__ = ("_downstream", "_exchange", "_terms")

    def __init__(self, exchange: Exchange, terms: CacheTerms) -> None:
        self._downstream: IDownstream = exchange.downstream
        self._exchange = exchange
        self._terms = terms

    def begin(self, response: Response) -> None:
        """
        Implement L{IDownstream.begin}.
        """
        request, terms = self._exchange.request, self._terms
        target = Resource(request.scheme, request.authority, request.path, request.query)
        for resource in invalidated(request.method, response.status, target, response.pairs):
            invalidate(terms.cache, terms.purge, terms.rules, resource, terms.apart(self._exchange))
        hidden = hidden_fields(terms)
        if any(name in hidden for name, _ in response.pairs):
            response.fields.remove_all(hidden)
        if terms.status is not None:
            response.add_line(b"cache-status: %b\r\n" % terms.status.forwarded(METHOD, response.status))
        self._downstream.begin(response)

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IDownstream.interim}.
        """
        self._downstream.interim(status, reason, fields)

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """
        self._downstream.write(data)

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """
        self._downstream.flush()

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IDownstream.outlet}.
        """
        return self._downstream.outlet(octets)

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}.
        """
        self._downstream.end(trailers)

    def cut(self) -> None:
        """
        Implement L{IDownstream.cut}.
        """
        self._downstream.cut()

    def refuse(self, error: ExchangeError) -> None:
        """
        Implement L{IDownstream.refuse}.
        """
        error.cache_status = refusal_member(self._terms.status, METHOD, error, False)
        self._downstream.refuse(error)

    def switch(self, response: Response) -> ITunnelEnd:
        """
        Implement L{IDownstream.switch}.
        """
        return self._downstream.switch(response)

    def pause_body(self) -> None:
        """
        Implement L{IDownstream.pause_body}.
        """
        self._downstream.pause_body()

    def resume_body(self) -> None:
        """
        Implement L{IDownstream.resume_body}.
        """
        self._downstream.resume_body()


classImplements(Passing, IDownstream)
