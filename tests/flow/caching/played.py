"""
The real cache, behind the same face as the simple one of the rules' tests.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.task import Clock

from revproxy.errors import NotCached, UpstreamTimeout
from revproxy.exchange import Response
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.purging import Purge
from revproxy.flow.caching.receiving import caching_receiver
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import ICacheStore
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.caching.policy import DEFAULT, Policy
from revproxy.wire.caching.updating import matched_by_304
from revproxy.wire.caching.validators import read_validators
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
        receiver = caching_receiver(exchange, self._route, self._terms)
        receiver.start()
        sent, validated = None, False
        at_once = client.response is not None
        while self._attended.client.waiting:
            connection = self._attended.client.accept()
            assert connection.outbound is not None
            sent = Fields(connection.outbound.pairs)
            validated = _answer(connection, answer, now)
        if isinstance(client.error, NotCached):
            return Outcome(REFUSED, 504, Fields())
        if client.response is None:
            assert client.error is not None
            return Outcome(FORWARDED, client.error.status, Fields(), sent=sent)
        instead = not answer.reached or client.response.status != answer.status
        how = CACHED if at_once or instead else FORWARDED
        if validated and not at_once:
            how = VALIDATED
        return Outcome(how, client.response.status, client.response.fields, client.body, sent)


def _answer(connection: RecordingConnection, answer: Answer, now: float) -> bool:
    """
    Answer as the server does.

    @return: whether that was with a 304.
    """
    if not answer.reached:
        connection.answer.answer_failed(UpstreamTimeout())
        return False
    outbound = connection.outbound
    assert outbound is not None
    asked = [name for name, _ in outbound.pairs if name in (b"if-none-match", b"if-modified-since")]
    if asked and answer.status == 200 and answer.fields:
        own = read_validators(answer.fields, now)
        tags = first_value(outbound.pairs, b"if-none-match")
        since = first_value(outbound.pairs, b"if-modified-since")
        known = read_validators(
            [(b"etag", tags or b""), (b"last-modified", since or b"")]
            if tags
            else [(b"last-modified", since or b"")],
            now,
        )
        if matched_by_304(own, [known]) == [0]:
            connection.answer.answer_begun(_head(304, answer, None))
            connection.answer.answer_ended(())
            return True
    told = first_value(answer.fields, b"content-length")
    is_head = outbound.method == b"HEAD"
    length = (None if told is None else int(told)) if is_head else len(answer.body)
    connection.answer.answer_begun(_head(answer.status, answer, length))
    if response_has_body(answer.status, outbound.method):
        connection.answer.answer_body(answer.body)
    connection.answer.answer_ended(())
    return False


def _head(status: int, answer: Answer, length: int | None) -> Response:
    """
    @return: the head as it comes from a connection.
    """
    return Response(status, b"", Fields(end_to_end_response(answer.fields)), length)
