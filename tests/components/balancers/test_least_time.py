from __future__ import annotations

from random import Random
from typing import cast

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.least_time import STRANGERS_BESIDE, LeastTime
from revproxy.errors import UpstreamOvertaken, UpstreamRefused
from revproxy.interfaces import IServer
from revproxy.testing import (
    StandInServer,
    WeightedBalancerContract,
    stand_in_exchange,
    stand_in_servers,
)


class LeastTimeContractTests(WeightedBalancerContract, SynchronousTestCase):
    @override
    def make_balancer(self) -> LeastTime:
        return LeastTime(Random(1), Clock(), decay=10.0, failure=1.0)


class LeastTimeTests(SynchronousTestCase):
    """
    Two servers, so that both are drawn each time.
    """

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.balancer = LeastTime(Random(1), self.clock, decay=10.0, failure=1.0)
        self.one, self.other = self.servers = [
            cast(StandInServer, server) for server in stand_in_servers(1, 1)
        ]
        self.candidates: tuple[IServer, ...] = tuple(self.servers)
        self.picked()

    def picked(self) -> set[IServer]:
        """
        Whom it picks, whoever is drawn first.
        """
        return {self.balancer.pick(self.candidates, stand_in_exchange()) for _ in range(20)}

    def answer(self, one: float, other: float, status: int = 200) -> None:
        self.balancer.answered(self.one, status, one)
        self.balancer.answered(self.other, 200, other)

    def test_the_faster(self) -> None:
        """
        The faster server is taken.
        """
        self.answer(0.1, 0.2)
        self.assertEqual(self.picked(), {self.one})

    def test_overtaken(self) -> None:
        """
        A server that another has overtaken takes longer than it has taken until then, which
        is less than a failure counts as, and nothing where it was known to be slower.
        """
        self.answer(0.1, 0.2)
        self.balancer.failed(self.one, UpstreamOvertaken(), 0.15)
        self.assertEqual(self.picked(), {self.one})
        self.balancer.failed(self.one, UpstreamOvertaken(), 0.3)
        self.balancer.failed(self.one, UpstreamOvertaken(), 0.01)
        self.assertEqual(self.picked(), {self.other})

    def test_load_counts(self) -> None:
        """
        One that is twice as fast is taken until it would have more than twice as many.
        """
        self.answer(0.1, 0.2)
        self.one.active, self.other.active = 2, 1
        self.assertEqual(self.picked(), {self.one})
        self.one.active = 4
        self.assertEqual(self.picked(), {self.other})

    def test_weight_counts(self) -> None:
        """
        One of three times the weight is taken though it takes twice as long.
        """
        self.one.weight, self.candidates = 3, tuple(self.servers)
        self.answer(0.2, 0.1)
        self.assertEqual(self.picked(), {self.one})

    def test_peaks_count_at_once(self) -> None:
        """
        A slow answer counts whole, and many quick ones at the same moment do not make up
        for it; with time they do.
        """
        self.answer(0.1, 0.2)
        self.answer(0.3, 0.2)
        for _ in range(100):
            self.answer(0.1, 0.2)
        self.assertEqual(self.picked(), {self.other})
        for _ in range(20):
            self.clock.advance(1)
            self.answer(0.1, 0.2)
        self.assertEqual(self.picked(), {self.one})

    def test_refusals_are_not_fast(self) -> None:
        """
        A server that refuses at once is not fast for that, nor is one that says that it is sick.
        """
        self.answer(0.1, 0.2)
        self.balancer.failed(self.one, UpstreamRefused("Connection refused"), 0.0)
        self.assertEqual(self.picked(), {self.other})
        for status in (500, 502, 503, 504):
            self.setUp()
            self.answer(0.001, 0.2, status)
            self.assertEqual(self.picked(), {self.other}, status)
        self.setUp()
        self.answer(0.001, 0.2, 404)
        self.assertEqual(self.picked(), {self.one})

    def test_slow_failures(self) -> None:
        """
        A failure that took longer counts as long as it took.
        """
        self.balancer.failed(self.one, UpstreamRefused("timed out"), 5.0)
        self.balancer.failed(self.other, UpstreamRefused("timed out"), 4.0)
        self.assertEqual(self.picked(), {self.other})

    def test_forgives(self) -> None:
        """
        A server that is left alone is tried again after a time, with one request.
        """
        self.answer(0.1, 1.0)
        self.assertEqual(self.picked(), {self.one})
        for _ in range(25):
            self.clock.advance(1)
            self.balancer.answered(self.one, 200, 0.1)
        self.assertEqual(self.picked(), {self.other})
        self.other.active = 1
        self.assertEqual(self.picked(), {self.one})

    def test_silence_is_not_forgiven(self) -> None:
        """
        One that has exchanges and answers none becomes no better by that.
        """
        self.answer(0.1, 0.1)
        self.one.active = 1
        for _ in range(100):
            self.clock.advance(1)
            self.balancer.answered(self.other, 200, 0.1)
            self.other.active = 0
            self.assertEqual(self.picked(), {self.other})

    def test_new_servers(self) -> None:
        """
        One that nothing is known of comes first, with a single request.
        """
        self.balancer.answered(self.one, 200, 0.1)
        self.assertEqual(self.picked(), {self.other})
        self.other.active = 1
        self.assertEqual(self.picked(), {self.one})
        self.one.active = 1000
        self.assertEqual(self.picked(), {self.one})

    def test_only_strangers(self) -> None:
        """
        Of two that nothing is known of the less busy one is taken.
        """
        self.one.active, self.other.active = 2, 1
        self.assertEqual(self.picked(), {self.other})

    def test_remembers_who_is_away(self) -> None:
        """
        What a server took is known when it comes back.
        """
        self.answer(0.2, 0.1)
        third = StandInServer("http://third")
        self.balancer.pick((self.one, third), stand_in_exchange())
        self.assertEqual(self.picked(), {self.other})

    def test_forgets(self) -> None:
        """
        Who was forgotten is new when it comes back; what it still had to answer does not count.
        """
        self.answer(0.2, 0.1)
        self.balancer.forgotten(self.one)
        self.balancer.answered(self.one, 200, 9.0)
        self.assertEqual(list(self.balancer._taken), [self.other])
        self.candidates = tuple(self.servers)
        self.assertEqual(self.picked(), {self.one})

    def test_remembers_many(self) -> None:
        """
        So it is of any number of servers, as where few have room at the moment.
        """
        servers = [StandInServer(f"http://{number}.test") for number in range(4 * STRANGERS_BESIDE)]
        self.balancer.pick(tuple(servers), stand_in_exchange())
        for server in servers:
            self.balancer.answered(server, 200, 0.1)
        self.balancer.pick(tuple(servers[:2]), stand_in_exchange())
        self.assertLessEqual(set(servers), self.balancer._taken.keys())

    def test_bounded(self) -> None:
        """
        Where nobody says that servers are forgotten, they are at some time.
        """
        for number in range(1000):
            servers = tuple(StandInServer(f"http://{number}.test:{port}") for port in (1, 2))
            self.balancer.pick(servers, stand_in_exchange())
        self.assertLessEqual(len(self.balancer._taken), 2 * 2 + STRANGERS_BESIDE)
