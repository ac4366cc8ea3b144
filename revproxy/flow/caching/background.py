"""
Asking a server again while clients are answered with what is stale.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import implementer

from revproxy.errors import ExchangeError, UpstreamMalformed
from revproxy.exchange import Exchange, Outbound, Response
from revproxy.flow.caching.asking import asked_by
from revproxy.flow.caching.fill import Fill
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IDownstream, IKept, IOutlet, ITunnelEnd
from revproxy.wire.caching.revalidation import validating_fields
from revproxy.wire.fields import Fields
from revproxy.wire.pairs import Pair


def revalidate(exchange: Exchange, route: RouteSettings, terms: CacheTerms, key: bytes, kept: IKept) -> None:
    """
    Validate a response that was used although it is stale, unless that is done already.

    @param exchange: the one that it was used for.
    @param route: without filters.
    """
    if key in terms.cache.fills or key in terms.cache.revalidating:
        return
    terms.cache.count("revalidations")
    request, sent = exchange.request, exchange.outbound
    outbound = Outbound(b"GET", sent.target, sent.authority, Fields(validating_fields(sent.pairs, [])))
    own = Exchange(
        request, outbound, exchange.peer, exchange.client, Nobody(), exchange.started, exchange.most_body
    )
    Fill(own, asked_by(request.fields, False), route, terms, key, kept).start(None)


@implementer(IDownstream)
class Nobody:
    """
    The client of an exchange that nobody waits for.
    """

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IDownstream.interim}.
        """

    def begin(self, response: Response) -> None:
        """
        Implement L{IDownstream.begin}.
        """

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IDownstream.outlet}.
        """
        return None

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}.
        """

    def cut(self) -> None:
        """
        Implement L{IDownstream.cut}.
        """

    def refuse(self, error: ExchangeError) -> None:
        """
        Implement L{IDownstream.refuse}.
        """

    def switch(self, response: Response) -> ITunnelEnd:
        """
        Implement L{IDownstream.switch}.

        @raise UpstreamMalformed: always: nobody asks for another protocol.
        """
        raise UpstreamMalformed("a 101 that nobody asked for")

    def pause_body(self) -> None:
        """
        Implement L{IDownstream.pause_body}.
        """

    def resume_body(self) -> None:
        """
        Implement L{IDownstream.resume_body}.
        """
