from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis.strategies import integers, lists
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.round_robin import MOST_AWAY, RoundRobin
from revproxy.interfaces import IServer
from revproxy.testing import (
    StandInServer,
    WeightedBalancerContract,
    stand_in_exchange,
    stand_in_servers,
)


class RoundRobinContractTests(WeightedBalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> RoundRobin:
        return RoundRobin()


class RoundRobinTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.balancer = RoundRobin()

    def picks(self, candidates: Sequence[IServer], times: int, names: Sequence[IServer] | None = None) -> str:
        """
        Whom the balancer picks, each as the letter of its place among all servers.
        """
        exchange = stand_in_exchange()
        every = names or candidates
        return "".join("abcdef"[every.index(self.balancer.pick(candidates, exchange))] for _ in range(times))

    def test_turns(self) -> None:
        """
        Servers of the same weight take turns in the order of the file.
        """
        self.assertEqual(self.picks(stand_in_servers(1, 1, 1), 7), "abcabca")
        self.balancer = RoundRobin()
        self.assertEqual(self.picks(stand_in_servers(9, 9), 3), "aba")

    def test_smooth(self) -> None:
        """
        The turns of a heavy server are spread.
        """
        self.assertEqual(self.picks(stand_in_servers(5, 1, 1), 14), "aaabaac" * 2)

    def test_goes_on_where_it_was(self) -> None:
        """
        When a server leaves, its turn passes to the next, and nobody starts over.  Once it
        is back, it has the turn that it was about to have.
        """
        servers = stand_in_servers(1, 1, 1, 1)
        self.assertEqual(self.picks(servers, 2, servers), "ab")
        self.assertEqual(self.picks([servers[0], servers[1], servers[3]], 2, servers), "da")
        self.assertEqual(self.picks(list(servers), 4, servers), "cbda")

    def test_last_one_leaves(self) -> None:
        """
        The server whose turn it was may be the one that leaves.
        """
        servers = stand_in_servers(1, 1, 1)
        self.assertEqual(self.picks(servers, 2, servers), "ab")
        self.assertEqual(self.picks([servers[0], servers[2]], 3, servers), "cac")

    def test_fair_while_servers_come_and_go(self) -> None:
        """
        Candidates that change at every request leave nobody out.
        """
        servers = stand_in_servers(1, 1, 1)
        exchange = stand_in_exchange()
        counted = Counter(self.balancer.pick(list(servers), exchange) for _ in range(300))
        self.assertEqual(set(counted.values()), {100})

    def test_weights_while_servers_come_and_go(self) -> None:
        """
        So do weights hold then.
        """
        servers = stand_in_servers(3, 2, 1)
        exchange = stand_in_exchange()
        counted = Counter(self.balancer.pick(list(servers), exchange) for _ in range(600))
        self.assertEqual([counted[server] for server in servers], [300, 200, 100])

    def test_from_weighted_to_alike(self) -> None:
        """
        When those of the same weight are left they take turns.
        """
        servers = stand_in_servers(5, 1, 1)
        self.assertEqual(self.picks(servers, 4, servers), "aaab")
        self.assertEqual(self.picks(servers[1:], 4, servers), "cbcb")

    def test_there_for_a_moment(self) -> None:
        """
        A server that is there at every second request alone gets its share of those.
        """
        servers = stand_in_servers(1, 1, 1, 1)
        exchange = stand_in_exchange()
        counted: Counter[IServer] = Counter()
        for turn in range(800):
            candidates = servers if turn % 2 else servers[:3]
            counted[self.balancer.pick(list(candidates), exchange)] += 1
        self.assertLess(abs(counted[servers[3]] - 100), 3)

    def test_forgets_who_is_gone(self) -> None:
        """
        What is remembered of servers that are away is bounded.
        """
        exchange = stand_in_exchange()
        for number in range(MOST_AWAY):
            servers = [StandInServer(f"http://{number}.test:{port}") for port in (1, 2, 3)]
            self.balancer.pick(servers, exchange)
        self.assertEqual(len(self.balancer._away), MOST_AWAY)
        self.assertIn(f"http://{MOST_AWAY - 2}.test:3", self.balancer._away)

    @given(lists(integers(1, 20), min_size=1, max_size=6))
    def test_exact_in_every_round(self, weights: list[int]) -> None:
        """
        In as many picks as all weights together each server has exactly its weight.
        """
        balancer = RoundRobin()
        servers = stand_in_servers(*weights)
        exchange = stand_in_exchange()
        for _ in range(2):
            counted = Counter(balancer.pick(servers, exchange) for _ in range(sum(weights)))
            self.assertEqual([counted[server] for server in servers], weights)
