"""
The method PURGE, by which those who may take something out of a cache.

C{PURGE /page} is for one URL; with C{*} at its end for all that begin so.  C{Cache-Tag},
with commas, or C{Surrogate-Key}, with spaces, names tags: then the URL does not matter.
C{Purge-Mode: soft} lets what is purged stand in where the servers fail.
"""

from __future__ import annotations

import json

from twisted.internet.defer import Deferred, FirstError, gatherResults
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.errors import ExchangeError, PurgeForbidden, PurgeUnclear
from revproxy.exchange import Exchange, Reply
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.replies import respond
from revproxy.receivers import Ignored
from revproxy.wire.caching.tags import TAG_FIELDS, read_tags

PURGE = b"PURGE"

log = Logger(__name__)


class PurgeRequest(Ignored):
    """
    Answers one exchange with how much was purged.
    """

    def __init__(self, exchange: Exchange, terms: CacheTerms) -> None:
        self._exchange = exchange
        self._terms = terms
        self._left = False

    def start(self) -> None:
        """
        Purge.
        """
        exchange, terms = self._exchange, self._terms
        if exchange.client not in terms.purgers:
            exchange.downstream.refuse(PurgeForbidden(f"{exchange.client} may not purge"))
            return
        try:
            purges = self._purges()
        except PurgeUnclear as error:
            exchange.downstream.refuse(error)
        except Exception:
            self._failed(Failure())
        else:
            gatherResults(purges, consumeErrors=True).addCallbacks(self._purged, self._failed)

    def _purges(self) -> list[Deferred[int]]:
        """
        @raise PurgeUnclear: it has fields for tags, and no tags that could be read: by its URL
            it would purge something else.
        """
        request, purge = self._exchange.request, self._terms.purge
        soft = (request.fields.get(b"purge-mode") or b"").strip().lower() == b"soft"
        if any(name in TAG_FIELDS for name, _ in request.fields):
            tags = read_tags(request.fields)
            if not tags:
                raise PurgeUnclear("it names no tags" if tags is not None else "it names too many tags")
            return [purge.tag(tag, soft) for tag in sorted(tags)]
        url = self._terms.rule.url(request.scheme, request.authority, request.path, request.query)
        if url.endswith(b"*"):
            return [purge.prefix(url[:-1], soft)]
        return [purge.url(url, soft)]

    def _purged(self, counts: list[int]) -> None:
        exchange = self._exchange
        exchange.why.append(f"cache {self._terms.cache.name}: {sum(counts)} purged")
        if not self._left:
            body = json.dumps({"purged": sum(counts)}).encode() + b"\n"
            fields = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            respond(exchange.downstream, exchange, Reply(200, fields, body))

    def _failed(self, failure: Failure) -> None:
        first = failure.value
        if isinstance(first, FirstError):
            failure = first.subFailure
        log.failure("purging cache {name} failed", failure, name=self._terms.cache.name)
        if not self._left:
            self._exchange.downstream.refuse(ExchangeError("purging failed"))

    @override
    def client_left(self) -> None:
        self._left = True

    @override
    def request_failed(self, error: ExchangeError) -> None:
        self._left = True
        self._exchange.downstream.refuse(error)
