"""
Tests of L{revproxy.flow.retries.policy}.
"""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from revproxy import errors
from revproxy.exchange import UNKNOWN, Request
from revproxy.flow.conditions import Conditions
from revproxy.flow.retries.budget import RetryBudget
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from tests.fakes import an_exchange

REFUSED, GONE, TIMEOUT = errors.UpstreamRefused(), errors.UpstreamGone(), errors.UpstreamTimeout()


def request(method: bytes = b"GET", length: int | None = None) -> Request:
    return an_exchange(None, method, length=length).request


class RefusalTests(SynchronousTestCase):
    def policy(self, budget: RetryBudget | None = None, **terms: object) -> RetryPolicy:
        return RetryPolicy(Random(1), RetryTerms(**terms), budget)  # type: ignore[arg-type]

    def test_nothing_was_sent(self) -> None:
        """
        Where the server saw nothing, another is tried whatever the method, with whatever body.
        """
        self.assertEqual(self.policy().refusal_of(REFUSED, request(b"POST", 10), 1, False), "")

    def test_tries(self) -> None:
        """
        There are no more tries than said.
        """
        policy = self.policy(tries=2)
        self.assertEqual(policy.refusal_of(REFUSED, request(), 1, True), "")
        self.assertEqual(policy.refusal_of(REFUSED, request(), 2, True), "2 of 2 tries")
        self.assertEqual(self.policy(tries=1).refusal_of(REFUSED, request(), 1, True), "1 of 1 tries")

    def test_conditions(self) -> None:
        """
        What is not among the conditions is no reason.
        """
        policy = self.policy(on=Conditions(["timeout"], [503]))
        for error, refused in [(TIMEOUT, False), (REFUSED, True), (GONE, True)]:
            self.assertEqual(bool(policy.refusal_of(error, request(), 1, True)), refused)
        self.assertEqual([policy.has_status(status) for status in (502, 503)], [False, True])
        self.assertTrue(policy.minds_statuses)
        self.assertFalse(self.policy().minds_statuses)

    def test_methods(self) -> None:
        """
        Pitfall 30: what a server may have seen is sent again only by a method that may be
        repeated.
        """
        for method in (b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"):
            self.assertEqual(self.policy().refusal_of(GONE, request(method), 1, True), "")
        for method in (b"POST", b"PATCH", b"LOCK", b"get"):
            self.assertIn("must not be sent twice", self.policy().refusal_of(GONE, request(method), 1, True))
        allowed = self.policy(methods=[b"POST"])
        self.assertEqual(allowed.refusal_of(GONE, request(b"POST"), 1, True), "")

    def test_body(self) -> None:
        """
        Pitfall 30: and with its whole body.
        """
        refusal = self.policy().refusal_of(GONE, request(b"PUT", 5), 1, False)
        self.assertEqual(refusal, "the body is not kept")

    def test_budget(self) -> None:
        """
        What a server may have seen counts against the budget; what it did not see, does not.
        """
        policy = self.policy(RetryBudget(lambda: 0.0, 1.0, 0.0))
        policy.started()
        self.assertEqual(policy.refusal_of(REFUSED, request(), 1, True), "")
        self.assertEqual(policy.refusal_of(GONE, request(), 1, True), "")
        self.assertIn("budget", policy.refusal_of(GONE, request(), 1, True))
        self.assertIn("budget", policy.refusal(request(), 1, True))
        self.assertEqual(policy.refusal_of(REFUSED, request(), 1, True), "")

    def test_race(self) -> None:
        """
        Pitfall 31: a closed connection is replaced for what may be repeated alone.
        """
        policy = self.policy(tries=1)
        self.assertTrue(policy.may_repeat(GONE, request(), True))
        self.assertFalse(policy.may_repeat(GONE, request(), False))
        self.assertFalse(policy.may_repeat(GONE, request(b"POST"), True))
        self.assertFalse(policy.may_repeat(errors.UpstreamCut(), request(), True))

    def test_kept_bodies(self) -> None:
        """
        A body is kept where it may be of use, and is not known to be too large.
        """
        policy = self.policy(replay=100)
        for method, length, most in [
            (b"PUT", 100, 100),
            (b"PUT", UNKNOWN, 100),
            (b"PUT", 101, 0),
            (b"PUT", None, 0),
            (b"POST", 10, 0),
        ]:
            self.assertEqual(policy.most_replayed(request(method, length)), most, (method, length))

    def test_kept_for_a_new_connection(self) -> None:
        """
        Pitfall 31: also where there is one try, as a kept connection may be closed just then.
        """
        self.assertEqual(self.policy(tries=1).most_replayed(request(b"PUT", 10)), 65536)


class PauseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.policy = RetryPolicy(Random(1), RetryTerms(backoff=0.1, most_backoff=0.3))

    def test_first(self) -> None:
        """
        The first retry comes at once.
        """
        self.assertEqual(self.policy.pause(0), 0.0)

    def test_grows(self) -> None:
        """
        Before the others there is a pause at random, of up to twice as much each time.
        """
        for retries, most in [(1, 0.1), (2, 0.2), (3, 0.3), (9, 0.3)]:
            pauses = [self.policy.pause(retries) for _ in range(200)]
            self.assertTrue(all(0.0 <= pause <= most for pause in pauses))
            self.assertTrue(min(pauses) < most * 0.1 and max(pauses) > most * 0.9)

    def test_none(self) -> None:
        """
        There need not be any.
        """
        policy = RetryPolicy(Random(1), RetryTerms(backoff=0.0))
        self.assertEqual([policy.pause(retries) for retries in range(5)], [0.0] * 5)
