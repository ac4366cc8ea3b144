from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides, implementer

from revproxy.components.balancers.round_robin import RoundRobin
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, ILoadObserver, IServer
from revproxy.testing import BalancerContract, StandInServer, WeightedBalancerContract
from tests.testing.verdict import broken_by


@implementer(IBalancer)
class Stranger:
    """
    Picks a server of its own.
    """

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        return StandInServer()


@implementer(IBalancer)
class Faithful:
    """
    Stays with whom it picked first.
    """

    first: IServer | None = None

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        self.first = self.first or candidates[0]
        return self.first


@implementer(IBalancer)
class Taker:
    """
    Takes a candidate away.
    """

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        assert isinstance(candidates, list)
        taken: IServer = candidates.pop() if len(candidates) > 1 else candidates[0]
        return taken


@implementer(IBalancer)
class Gambler:
    """
    Has chance of its own.
    """

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        return Random().choice(candidates)


@implementer(IBalancer)
class Claimant:
    """
    Says that it hears of loads, and does not.
    """

    def __init__(self) -> None:
        directlyProvides(self, IBalancer, ILoadObserver)

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        return candidates[0]


@implementer(IBalancer, ILoadObserver)
class Bookkeeper:
    """
    Believes that nobody is busy but whom it was told of, and that it knows them all.
    """

    def __init__(self) -> None:
        self.loads: dict[IServer, int] = {}

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        for server in candidates:
            self.loads.setdefault(server, 0)
        return min(self.loads, key=self.loads.__getitem__)

    def occupied(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.occupied}.
        """
        self.loads[server] += 1

    def vacated(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.vacated}.
        """
        self.loads[server] -= 1

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.forgotten}.
        """
        del self.loads[server]


class BalancerContractTests(SynchronousTestCase):
    """
    Each clause of the contract is broken by a balancer that breaks it.
    """

    def broken(self, make: Callable[[], object], contract: type = BalancerContract) -> set[str]:
        return broken_by(contract, make_balancer=make)

    def test_kept(self) -> None:
        """
        A balancer that keeps the contract passes.
        """
        self.assertEqual(self.broken(RoundRobin, WeightedBalancerContract), set())

    def test_no_balancer(self) -> None:
        """
        What is no balancer is found out.
        """
        self.assertIn("test_provides_its_interface", self.broken(object))

    def test_stranger(self) -> None:
        """
        One that picks no candidate is found out.
        """
        self.assertLessEqual({"test_picks_a_candidate", "test_one_candidate"}, self.broken(Stranger))

    def test_faithful(self) -> None:
        """
        One that does not see that servers change is found out.
        """
        self.assertEqual(
            self.broken(Faithful),
            {
                "test_busy_servers",
                "test_candidates_come_and_go",
                "test_nobody_tells",
                "test_other_servers",
                "test_told_of_strangers",
            },
        )

    def test_taker(self) -> None:
        """
        One that changes the candidates is found out.
        """
        self.assertIn("test_picks_a_candidate", self.broken(Taker))

    def test_claimant(self) -> None:
        """
        One that does not provide all that it says is found out.
        """
        self.assertIn("test_provides_what_it_says", self.broken(Claimant))

    def test_bookkeeper(self) -> None:
        """
        One that relies on being told is found out, and so is one that knows no strangers.
        """
        found = {"test_busy_servers", "test_nobody_tells", "test_told_of_strangers"}
        self.assertLessEqual(found, self.broken(Bookkeeper))

    def test_gambler(self) -> None:
        """
        One that has chance of its own is found out, and so is one that has no regard for weights.
        """
        self.assertEqual(
            self.broken(Gambler, WeightedBalancerContract),
            {"test_same_calls_same_picks", "test_spread_by_weight"},
        )
