"""
A route with a cache: clients at one side, a server that the test plays at the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.exchange import Exchange, Response
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.purging import Purge
from revproxy.flow.caching.receiving import answer_with_cache
from revproxy.flow.caching.terms import CacheTerms
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import ICacheStore, IReceiver, IRequestFilter, IResponseFilter
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.caching.policy import DEFAULT, Policy
from revproxy.wire.caching.status import CacheStatus
from revproxy.wire.fields import Fields
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.dict_store import DictStore
from tests.flow.upstream_side import AttendedServer, RecordingConnection, an_upstream
from tests.wire.caching.messages import NOW, fields


class Client:
    """
    One request through the cache.

    @ivar seen: what the client got.
    """

    def __init__(self, exchange: Exchange, seen: RecordingDownstream, receiver: IReceiver) -> None:
        self.exchange = exchange
        self.seen = seen
        self.receiver = receiver

    @property
    def status(self) -> int | None:
        if self.seen.error is not None:
            return self.seen.error.status
        return None if self.seen.response is None else self.seen.response.status

    @property
    def fields(self) -> Fields:
        assert self.seen.response is not None
        return self.seen.response.fields

    @property
    def told(self) -> bytes | None:
        """
        What C{Cache-Status} says, without the name.
        """
        value = self.fields.get(b"cache-status")
        return None if value is None else value.partition(b"; ")[2]

    @property
    def whole(self) -> bool:
        return self.seen.calls[-1:] == ["end"]


class CachingCase(SynchronousTestCase):
    """
    @ivar clock: turns; the time of day is L{NOW} and what it says.
    @ivar requests: those that the server has got, in order.
    """

    policy: Policy = DEFAULT
    rule = KeyRule()
    join_timeout = 5.0
    request_filters: tuple[IRequestFilter, ...] = ()
    response_filters: tuple[IResponseFilter, ...] = ()

    def setUp(self) -> None:
        self.clock = Clock()
        self.store = self.make_store()
        self.cache = Cache("pages", self.store, self.now)
        self.attended = AttendedServer()
        self.upstream = an_upstream([self.attended.server], clock=self.clock)
        self.terms = CacheTerms(
            self.cache,
            Purge(self.cache, self.clock),
            self.rule,
            self.policy,
            CacheStatus(b"test"),
            self.join_timeout,
        )
        self.route = RouteSettings(
            self.upstream, self.clock, self.request_filters, self.response_filters, cache=self.terms
        )
        self.requests: list[RecordingConnection] = []

    def tearDown(self) -> None:
        """
        Pitfall 44: nothing is scheduled, under way or held any more.
        """
        self.upstream.close()
        self.assertEqual((self.attended.server.active, self.attended.client.waiting), (0, []))
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual((self.cache.fills, self.cache.joinable), ({}, 0))

    def make_store(self) -> ICacheStore:
        return DictStore()

    def now(self) -> float:
        return NOW + self.clock.seconds()

    def ask(self, *lines: str, target: bytes = b"/page", method: bytes = b"GET") -> Client:
        """
        A client asks.
        """
        seen = RecordingDownstream()
        exchange = an_exchange(seen, method, target, fields=fields(*lines))
        client = Client(exchange, seen, answer_with_cache(exchange, self.route, self.terms))
        self.accept()
        return client

    def accept(self) -> None:
        while self.attended.client.waiting:
            self.requests.append(self.attended.client.accept())

    def answer(
        self,
        *lines: str,
        status: int = 200,
        body: bytes | None = b"hello",
        length: int | None = None,
        request: int = -1,
    ) -> RecordingConnection:
        """
        The server answers the last request, or another.

        @param body: the whole of it; C{None} for the head alone.
        @param length: that which is announced.
        """
        connection = self.requests[request]
        if body is not None and length is None:
            length = len(body)
        connection.answer.answer_begun(Response(status, b"", Fields(fields(*lines)), length))
        if body is not None:
            self.more(body, request)
            self.end(request)
        return connection

    def more(self, body: bytes, request: int = -1) -> None:
        self.requests[request].answer.answer_body(body)

    def end(self, request: int = -1) -> None:
        self.requests[request].answer.answer_ended(())
        self.accept()

    def sent(self, request: int = -1) -> Fields:
        """
        The fields that the server got.
        """
        outbound = self.requests[request].outbound
        assert outbound is not None
        return Fields(outbound.pairs)

    def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.accept()


def told(clients: Sequence[Client]) -> list[bytes | None]:
    return [client.told for client in clients]
