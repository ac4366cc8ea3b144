"""
Tests of L{revproxy.flow.judging.breaker}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy import errors
from revproxy.flow.conditions import Conditions
from revproxy.flow.judging.breaker import BreakerTerms, CircuitBreaker
from revproxy.flow.pool.events import Events
from revproxy.testing import StandInServer

TERMS = BreakerTerms(failure_rate=0.5, window=10.0, least=4, open_for=5.0, trials=2)


class BreakerCase(SynchronousTestCase):
    terms = TERMS

    def setUp(self) -> None:
        self.clock = Clock()
        self.events = Events("app")
        self.breaker = CircuitBreaker(self.clock.seconds, self.terms, self.events)
        self.server = StandInServer()

    def ask(self, *statuses: int, seconds: float = 0.0) -> None:
        """
        Let exchanges through that are answered so.
        """
        for status in statuses:
            self.breaker.admit()
            self.breaker.answered(self.server, status, seconds)

    def refused(self) -> int | None:
        """
        @return: after how many seconds to ask again; C{None} where an exchange is let through.
        """
        try:
            self.breaker.admit()
        except errors.CircuitOpen as error:
            self.assertEqual(error.status, 503)
            return error.retry_after
        return None

    def states(self) -> dict[str, int]:
        return {name: self.events.counts[name] for name in ("opens", "half-opens", "closes")}


class ClosedTests(BreakerCase):
    def test_all_is_well(self) -> None:
        """
        As long as little fails everything is let through.
        """
        self.ask(*[200, 500, 200] * 20)
        self.assertIsNone(self.refused())

    def test_too_few(self) -> None:
        """
        Of a few exchanges nothing is concluded.
        """
        self.ask(500, 500, 500)
        self.assertIsNone(self.refused())

    def test_overtaken(self) -> None:
        """
        What another server has answered came to something.
        """
        for _ in range(20):
            self.breaker.failed(self.server, errors.UpstreamOvertaken(), 0.0)
        self.assertIsNone(self.refused())

    def test_opens(self) -> None:
        """
        At the given share of failures nothing is let through, and clients are told
        when to come again.
        """
        self.ask(200, 500, 200, 500)
        self.assertEqual(self.refused(), 5)
        self.clock.advance(3.5)
        self.assertEqual(self.refused(), 2)
        self.assertEqual(self.states(), {"opens": 1, "half-opens": 0, "closes": 0})
        self.assertEqual(self.events.counts["circuit-refused"], 2)

    def test_errors(self) -> None:
        """
        What fails without an answer counts, too, where it is a server's doing.
        """
        for error in (errors.UpstreamRefused(), errors.UpstreamTimeout(), errors.RequestTimeout()):
            self.breaker.failed(self.server, error, 0.0)
        self.ask(500)
        self.assertIsNone(self.refused())
        self.breaker.failed(self.server, errors.UpstreamGone(), 0.0)
        self.assertIsNotNone(self.refused())

    def test_old_failures(self) -> None:
        """
        What is longer ago than the window does not count.
        """
        self.ask(500, 500, 500)
        self.clock.advance(10.0)
        self.ask(500)
        self.assertIsNone(self.refused())


class LatencyTests(BreakerCase):
    terms = BreakerTerms(latency=1.0, least=4, on=Conditions())

    def test_slow(self) -> None:
        """
        Answers that take too long open it, where a time is set.
        """
        self.ask(200, 200, seconds=0.9)
        self.ask(200, 200, seconds=1.0)
        self.assertIsNotNone(self.refused())


class HalfOpenTests(BreakerCase):
    def setUp(self) -> None:
        super().setUp()
        self.ask(500, 500, 500, 500)
        self.clock.advance(5.0)

    def test_a_few(self) -> None:
        """
        After its time a few are let through, and no more until they are back.
        """
        self.assertEqual([self.refused() is None for _ in range(4)], [True, True, False, False])
        self.assertEqual(self.events.counts["half-opens"], 1)

    def test_closes(self) -> None:
        """
        If all of them go well everything is let through again, and what was before counts
        no more.
        """
        self.ask(200, 200)
        self.ask(500, 500, 500)
        self.assertIsNone(self.refused())
        self.assertEqual(self.states(), {"opens": 1, "half-opens": 1, "closes": 1})

    def test_opens_again(self) -> None:
        """
        If one fails nothing is let through for as long as before.
        """
        self.ask(200, 500)
        self.assertEqual(self.refused(), 5)
        self.assertEqual(self.states(), {"opens": 2, "half-opens": 1, "closes": 0})

    def test_late_failures(self) -> None:
        """
        What began before it opened says nothing.
        """
        self.assertIsNone(self.refused())
        self.breaker.answered(self.server, 504, 60.0)
        self.breaker.failed(self.server, errors.UpstreamTimeout(), 60.0)
        self.assertEqual(self.events.counts["opens"], 1)

    def test_trials_that_do_not_come_back(self) -> None:
        """
        Those whose clients left keep it half-open no longer than it would be open.
        """
        self.refused(), self.refused()
        self.assertEqual(self.refused(), 5)
        self.clock.advance(5.0)
        self.assertIsNone(self.refused())
        self.assertEqual(self.events.counts["half-opens"], 1)
