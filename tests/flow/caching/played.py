"""
The real cache, behind the same face as the simple one of the rules' tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from twisted.internet.task import Clock

from revproxy.errors import NotCached, UpstreamTimeout
from revproxy.exchange import Response
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.purging import Purge
from revproxy.flow.caching.receiving import answer_with_cache
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import ICacheStore
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.caching.policy import DEFAULT, Policy
from revproxy.wire.fields import Fields
from revproxy.wire.framing import response_has_body
from revproxy.wire.hop_by_hop import end_to_end_response
from revproxy.wire.pairs import Pair, first_value
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.dict_store import DictStore
from tests.flow.upstream_side import AttendedServer, RecordingConnection, an_upstream
from tests.wire.caching.simple_cache import (
    CACHED,
    FORWARDED,
    NOTHING,
    REFUSED,
    VALIDATED,
    Answer,
    Outcome,
    served,
)


class Played:
    """
    Plays one request after the other to a cache on a route.
    """

    def __init__(self, policy: Policy = DEFAULT, store: ICacheStore | None = None) -> None:
        self._time = 0.0
        self.cache = Cache("pages", DictStore() if store is None else store, lambda: self._time)
        clock = Clock()
        self._attended = AttendedServer()
        self._terms = terms = CacheTerms(self.cache, Purge(self.cache, clock), KeyRule(), policy, None)
        self._route = RouteSettings(an_upstream([self._attended.server], clock=clock), clock, cache=terms)

    def ask(
        self,
        now: float,
        fields: Sequence[Pair] = (),
        answer: Answer = NOTHING,
        method: bytes = b"GET",
        path: bytes = b"/",
        query: bytes | None = None,
    ) -> Outcome:
        """
        Answer a request, from what is stored or by asking the server.
        """
        self._time = now
        client = RecordingDownstream()
        exchange = an_exchange(client, method, path, query, fields=fields)
        answer_with_cache(exchange, self._route, self._terms)
        sent, before = None, Counter(self.cache.counts)
        at_once = client.response is not None
        while self._attended.client.waiting:
            connection = self._attended.client.accept()
            assert connection.outbound is not None
            sent = Fields(connection.outbound.pairs)
            answer = _answer(connection, answer, now)
        if isinstance(client.error, NotCached):
            return Outcome(REFUSED, 504, Fields())
        if client.response is None:
            assert client.error is not None
            return Outcome(FORWARDED, client.error.status, Fields(), sent=sent)
        happened = Counter(self.cache.counts) - before
        how = CACHED if at_once or happened["hit-stale-if-error"] else FORWARDED
        if not at_once and happened["validated"]:
            how = VALIDATED
        return Outcome(how, client.response.status, client.response.fields, client.body, sent)


def _answer(connection: RecordingConnection, answer: Answer, now: float) -> Answer:
    """
    Answer as the server does.

    @return: with what.
    """
    if not answer.reached:
        connection.answer.answer_failed(UpstreamTimeout())
        return answer
    outbound = connection.outbound
    assert outbound is not None
    if outbound.method in (b"GET", b"HEAD"):
        answer = served(answer, outbound.pairs, now)
    told = first_value(answer.fields, b"content-length")
    is_head = outbound.method == b"HEAD"
    length = (None if told is None else int(told)) if is_head else len(answer.body)
    if answer.status == 304:
        length = None
    connection.answer.answer_begun(_head(answer.status, answer, length))
    if response_has_body(answer.status, outbound.method):
        connection.answer.answer_body(answer.body)
    connection.answer.answer_ended(())
    return answer


def _head(status: int, answer: Answer, length: int | None) -> Response:
    """
    @return: the head as it comes from a connection.
    """
    return Response(status, b"", Fields(end_to_end_response(answer.fields)), length)
