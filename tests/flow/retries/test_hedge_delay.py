"""
Tests of L{revproxy.flow.retries.hedge_delay}.
"""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import UpstreamOvertaken, UpstreamRefused
from revproxy.exchange import Request
from revproxy.flow.retries.hedge_delay import ENOUGH, REMEMBERED, HedgeDelay
from revproxy.testing import StandInServer
from tests.fakes import an_exchange

SERVER = StandInServer()


def request(method: bytes = b"GET", length: int | None = None) -> Request:
    return an_exchange(None, method, length=length).request


class HedgeDelayTests(SynchronousTestCase):
    def test_fixed(self) -> None:
        """
        A fixed time is that for every request that changes nothing.
        """
        delay = HedgeDelay(0.05)
        for method in (b"GET", b"HEAD", b"OPTIONS"):
            self.assertEqual(delay.delay_for(request(method)), 0.05)

    def test_not_for_others(self) -> None:
        """
        Pitfall 30: what may change something, or has a body, goes to one server alone.
        """
        delay = HedgeDelay(0.05)
        for asked in (request(b"POST"), request(b"PUT"), request(b"DELETE"), request(b"GET", 3)):
            self.assertIsNone(delay.delay_for(asked))

    def test_share(self) -> None:
        """
        The time within which a share of the last answers came, once enough are known.
        """
        delay = HedgeDelay(share=0.95)
        for number in range(ENOUGH - 1):
            delay.answered(SERVER, 200, number / 100)
        self.assertIsNone(delay.delay_for(request()))
        delay.answered(SERVER, 200, 0.99)
        self.assertEqual(delay.delay_for(request()), 0.95)

    def test_least(self) -> None:
        """
        It does not come to less than is said.
        """
        delay = HedgeDelay(0.5, share=0.9)
        for _ in range(ENOUGH):
            delay.answered(SERVER, 200, 0.001)
        self.assertEqual(delay.delay_for(request()), 0.5)

    def test_given_up(self) -> None:
        """
        One that was given up took so long at least; one that failed says nothing.
        """
        delay = HedgeDelay(share=0.5)
        for _ in range(ENOUGH):
            delay.failed(SERVER, UpstreamOvertaken(), 0.2)
            delay.failed(SERVER, UpstreamRefused(), 9.0)
        self.assertEqual(delay.delay_for(request()), 0.2)

    def test_share_of_hedges(self) -> None:
        """
        With a percentile of 95 a twentieth of the requests goes to a second server, however
        many of these come to win.
        """
        random, delay, hedged = Random(2), HedgeDelay(share=0.95), 0
        for number in range(40_000):
            first, second = random.expovariate(100.0), random.expovariate(100.0)
            waited = delay.delay_for(request())
            if waited is not None and waited + second < first:
                delay.failed(SERVER, UpstreamOvertaken(), waited + second)
            else:
                delay.answered(SERVER, 200, first)
            if number >= 20_000 and waited is not None and first > waited:
                hedged += 1
        self.assertTrue(0.04 < hedged / 20_000 < 0.06)

    def test_forgets(self) -> None:
        """
        Only the last answers count, and no more of them are kept.
        """
        delay = HedgeDelay(share=0.5)
        for seconds in (9.0, 1.0):
            for _ in range(REMEMBERED):
                delay.answered(SERVER, 200, seconds)
        self.assertEqual(delay.delay_for(request()), 1.0)
        self.assertEqual(len(delay._times), REMEMBERED)
