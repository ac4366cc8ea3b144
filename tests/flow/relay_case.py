"""
One exchange with both of its sides in memory.
"""

from __future__ import annotations

from typing import TypeAlias

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.exchange import Exchange, Reply, Response
from revproxy.flow.pool.terms import DEFAULT_TERMS
from revproxy.flow.relay import Relay
from revproxy.flow.retries.hedge_delay import HedgeDelay
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IRequestFilter, IResponseFilter
from tests.fakes import RecordingDownstream, a_response, an_exchange
from tests.flow.upstream_side import RETRIES, AttendedServer, FirstOfAll, RecordingConnection, an_upstream

Result: TypeAlias = Reply | Deferred[Reply | None] | None


@implementer(IRequestFilter)
class Filtering:
    """
    A filter of requests that does as it is told.
    """

    def __init__(self, result: Result | Exception = None) -> None:
        self.seen: list[Exchange] = []
        self._result = result

    def filter_request(self, exchange: Exchange) -> Result:
        self.seen.append(exchange)
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


class UnsafeDownstream(RecordingDownstream):
    """
    A client to whom no head can be written.
    """

    def begin(self, response: Response) -> None:
        response.lines()
        super().begin(response)


class RelayCase(SynchronousTestCase):
    """
    @cvar names: those of the servers.
    @cvar most: how many exchanges each may have at once.
    @ivar one: the server that is picked first.
    @ivar two: the one that is picked when C{one} was tried.
    """

    names: tuple[str, ...] = ("one", "two")

    response_filters: tuple[IResponseFilter, ...] = ()
    retry = RETRIES
    terms = DEFAULT_TERMS
    most = 512
    hedge_delay: HedgeDelay | None = None

    def setUp(self) -> None:
        self.clock = Clock()
        self.one, self.two, *self.others = (
            AttendedServer(f"http://{name}", self.most) for name in self.names
        )
        self.balancer = FirstOfAll()
        self.upstream = an_upstream(
            [each.server for each in (self.one, self.two, *self.others)],
            self.balancer,
            self.clock,
            self.terms,
            self.retry,
            hedge_delay=self.hedge_delay,
        )
        self.client = RecordingDownstream()

    def tearDown(self) -> None:
        """
        Pitfall 44: however the exchange ended, no server counts as busy, no attempt
        and no call is left.
        """
        self.upstream.close()
        for each in (self.one, self.two, *self.others):
            self.assertEqual((each.server.active, each.client.waiting), (0, []))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def begin(
        self, method: bytes = b"GET", length: int | None = None, filters: tuple[IRequestFilter, ...] = ()
    ) -> Relay:
        return self.relayed(an_exchange(self.client, method, length=length), filters)

    def relayed(self, exchange: Exchange, filters: tuple[IRequestFilter, ...] = ()) -> Relay:
        self.exchange = exchange
        relay = Relay(exchange, RouteSettings(self.upstream, self.clock, filters, self.response_filters))
        relay.start()
        return relay

    def answered(self, connection: RecordingConnection, body: bytes = b"hello") -> None:
        """
        The server answers whole, and the client has it.
        """
        connection.answer.answer_begun(a_response(200))
        connection.answer.answer_body(body)
        connection.answer.answer_ended(())
        self.assertEqual((self.status(), self.client.body, self.client.calls[-1]), (200, body, "end"))

    def status(self) -> int | None:
        """
        What the client was told.
        """
        if self.client.error is not None:
            return self.client.error.status
        return None if self.client.response is None else self.client.response.status
