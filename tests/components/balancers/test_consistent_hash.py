from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.consistent_hash import MOST_LOOKED_AT, STRANGERS_BESIDE, ConsistentHash
from revproxy.components.balancers.first import First
from revproxy.components.balancers.least_connections import LeastConnections
from revproxy.components.balancers.round_robin import RoundRobin
from revproxy.config.keys import RequestKey
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.testing import BalancerContract, StandInServer, stand_in_exchange, stand_in_servers
from tests.components.balancers.loads import SharesTestCase, told

PATH = RequestKey("path")


class ConsistentHashContractTests(BalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> ConsistentHash:
        return ConsistentHash(PATH, RoundRobin())


class ConsistentHashOfFewContractTests(BalancerContract, SynchronousTestCase):
    """
    Most requests have no key here.
    """

    @override
    def make_balancer(self) -> ConsistentHash:
        return ConsistentHash(RequestKey("query", b"id"), LeastConnections())


def a_request(number: int = 0) -> Exchange:
    return stand_in_exchange(b"/%d" % number)


def mapping(balancer: IBalancer, servers: Sequence[IServer], keys: int = 2000) -> list[IServer]:
    """
    The server of each key, while all are idle.
    """
    candidates = tuple(servers)
    return [balancer.pick(candidates, a_request(number)) for number in range(keys)]


class MovedKeysTests(SynchronousTestCase):
    def test_one_is_taken_away(self) -> None:
        """
        Where one of N servers cannot be used, at most 1/N + 5 % of the keys move, and they
        come back with it.
        """
        for count in (2, 3, 10, 100):
            servers = stand_in_servers(*[1] * count)
            for gone in {0, count // 2, count - 1}:
                balancer = ConsistentHash(PATH, RoundRobin())
                before = mapping(balancer, servers)
                without = [server for server in servers if server is not servers[gone]]
                after = mapping(balancer, without)
                moved = [old for old, new in zip(before, after, strict=True) if old is not new]
                self.assertEqual(set(moved), {servers[gone]})
                self.assertLessEqual(len(moved) / len(before), 1 / count + 0.05, (count, gone))
                self.assertEqual(mapping(balancer, servers), before)

    def test_one_is_added(self) -> None:
        """
        A server that comes takes keys from all others, and moves none between them.
        """
        servers = stand_in_servers(1, 1, 1, 1, 1)
        balancer = ConsistentHash(PATH, RoundRobin())
        before, after = mapping(balancer, servers[:4]), mapping(balancer, servers)
        moved = [(old, new) for old, new in zip(before, after, strict=True) if old is not new]
        self.assertEqual({new for _, new in moved}, {servers[4]})
        self.assertEqual({old for old, _ in moved}, set(servers[:4]))

    def test_another_worker(self) -> None:
        """
        Another process that has the servers in another order has the same mapping.
        """
        servers = stand_in_servers(1, 2, 3)
        one = mapping(ConsistentHash(PATH, RoundRobin()), servers)
        self.assertEqual(mapping(ConsistentHash(PATH, RoundRobin()), servers[::-1]), one)

    def test_forgotten(self) -> None:
        """
        A server that is forgotten has no points any more; nor have strangers, once there
        are many and nobody tells.
        """
        servers = stand_in_servers(1, 1, 1)
        balancer = ConsistentHash(PATH, RoundRobin())
        mapping(balancer, servers, 1)
        balancer.forgotten(servers[0])
        mapping(balancer, servers[1:], 1)
        self.assertEqual(set(balancer._ring.numbers), {server.name for server in servers[1:]})
        for number in range(200):
            mapping(balancer, [StandInServer(f"http://{number}.test"), *servers], 1)
        self.assertLessEqual(len(balancer._ring.numbers), 2 * 4 + STRANGERS_BESIDE)

    def test_few_have_room(self) -> None:
        """
        The circle stays as it is where few of many servers have room at the moment.
        """
        balancer = ConsistentHash(PATH, RoundRobin())
        servers = told(balancer, stand_in_servers(*[1] * 200))
        cast(StandInServer, balancer.pick(tuple(servers), a_request())).occupy()
        cast(StandInServer, balancer.pick(tuple(servers[:2]), a_request())).occupy()
        self.assertEqual(len(balancer._ring.numbers), 200)


class SharesTests(SharesTestCase):
    def test_whole_weight(self) -> None:
        """
        Keys are shared out by what servers weigh once they have started.
        """
        servers = stand_in_servers(1, 3, 1)
        servers[1].weight = 1
        counted = Counter(mapping(ConsistentHash(PATH, RoundRobin()), servers, 4000))
        self.assertShares([counted[server] / 4000 for server in servers], (0.2, 0.6, 0.2), within=0.05)

    def test_scaled_weights(self) -> None:
        """
        What weights are multiplied with for the sake of a slow start moves no key.
        """
        servers = stand_in_servers(1, 3, 1)
        before = mapping(ConsistentHash(PATH, RoundRobin()), servers, 400)
        for server in servers:
            server.weight_scale = 100
            server.weight = server.whole_weight = 100 * server.whole_weight
        self.assertEqual(mapping(ConsistentHash(PATH, RoundRobin()), servers, 400), before)


class BoundTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.balancer = ConsistentHash(PATH, RoundRobin())
        self.servers = told(self.balancer, stand_in_servers(1, 1, 1, 1))
        self.candidates: tuple[IServer, ...] = tuple(self.servers)

    def occupy(self, number: int = 0) -> StandInServer:
        server = cast(StandInServer, self.balancer.pick(self.candidates, a_request(number)))
        server.occupy()
        return server

    def test_one_key(self) -> None:
        """
        A key that everybody asks for is spread, so that nobody has more than 1.25 times
        its share.
        """
        for total in range(1, 400):
            self.occupy()
            most = max(server.active for server in self.servers)
            self.assertLess(most - 1, 1.25 * total / 4)
        self.assertEqual(sum(server.active > 0 for server in self.servers), 4)

    def test_comes_back(self) -> None:
        """
        Once the key's own server has room it gets the key again.
        """
        own = self.occupy()
        while self.occupy() is own:
            pass
        for server in self.servers:
            while server.active:
                server.vacate()
        self.assertIs(self.occupy(), own)

    def test_told(self) -> None:
        """
        The exchange is told where it does not go to its key's own server.
        """
        own = self.occupy()
        exchange = a_request()
        self.assertIsNot(self.balancer.pick(self.candidates, exchange), own)
        self.assertEqual(exchange.why, [f"consistent-hash: {own.name} has more than its share"])

    def test_present_weight(self) -> None:
        """
        A server that starts slowly is full with little.
        """
        own = self.occupy()
        for server in self.servers:
            server.weight = server.whole_weight = 100
        own.weight = 1
        self.candidates = tuple(self.servers)
        for number in range(1, 100):
            self.occupy(number)
        for _ in range(20):
            self.occupy()
        self.assertLess(own.active, 3)

    def test_no_bound(self) -> None:
        """
        Without a bound a key stays with its server.
        """
        self.balancer = ConsistentHash(PATH, RoundRobin(), bound=None)
        self.servers = told(self.balancer, self.servers)
        self.assertEqual(len({self.occupy() for _ in range(50)}), 1)

    def test_nobody_tells(self) -> None:
        """
        Where it is not told of loads it asks each time.
        """
        for server in self.servers:
            server.observer = None
        own = self.occupy()
        self.assertIsNot(self.occupy(), own)
        for server in self.servers:
            server.active = 0
        self.assertIs(self.occupy(), own)

    def test_busy_by_others(self) -> None:
        """
        Exchanges that were not given by it count, too.
        """
        own = self.occupy()
        for server in self.servers:
            if server is not own:
                server.occupy()
                server.occupy()
        self.assertIs(self.occupy(), own)

    def test_nobody_has_room(self) -> None:
        """
        Where loads are not what it believes, the least busy of those that it looked at is
        taken after a while.
        """
        servers = [StandInServer(f"http://{number}.test") for number in range(2 * MOST_LOOKED_AT)]
        candidates = tuple(servers)
        self.balancer.pick(candidates, a_request())
        self.balancer.occupied(cast(IServer, self.balancer._untold))
        for number, server in enumerate(servers):
            server.active = 10 + number % 7
        picked = self.balancer.pick(candidates, a_request())
        self.assertEqual(picked.active, 10)


class FallbackTests(SynchronousTestCase):
    def test_no_key(self) -> None:
        """
        Requests without the key go where the fallback says.
        """
        servers = stand_in_servers(1, 1, 1)
        candidates = tuple(servers)
        balancer = ConsistentHash(RequestKey("header", b"x-id"), First())
        picked = {balancer.pick(candidates, a_request(number)) for number in range(20)}
        self.assertEqual(picked, {servers[0]})
        keyed = {
            balancer.pick(candidates, stand_in_exchange(fields=[(b"x-id", b"%d" % number)]))
            for number in range(20)
        }
        self.assertEqual(keyed, set(servers))

    def test_hears(self) -> None:
        """
        The fallback hears of loads, those that the hash gave included.
        """
        balancer = ConsistentHash(RequestKey("query", b"id"), LeastConnections())
        servers = told(balancer, stand_in_servers(1, 1, 1))
        candidates = tuple(servers)
        for _ in range(4):
            cast(StandInServer, balancer.pick(candidates, stand_in_exchange(b"/?id=1"))).occupy()
        for _ in range(9):
            cast(StandInServer, balancer.pick(candidates, a_request())).occupy()
        loads = [server.active for server in servers]
        self.assertLessEqual(max(loads) - min(loads), 1)
