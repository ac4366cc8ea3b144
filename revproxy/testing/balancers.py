"""
The contract of balancers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, cast

from zope.interface.verify import verifyObject

from revproxy.errors import UpstreamRefused
from revproxy.interfaces import IBalancer, ILoadObserver, IOutcomeObserver, IResponseFilter, IServer
from revproxy.testing.stand_ins import StandInServer, stand_in_exchange, stand_in_servers

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as Base
else:
    Base = object


class BalancerContract(Base):
    """
    What holds for every balancer.
    """

    def make_balancer(self) -> IBalancer:
        """
        @return: a new balancer; each time one that will behave alike.
        """
        raise NotImplementedError

    def picks(self, balancer: IBalancer, candidates: Sequence[IServer], times: int) -> list[IServer]:
        """
        @return: what the balancer picks for requests of different clients.
        """
        exchanges = [
            stand_in_exchange(b"/%d" % turn, client=f"203.0.113.{turn % 250}") for turn in range(times)
        ]
        return [balancer.pick(candidates, exchange) for exchange in exchanges]

    def test_provides_its_interface(self) -> None:
        """
        It provides L{IBalancer}.
        """
        self.assertTrue(verifyObject(IBalancer, self.make_balancer()))

    def test_provides_what_it_says(self) -> None:
        """
        It provides the other interfaces, too, that it says it does.
        """
        balancer = self.make_balancer()
        for interface in (ILoadObserver, IOutcomeObserver, IResponseFilter):
            if interface.providedBy(balancer):
                self.assertTrue(verifyObject(interface, balancer))

    def test_picks_a_candidate(self) -> None:
        """
        What it picks is among the candidates, and these stay as they are.
        """
        candidates = stand_in_servers(1, 3, 2)
        before = list(candidates)
        picked = self.picks(self.make_balancer(), candidates, 60)
        self.assertLessEqual(set(picked), set(before))
        self.assertEqual(candidates, before)

    def test_one_candidate(self) -> None:
        """
        Of one candidate it picks that one, whatever its weight.
        """
        candidates = stand_in_servers(7)
        self.assertEqual(self.picks(self.make_balancer(), candidates, 3), candidates * 3)

    def test_candidates_come_and_go(self) -> None:
        """
        It picks no server that is not a candidate any more, and does so as often as
        the candidates change.
        """
        balancer = self.make_balancer()
        servers = stand_in_servers(1, 1, 2, 1)
        for gone in [0, 3, 2, 1] * 5:
            candidates = [server for server in servers if server is not servers[gone]]
            picked = self.picks(balancer, candidates, 7)
            self.assertLessEqual(set(picked), set(candidates))

    def test_other_servers(self) -> None:
        """
        It goes on when every server is another one.
        """
        balancer = self.make_balancer()
        self.picks(balancer, stand_in_servers(1, 2), 3)
        others = stand_in_servers(2, 1, 1)
        self.assertLessEqual(set(self.picks(balancer, others, 9)), set(others))

    def test_same_calls_same_picks(self) -> None:
        """
        Two that are made alike and asked alike pick alike: chance, like time, is
        given to them.
        """
        candidates = stand_in_servers(2, 1, 3)
        first = self.picks(self.make_balancer(), candidates, 30)
        self.assertEqual(self.picks(self.make_balancer(), candidates, 30), first)

    def test_busy_servers(self) -> None:
        """
        It picks a candidate whatever becomes of servers: they get busy, are changed and
        forgotten in the middle of it, and it is told.
        """
        _History(self.make_balancer(), told=True).run(self)

    def test_nobody_tells(self) -> None:
        """
        So it does where nobody tells it how servers do, as within a balancer that does not
        hand that on.
        """
        _History(self.make_balancer(), told=False).run(self)

    def test_told_of_strangers(self) -> None:
        """
        It may be told of servers that it was never offered, or that were forgotten.
        """
        balancer = self.make_balancer()
        candidates = stand_in_servers(1, 1)
        self.picks(balancer, candidates, 2)
        for server in (StandInServer("http://stranger"), *candidates):
            for _ in range(2):
                _tell(balancer, server, "forgotten", "occupied", "vacated", "answered", "failed")
        others = stand_in_servers(1, 1)
        self.assertLessEqual(set(self.picks(balancer, others, 4)), set(others))


class WeightedBalancerContract(BalancerContract):
    """
    What holds, too, for balancers that share requests out by weight alone.
    """

    def test_spread_by_weight(self) -> None:
        """
        Of many requests each server gets its share within 2 %.
        """
        candidates = stand_in_servers(5, 1, 3, 1)
        counted = Counter(self.picks(self.make_balancer(), candidates, 10_000))
        for server in candidates:
            share = counted[server] / 10_000
            self.assertLess(abs(share - server.weight / 10), 0.02, f"{server!r}: {share}")


class _History:
    """
    What servers may go through, the same each time.

    @ivar _taken: the exchanges that are not over, by their servers.
    """

    def __init__(self, balancer: IBalancer, told: bool) -> None:
        """
        @param told: whether the balancer hears of it.
        """
        self._balancer = balancer
        self._told = told
        self._random = Random(1)
        self._servers = [self._server(number) for number in range(6)]
        self._taken: list[StandInServer] = []

    def run(self, case: Base) -> None:
        candidates: tuple[IServer, ...] = tuple(self._servers)
        for number in range(300):
            if self._random.random() < 0.3:
                candidates = self._changed(number)
            exchange = stand_in_exchange(b"/%d" % number, client=f"203.0.113.{number % 250}")
            picked = self._balancer.pick(candidates, exchange)
            case.assertIn(picked, candidates)
            server = cast(StandInServer, picked)
            server.occupy()
            self._taken.append(server)
            while len(self._taken) > 8:
                self._end_one()

    def _server(self, number: int) -> StandInServer:
        server = StandInServer(f"http://127.0.0.1:{9000 + number}", self._random.randint(1, 5))
        if self._told and ILoadObserver.providedBy(self._balancer):
            server.observer = cast(ILoadObserver, self._balancer)
        return server

    def _changed(self, number: int) -> tuple[IServer, ...]:
        """
        @return: other candidates than before.
        """
        changed = self._random.randrange(len(self._servers))
        if self._random.random() < 0.5:
            self._servers[changed].weight = self._random.randint(1, 5)
        else:
            self._tell(self._servers[changed], "forgotten")
            self._servers[changed] = self._server(10 + number)
        some = self._random.sample(self._servers, self._random.randint(1, len(self._servers)))
        return tuple(server for server in self._servers if server in some)

    def _end_one(self) -> None:
        server = self._taken.pop(self._random.randrange(len(self._taken)))
        self._tell(server, self._random.choice(("answered", "failed")))
        server.vacate()

    def _tell(self, server: StandInServer, event: str) -> None:
        if self._told:
            _tell(self._balancer, server, event)


def _tell(balancer: IBalancer, server: IServer, *events: str) -> None:
    """
    Tell a balancer what became of a server, as far as it wants to know.
    """
    arguments = {"answered": (200, 0.1), "failed": (UpstreamRefused("for a test"), 0.1)}
    for event in events:
        for interface in (ILoadObserver, IOutcomeObserver):
            if event in interface and interface.providedBy(balancer):
                getattr(balancer, event)(server, *arguments.get(event, ()))
                break
