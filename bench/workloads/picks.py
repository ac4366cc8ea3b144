"""
What it costs to choose a server, in this process and without any connection.
"""

from collections import deque
from collections.abc import Mapping
from random import Random
from time import process_time
from typing import cast

from twisted.internet.task import Clock
from typing_extensions import override

from bench.balancing.simulation import Choice, NoClient, a_balancer
from bench.conditions import Conditions, Subject
from bench.figures import Figures, Measure
from bench.workloads.workload import NotMeasurable, Workload
from revproxy.exchange import Exchange
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from revproxy.interfaces import IBalancer, ILoadObserver, IOutcomeObserver, IResponseFilter
from revproxy.testing import stand_in_exchange, stand_in_response

FEW, MANY = 10, 1000
UNDER_WAY = 64
"""
So many exchanges are not over at any time.
"""

CLIENTS = 500
PICKS = 20_000
QUICK_PICKS = 5_000
TURNS = 7
"""
Both are measured so many times in turn; the least counts, since nothing makes a pick
cheaper than it is.
"""


class Picks(Workload):
    """
    A balancer among few servers and among many: a pick, and what it is told of the exchange.
    """

    measures = (Measure("few", "µs", str(FEW)), Measure("many", "µs", str(MANY)))

    def __init__(self, written: Mapping[str, object], weights: int = 1, fills: bool = False) -> None:
        """
        @param written: the balancer as the file has it.
        @param weights: the heaviest weight that servers have.
        @param fills: whether servers answer one request at a time, and half of them do.
        """
        self._choice = Choice(written)
        self._weights = weights
        self._fills = fills

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.

        @return: microseconds of CPU for each pick, as C{few} and C{many}.
        """
        if subject.peer.name != "revproxy":
            raise NotMeasurable("these rows are about revproxy's own balancers")
        picks = QUICK_PICKS if conditions.quick else PICKS
        few, many = self._upstream(FEW), self._upstream(MANY)
        costs = [(few.cost(picks), many.cost(picks)) for _ in range(TURNS)]
        return {"few": min(cost for cost, _ in costs), "many": min(cost for _, cost in costs)}

    def _upstream(self, count: int) -> "Picked":
        limits = ConnectionLimits(most=1) if self._fills else ConnectionLimits()
        servers = tuple(
            Server(
                f"http://10.0.{place // 250}.{place % 250}:8080", b"", self._weight(place), limits, NoClient()
            )
            for place in range(count)
        )
        return (Filling if self._fills else Picked)(a_balancer(self._choice), servers)

    def _weight(self, place: int) -> int:
        return 1 + place % self._weights


class Picked:
    """
    Servers that are chosen by a balancer again and again, for many clients.
    """

    def __init__(self, balancer: IBalancer, servers: tuple[Server, ...]) -> None:
        self._balancer = balancer
        self._observer = cast(IOutcomeObserver, balancer) if IOutcomeObserver.providedBy(balancer) else None
        self._servers = servers
        if ILoadObserver.providedBy(balancer):
            for server in servers:
                server.observer = cast(ILoadObserver, balancer)
        self._exchanges = [self._exchange(number) for number in range(CLIENTS)]
        self._pick(CLIENTS)

    def cost(self, picks: int) -> float:
        """
        Choose so many times.

        @return: microseconds of CPU for each.
        """
        before = process_time()
        self._pick(picks)
        return (process_time() - before) * 1e6 / picks

    def _pick(self, picks: int) -> None:
        balancer, observer, servers, exchanges = (
            self._balancer,
            self._observer,
            self._servers,
            self._exchanges,
        )
        under_way = deque[Server]()
        for number in range(picks):
            exchange = exchanges[number % CLIENTS]
            server = cast(Server, balancer.pick(servers, exchange))
            exchange.why.clear()
            server.occupy()
            under_way.append(server)
            if len(under_way) > UNDER_WAY:
                done = under_way.popleft()
                if observer is not None:
                    observer.answered(done, 200, 0.01)
                done.vacate()
        for server in under_way:
            server.vacate()

    def _exchange(self, number: int) -> Exchange:
        """
        A client's request, with the cookie that it was given before, if it was.
        """
        client = f"192.0.{number // 250}.{number % 250}"
        exchange, response = stand_in_exchange(client=client), stand_in_response(fields=())
        exchange.server = self._servers[number % len(self._servers)].name
        if IResponseFilter.providedBy(self._balancer):
            cast(IResponseFilter, self._balancer).filter_response(exchange, response)
        cookies = [(b"cookie", value.partition(b";")[0]) for value in response.fields.get_all(b"set-cookie")]
        return stand_in_exchange(fields=cookies, client=client)


class Filling(Picked):
    """
    Servers of which half are full at any time, each one after another; they are chosen as an
    upstream does.
    """

    def __init__(self, balancer: IBalancer, servers: tuple[Server, ...]) -> None:
        policy = RetryPolicy(Random(1), RetryTerms())
        self._upstream = Upstream("bench", servers, balancer, Clock(), policy)
        super().__init__(balancer, servers)

    @override
    def _pick(self, picks: int) -> None:
        upstream, exchanges, most = self._upstream, self._exchanges, len(self._servers) // 2
        under_way = deque[Server]()
        for number in range(picks):
            exchange = exchanges[number % CLIENTS]
            server = upstream.pick(exchange, ())
            assert server is not None
            exchange.why.clear()
            server.occupy()
            under_way.append(server)
            if len(under_way) > most:
                under_way.popleft().vacate()
        for server in under_way:
            server.vacate()
