from __future__ import annotations

from collections import Counter
from random import Random

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.least_connections import STALE_BESIDE, LeastConnections
from revproxy.testing import (
    StandInServer,
    WeightedBalancerContract,
    stand_in_exchange,
    stand_in_servers,
)
from tests.components.balancers.loads import SharesTestCase, equal_service, told


class LeastConnectionsContractTests(WeightedBalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> LeastConnections:
        return LeastConnections()


class LeastConnectionsTests(SharesTestCase):
    @override
    def setUp(self) -> None:
        self.balancer = LeastConnections()
        self.servers = told(self.balancer, stand_in_servers(1, 1, 1))
        self.candidates = tuple(self.servers)

    def occupy(self, times: int = 1) -> str:
        """
        Whom the balancer picks, each as the letter of its place; all stay busy.
        """
        taken = ""
        for _ in range(times):
            server = self.balancer.pick(self.candidates, stand_in_exchange())
            place = self.candidates.index(server)
            self.servers[place].occupy()
            taken += "abc"[place]
        return taken

    def test_the_least_busy(self) -> None:
        """
        The server with the least exchanges is taken.
        """
        self.assertEqual(self.occupy(6), "abcabc")
        self.servers[1].vacate()
        self.assertEqual(self.occupy(), "b")
        for _ in range(2):
            self.servers[2].vacate()
        self.assertEqual(self.occupy(2), "cc")

    def test_turns_between_equals(self) -> None:
        """
        Servers that are idle whenever a request comes take turns.
        """
        for expected in "abcabc":
            self.assertEqual(self.occupy(), expected)
            self.servers["abc".index(expected)].vacate()

    def test_busy_by_others(self) -> None:
        """
        Exchanges that were not given by it count, too, as those of clients that stay with
        their server.
        """
        for _ in range(2):
            self.servers[0].occupy()
        self.assertEqual(self.occupy(4), "bcbc")

    def test_no_credit(self) -> None:
        """
        A server that was busy for long does not get all requests once it is idle.
        """
        self.occupy(3)
        for _ in range(50):
            for server in self.servers[1:]:
                server.vacate()
            self.occupy(2)
        for server in self.servers:
            server.vacate()
        taken = ""
        for _ in range(30):
            taken += self.occupy()
            self.servers["abc".index(taken[-1])].vacate()
        self.assertLessEqual(max(Counter(taken).values()), 11)

    def test_weighted(self) -> None:
        """
        A server of three times the weight has three times the exchanges.
        """
        self.servers = told(self.balancer, stand_in_servers(3, 1))
        self.candidates = tuple(self.servers)
        self.assertEqual(Counter(self.occupy(40)), Counter(a=30, b=10))

    def test_shares(self) -> None:
        """
        Where all exchanges take as long, servers have their shares.
        """
        shares = equal_service(self.balancer, stand_in_servers(5, 1, 3, 1), busy=200, picks=10_000)
        self.assertShares(shares, (0.5, 0.1, 0.3, 0.1))

    def test_nobody_tells(self) -> None:
        """
        Where it is not told of loads it asks each time.
        """
        servers = [StandInServer(f"http://{number}.test") for number in range(4)]
        candidates = tuple(servers)
        random = Random(3)
        for _ in range(200):
            for server in servers:
                server.active = random.randrange(4)
            picked = self.balancer.pick(candidates, stand_in_exchange())
            self.assertEqual(picked.active, min(server.active for server in servers))

    def test_bounded(self) -> None:
        """
        Entries that count no more do not pile up.
        """
        random = Random(3)
        self.occupy(60)
        for _ in range(2000):
            busy = [server for server in self.servers if server.active]
            random.choice(busy).vacate()
            self.occupy()
            self.assertLessEqual(len(self.balancer._heap), 2 * 3 + STALE_BESIDE + 1)
