"""
Tests of L{revproxy.flow.retries.attempts}: when another server is tried, as the relay does it.
"""

from __future__ import annotations

from random import Random

from revproxy import errors
from revproxy.errors import UpstreamGone, UpstreamRefused
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from tests.fakes import RecordingDownstream, a_response
from tests.flow.relay_case import RelayCase


class RetryTests(RelayCase):
    def test_not_connected(self) -> None:
        """
        Pitfall 30: where nothing was sent another server is tried, whatever the method,
        and its answer is the client's.
        """
        for error in (UpstreamRefused(), errors.UpstreamConnectTimeout(), errors.UpstreamUntrusted()):
            self.client = RecordingDownstream()
            self.begin(b"POST", 3)
            self.one.client.refuse(error)
            self.assertEqual((self.one.server.active, self.two.server.active), (0, 1))
            self.answered(self.two.client.accept())
            self.assertEqual((self.exchange.tries, self.exchange.server), (2, "http://two"))
            self.assertIsNone(self.exchange.error)
            self.assertEqual(
                self.exchange.why,
                [
                    "the balancer among 2 of 2 servers",
                    f"http://one: {type(error).__name__}; another is tried",
                    "the balancer among 2 of 2 servers",
                ],
            )

    def test_none_connects(self) -> None:
        """
        Where all servers were tried, the client is told of the last error, not that
        there was no server left.
        """
        self.begin()
        self.one.client.refuse(errors.UpstreamRefused())
        self.two.client.refuse(errors.UpstreamConnectTimeout())
        self.assertEqual((self.status(), self.exchange.tries), (504, 2))
        self.assertIs(self.exchange.error, self.client.error)

    def test_no_server(self) -> None:
        """
        Where no server has room the answer is 503.
        """
        for server in (self.one.server, self.two.server):
            server.most = 1
            server.occupy()
        self.begin()
        self.assertEqual((self.status(), self.exchange.tries), (503, 0))
        self.one.server.vacate()
        self.two.server.vacate()

    def test_race(self) -> None:
        """
        Pitfall 31: a kept connection that is closed as the request is sent is replaced
        by a new one, once, even where more are kept.
        """
        for method in (b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"):
            self.client = RecordingDownstream()
            kept = [self.one.keep(), self.one.keep()]
            self.begin(method)
            kept[1].answer.answer_failed(UpstreamGone())
            self.assertEqual(kept[0].calls, [])
            self.answered(self.one.client.accept())
            self.assertIs(self.one.server.take(), kept[0])

    def test_race_only_once(self) -> None:
        """
        Pitfall 31: a new connection that is closed in the same way is no race, but a
        failure of the server.
        """
        kept = self.one.keep()
        self.begin()
        kept.answer.answer_failed(UpstreamGone())
        self.one.client.accept().answer.answer_failed(UpstreamGone())
        self.answered(self.two.client.accept())
        self.assertEqual(self.exchange.tries, 3)

    def test_race_is_no_try(self) -> None:
        """
        Pitfall 31: nor does it count among the servers that a request may go to.
        """
        self.upstream.retry = RetryPolicy(Random(1), RetryTerms(tries=2))
        kept = self.one.keep()
        self.begin()
        kept.answer.answer_failed(UpstreamGone())
        self.one.client.refuse(UpstreamRefused())
        self.answered(self.two.client.accept())

    def test_race_with_a_body(self) -> None:
        """
        Pitfall 31: a body that is kept goes out once more, however many tries there may be.
        """
        self.upstream.retry = RetryPolicy(Random(1), RetryTerms(tries=1))
        kept = self.one.keep()
        relay = self.begin(b"PUT", 5)
        relay.request_body(b"hello")
        relay.request_ended(())
        kept.answer.answer_failed(UpstreamGone())
        connection = self.one.client.accept()
        self.assertEqual(connection.sent, b"hello")
        self.answered(connection)

    def test_race_of_a_server_alone(self) -> None:
        """
        Pitfall 31: a race is no failure, so where there is but one server it is asked again.
        """
        self.upstream.members.set_state("http://two", "down")
        kept = self.one.keep()
        self.begin()
        kept.answer.answer_failed(UpstreamGone())
        self.one.client.accept().answer.answer_failed(UpstreamGone())
        self.assertEqual((self.status(), self.exchange.tries), (502, 2))
        self.assertTrue(self.exchange.why[-1].endswith("no other server can be used"))

    def test_race_with_an_empty_body(self) -> None:
        """
        Pitfall 31: a body of no octets is replayed: its end is told on the new
        connection too.
        """
        kept = self.one.keep()
        self.begin(b"PUT", 0).request_ended(())
        kept.answer.answer_failed(UpstreamGone())
        connection = self.one.client.accept()
        self.assertEqual([kept.calls, connection.calls], [["send", "end_body"]] * 2)
        self.answered(connection)

    def test_never_repeated(self) -> None:
        """
        Pitfall 30: what is not idempotent, or has a body that is gone, is not sent twice.
        """
        for method, length in [
            (b"POST", None),
            (b"POST", 0),
            (b"PATCH", None),
            (b"X", None),
            (b"PUT", 65537),
        ]:
            self.client = RecordingDownstream()
            kept = self.one.keep()
            self.begin(method, length)
            kept.answer.answer_failed(UpstreamGone())
            self.assertEqual((self.status(), self.exchange.tries), (502, 1), (method, length))

    def test_not_after_other_errors(self) -> None:
        """
        Pitfall 30: an answer that was late, cut or malformed is no reason to ask again.
        """
        for error in (errors.UpstreamCut(), errors.UpstreamMalformed(), errors.UpstreamTimeout()):
            self.client = RecordingDownstream()
            kept = self.one.keep()
            self.begin()
            kept.answer.answer_failed(error)
            self.assertEqual((self.status(), self.exchange.tries), (error.status, 1))

    def test_not_on_a_new_connection(self) -> None:
        """
        Pitfall 31: on a connection that was not used before it is no race: another server
        is asked.
        """
        self.begin()
        self.one.client.accept().answer.answer_failed(UpstreamGone())
        self.answered(self.two.client.accept())
        self.assertEqual(self.exchange.tries, 2)

    def test_not_after_the_answer_began(self) -> None:
        """
        Pitfalls 13 and 30: once the client has a head, its response is cut instead, and
        nothing follows.
        """
        for error in (UpstreamGone(), UpstreamRefused(), errors.UpstreamCut()):
            self.client = RecordingDownstream()
            kept = self.one.keep()
            relay = self.begin()
            kept.answer.answer_begun(a_response())
            kept.answer.answer_failed(error)
            relay.request_failed(errors.RequestTimeout())
            self.assertEqual((self.client.calls, self.exchange.tries), (["begin", "cut"], 1))
            self.assertIs(self.exchange.error, error)
