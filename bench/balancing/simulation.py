"""
Many clients, ten servers, and one of these ten times slower than the others, in a time of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from statistics import quantiles

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface import implementer

from revproxy.catalog import built_ins
from revproxy.config.context import Context
from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.terms import UpstreamTerms
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from revproxy.interfaces import IBalancer, IConnectionOwner, IUpstreamClient, IUpstreamConnection
from revproxy.registry import ComponentSpec, Environment
from revproxy.testing import stand_in_exchange, stand_in_response

SERVERS = 10
SLOW = 4
"""
The place of the slow server.
"""

FAST_SECONDS = 0.010
"""
What an answer takes on the average; it is distributed exponentially.
"""

TIMES_SLOWER = 10
LOAD = 0.7
"""
How many requests come, as a share of what all servers together can answer.
"""

CLIENTS = 200
REQUESTS = 6000
SEED = 1


@dataclass(frozen=True)
class Choice:
    """
    A balancer as the file has it.

    @ivar most: how many requests each server may have at once, C{max_connections}.
    """

    written: Mapping[str, object]
    most: int = 512

    @property
    def label(self) -> str:
        """
        Its name, with what else was set.
        """
        name = str(self.written["type"])
        return name if self.most == 512 else f"{name}, max_connections: {self.most}"


CHOICES = (
    Choice({"type": "round-robin"}),
    Choice({"type": "random"}),
    Choice({"type": "sticky"}),
    Choice({"type": "consistent-hash", "key": "client-ip"}),
    Choice({"type": "first"}, most=2),
    Choice({"type": "power-of-two"}),
    Choice({"type": "least-connections"}),
    Choice({"type": "least-time"}),
)


@dataclass(frozen=True)
class Outcome:
    """
    What clients met with.

    @ivar p50: seconds that half of the requests did not exceed.
    @ivar p99: the same of 99 in 100.
    @ivar slow: the share of the requests that the slow server got.
    """

    p50: float
    p99: float
    slow: float


@implementer(IUpstreamClient)
class NoClient:
    """
    Nothing is sent here.
    """

    def connect(self, owner: IConnectionOwner) -> Deferred[IUpstreamConnection]:
        """
        Implement L{IUpstreamClient.connect}.
        """
        raise NotImplementedError


def a_balancer(choice: Choice, clock: Clock | None = None) -> IBalancer:
    """
    Make a balancer as the file would.
    """
    registry, here = built_ins(), Path("/")
    options = {key: value for key, value in choice.written.items() if key != "type"}
    name = str(choice.written["type"])
    settings = registry.settings(IBalancer, name).model_validate(options, context=Context(registry, here))
    environment = Environment(clock or Clock(), Random(SEED), here, secret=bytes(32))
    balancer: IBalancer = registry.build(IBalancer, ComponentSpec(name, settings), environment)
    return balancer


def an_upstream(choice: Choice, servers: list[Server], clock: Clock) -> Upstream:
    """
    Make an upstream that lets requests wait for a server with room.
    """
    terms = UpstreamTerms(most_waiting=REQUESTS, queue_timeout=3600.0)
    policy = RetryPolicy(Random(SEED), RetryTerms())
    return Upstream("app", servers, a_balancer(choice, clock), clock, policy, terms)


class Simulation:
    """
    One run.  Each server answers one request after the other, in the order in which they came.

    @ivar _coming: what comes next: when, in which order of those at once, and what.
    @ivar _busy_until: when each server will have answered all that it has.
    @ivar _cookies: what each client sends as its cookies.
    @ivar _seconds: how long each request took from when it came, in the order of the answers.
    @ivar _by_slow: how many of them the slow server answered.
    """

    def __init__(self, choice: Choice, requests: int = REQUESTS) -> None:
        limits = ConnectionLimits(most=choice.most)
        servers = [
            Server(f"http://10.0.0.{place + 1}:8080", b"", 1, limits, NoClient()) for place in range(SERVERS)
        ]
        self._clock = Clock()
        self._upstream = an_upstream(choice, servers, self._clock)
        self._slow = servers[SLOW]
        self._requests = requests
        self._random = Random(SEED)
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._busy_until = dict.fromkeys(servers, 0.0)
        self._cookies = [b""] * CLIENTS
        self._seconds: list[float] = []
        self._by_slow = 0

    def run(self) -> Outcome:
        """
        Let all requests come and be answered.
        """
        rate = LOAD * (SERVERS - 1 + 1 / TIMES_SLOWER) / FAST_SECONDS
        when = 0.0
        for _ in range(self._requests):
            when += self._random.expovariate(rate)
            self._at(
                when, partial(self._arrive, self._random.randrange(CLIENTS), self._random.expovariate(1))
            )
        clock = self._clock
        while self._coming:
            when, _, happen = heappop(self._coming)
            clock.advance(when - clock.seconds())
            happen()
            clock.advance(0)
        cuts = quantiles(self._seconds, n=100)
        return Outcome(cuts[49], cuts[98], self._by_slow / self._requests)

    def _at(self, when: float, happen: Callable[[], None]) -> None:
        heappush(self._coming, (when, len(self._coming) + len(self._seconds), happen))

    def _arrive(self, client: int, work: float) -> None:
        cookie = self._cookies[client]
        exchange = stand_in_exchange(
            fields=((b"cookie", cookie),) if cookie else (), client=f"192.0.2.{client}"
        )
        came = self._clock.seconds()

        def begin(server: Server | None) -> bool:
            if server is not None:
                self._begin(exchange, server, client, work, came)
            return server is not None

        if not begin(self._upstream.pick(exchange, ())):
            self._upstream.wait(lambda: begin(self._upstream.pick_now(exchange, ())), _refuse)

    def _begin(self, exchange: Exchange, server: Server, client: int, work: float, came: float) -> None:
        server.occupy()
        exchange.server = server.name
        response = stand_in_response(fields=())
        for response_filter in self._upstream.response_filters:
            response_filter.filter_response(exchange, response)
        for value in response.fields.get_all(b"set-cookie"):
            self._cookies[client] = value.partition(b";")[0]
        now = self._clock.seconds()
        mean = FAST_SECONDS * (TIMES_SLOWER if server is self._slow else 1)
        over = self._busy_until[server] = max(now, self._busy_until[server]) + work * mean
        self._at(over, partial(self._end, server, now, came))

    def _end(self, server: Server, began: float, came: float) -> None:
        now = self._clock.seconds()
        for observer in self._upstream.observers:
            observer.answered(server, 200, now - began)
        server.vacate()
        self._seconds.append(now - came)
        self._by_slow += server is self._slow


def _refuse(error: ExchangeError) -> None:
    raise error


@cache
def outcomes() -> Mapping[str, Outcome]:
    """
    Run all, each with the same requests.

    @return: what came of them, by the balancers' labels.
    """
    return {choice.label: Simulation(choice).run() for choice in CHOICES}
