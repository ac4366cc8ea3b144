"""
Tests of L{revproxy.flow.relay}: what those hear who judge servers.
"""

from __future__ import annotations

from revproxy import errors
from revproxy.exchange import Response
from revproxy.flow.judging.breaker import BreakerTerms, CircuitBreaker
from revproxy.flow.judging.outliers import OutlierDetection, OutlierTerms
from revproxy.flow.pool.events import Events
from revproxy.flow.retries.policy import RetryTerms
from revproxy.wire.fields import Fields
from revproxy.wire.upgrade import websocket_accept
from tests.fakes import RecordingDownstream, a_response, an_exchange
from tests.flow.relay_case import RelayCase
from tests.flow.tunnel_ends import SwitchingDownstream, TunnelConnection
from tests.flow.upstream_side import RecordingConnection, an_upstream

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]


class JudgedCase(RelayCase):
    outlier_terms = OutlierTerms(consecutive=3)
    retry = RetryTerms(tries=1)

    def setUp(self) -> None:
        super().setUp()
        self.events = Events("app")
        self.outliers = OutlierDetection(self.clock, self.outlier_terms, self.events)
        terms = BreakerTerms(failure_rate=1.0, least=4, trials=1)
        self.breaker = CircuitBreaker(self.clock.seconds, terms, self.events)
        self.upstream = an_upstream(
            [self.one.server, self.two.server],
            self.balancer,
            self.clock,
            retry=self.retry,
            judges=(self.outliers,),
            breaker=self.breaker,
        )

    def asked(self) -> RecordingConnection:
        """
        A server got a request.
        """
        self.client = RecordingDownstream()
        self.relay = self.begin()
        asked = self.one if self.one.client.waiting else self.two
        return asked.client.accept()

    def cut(self) -> None:
        """
        A response begins and breaks off.
        """
        connection = self.asked()
        connection.answer.answer_begun(a_response(200))
        connection.answer.answer_body(b"x")
        connection.answer.answer_failed(errors.UpstreamCut())

    def upgraded(self) -> None:
        """
        A server agrees to an upgrade, and the client leaves.
        """
        leaving, server = SwitchingDownstream(self.clock), TunnelConnection(self.clock)
        self.client = leaving
        fields = [*UPGRADE, (b"sec-websocket-key", KEY)]
        self.relayed(an_exchange(leaving, fields=fields, upgrade=b"websocket"))
        asked = self.one if self.one.client.waiting else self.two
        accept = (b"sec-websocket-accept", websocket_accept(KEY))
        answer = Response(101, b"", Fields([*UPGRADE, accept]), None)
        asked.client.accept().answer.answer_switched(answer, server.end)
        leaving.connection.leave()


class BrokenOffTests(JudgedCase):
    def test_every_response(self) -> None:
        """
        A server that cuts each of its responses is ejected.
        """
        for _ in range(3):
            self.cut()
        self.assertTrue(self.one.server.standing.ejected)

    def test_complete_between(self) -> None:
        """
        Not so one that completes some of them.
        """
        for _ in range(2):
            self.cut()
        self.answered(self.asked())
        for _ in range(2):
            self.cut()
        self.assertFalse(self.one.server.standing.ejected)

    def test_clients_leave(self) -> None:
        """
        Nor one whose clients leave endless responses, which is no fault of it.
        """
        for _ in range(2):
            self.cut()
        connection = self.asked()
        connection.answer.answer_begun(a_response(200))
        self.relay.client_left()
        for _ in range(2):
            self.cut()
        self.assertFalse(self.one.server.standing.ejected)

    def test_breaker(self) -> None:
        """
        For the circuit breaker each response that breaks off is one exchange, which failed.
        """
        for _ in range(4):
            self.cut()
        self.assertEqual(self.events.counts["opens"], 1)


class UpgradeTests(JudgedCase):
    def failed(self) -> None:
        self.asked().answer.answer_failed(errors.UpstreamGone())

    def test_goes_well(self) -> None:
        """
        A 101 is an answer that went well.
        """
        for _ in range(2):
            self.failed()
        self.upgraded()
        for _ in range(2):
            self.failed()
        self.assertEqual((self.one.server.standing.ejected, self.events.counts["opens"]), (False, 0))

    def test_trial(self) -> None:
        """
        A server on trial that agrees to an upgrade is in again, and so is closed a circuit
        breaker that lets it through.
        """
        for _ in range(4):
            self.failed()
        self.assertTrue(self.one.server.standing.ejected)
        self.clock.advance(10.0)
        self.upgraded()
        self.assertEqual((self.events.counts["readmitted"], self.events.counts["closes"]), (1, 1))
