"""
Tests of L{revproxy.flow.retries.hedge}: a second server is asked, too.
"""

from __future__ import annotations

from random import Random
from typing import Any

from typing_extensions import override

from revproxy import errors
from revproxy.flow.conditions import Conditions
from revproxy.flow.judging.outliers import OutlierDetection, OutlierTerms
from revproxy.flow.pool.events import Events
from revproxy.flow.relay import Relay
from revproxy.flow.retries.budget import RetryBudget
from revproxy.flow.retries.hedge_delay import HedgeDelay
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from tests.fakes import RecordingDownstream, a_response
from tests.flow.relay_case import RelayCase
from tests.flow.upstream_side import Odd, RecordingConnection, an_upstream


class HedgeCase(RelayCase):
    names = ("one", "two", "three")

    @override
    def setUp(self) -> None:
        self.hedge_delay = HedgeDelay(1.0)
        super().setUp()

    def hedged(self) -> tuple[Relay, RecordingConnection, RecordingConnection]:
        """
        @return: a request that has gone to two servers.
        """
        relay = self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        return relay, first, self.two.client.accept()


class RaceTests(HedgeCase):
    def test_quick_answer(self) -> None:
        """
        Pitfall 44: where the first answers in time nobody else is asked, and nothing stays
        scheduled.
        """
        self.begin()
        self.clock.advance(0.9)
        self.answered(self.one.client.accept())
        self.assertEqual((self.clock.getDelayedCalls(), self.exchange.tries), ([], 1))

    def test_second_answers_first(self) -> None:
        """
        Of two the first answer is taken, and the other given up.
        """
        _, first, second = self.hedged()
        self.answered(second)
        self.assertEqual(first.calls, ["send", "drop"])
        self.assertEqual((self.exchange.server, self.exchange.tries), ("http://two", 2))
        self.assertEqual(self.upstream.events.counts["hedge-won"], 1)
        self.assertIn("http://one takes its time; http://two is asked, too", self.exchange.why)

    def test_first_answers_first(self) -> None:
        """
        Whichever it is.
        """
        _, first, second = self.hedged()
        self.answered(first)
        self.assertEqual(second.calls, ["send", "drop"])
        self.assertEqual((self.exchange.server, self.upstream.events.counts["hedge"]), ("http://one", 1))

    def test_first_answers_while_connecting(self) -> None:
        """
        A connection that is not needed any more is not made.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        self.answered(first)
        self.assertEqual(self.two.client.cancelled, 1)

    def test_what_the_loser_says(self) -> None:
        """
        Interim responses of one that does not lead are not for the client.
        """
        relay, first, second = self.hedged()
        second.answer.answer_interim(103, b"", [])
        first.answer.answer_interim(103, b"", [])
        self.assertEqual(self.client.interims, [103])
        relay.client_left()

    def test_body_and_trailers(self) -> None:
        """
        The rest of an answer goes where its head went.
        """
        _, _, second = self.hedged()
        second.answer.answer_begun(a_response(200))
        second.answer.answer_body(b"a")
        second.answer.answer_flush()
        second.answer.answer_outlet(100)
        second.answer.answer_ended([(b"x", b"1")])
        self.assertEqual(self.client.calls, ["begin", "write", "flush", "outlet", "end"])
        self.assertEqual(self.client.trailers, [(b"x", b"1")])

    def test_slow_client(self) -> None:
        """
        Pitfall 26: a client that does not read pauses the server that leads.
        """
        relay, _, second = self.hedged()
        relay.pause_response()
        second.answer.answer_begun(a_response(200))
        relay.resume_response()
        self.assertEqual(second.calls, ["send", "pause", "resume"])
        second.answer.answer_ended(())

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: when the client leaves both are given up.
        """
        relay, first, second = self.hedged()
        relay.client_left()
        self.assertEqual((first.calls[-1], second.calls[-1]), ("drop", "drop"))

    def test_client_leaves_before(self) -> None:
        """
        Pitfall 44: and so is the plan to ask another.
        """
        relay = self.begin()
        self.one.client.accept()
        relay.client_left()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class FailureTests(HedgeCase):
    retry = RetryTerms(on=Conditions(["reset-before-response"], [503]), tries=3, backoff=0.0)

    def test_first_fails(self) -> None:
        """
        Where the first fails the second is waited for, and no third is asked.
        """
        _, first, second = self.hedged()
        first.answer.answer_failed(errors.UpstreamGone())
        self.assertIsNone(self.status())
        self.answered(second)
        self.assertEqual(self.exchange.tries, 2)

    def test_first_fails_while_connecting(self) -> None:
        """
        The same where the second is not connected to yet.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        first.answer.answer_failed(errors.UpstreamGone())
        self.answered(self.two.client.accept())

    def test_second_fails(self) -> None:
        """
        Where the second fails the first is waited for.
        """
        _, first, second = self.hedged()
        second.answer.answer_failed(errors.UpstreamGone())
        self.answered(first)
        self.assertEqual(self.exchange.server, "http://one")

    def test_second_cannot_be_connected_to(self) -> None:
        """
        Or cannot be connected to.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        self.two.client.refuse(errors.UpstreamRefused())
        self.answered(first)

    def test_second_cannot_be_written_to(self) -> None:
        """
        Or where the request cannot be written.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        second = self.two.client.accept(RecordingConnection(error=Odd()))
        self.assertEqual(second.calls[-1], "drop")
        self.answered(first)
        self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)

    def test_both_fail(self) -> None:
        """
        Where both fail a third is asked, as it would be after any failure.
        """
        _, first, second = self.hedged()
        first.answer.answer_failed(errors.UpstreamGone())
        second.answer.answer_failed(errors.UpstreamGone())
        self.answered(self.others[0].client.accept())
        self.assertEqual(self.exchange.tries, 3)

    def test_both_fail_the_other_way(self) -> None:
        """
        In whichever order.
        """
        _, first, second = self.hedged()
        second.answer.answer_failed(errors.UpstreamGone())
        first.answer.answer_failed(errors.UpstreamGone())
        self.answered(self.others[0].client.accept())

    def test_status(self) -> None:
        """
        A second that answers with what is no answer does not win.
        """
        _, first, second = self.hedged()
        second.answer.answer_begun(a_response(503))
        second.answer.answer_body(b"sorry")
        self.assertEqual(second.calls[-1], "drop")
        self.answered(first)


class OvertakenTests(HedgeCase):
    def judged(self, consecutive: int) -> None:
        """
        Let servers be judged by how they do.
        """
        terms = OutlierTerms(consecutive=consecutive)
        self.again(judges=(OutlierDetection(self.clock, terms, Events("app")),))

    def again(self, **more: Any) -> None:
        servers = [each.server for each in (self.one, self.two, *self.others)]
        more = {"hedge_delay": self.hedge_delay, **more}
        self.upstream = an_upstream(servers, self.balancer, self.clock, retry=self.retry, **more)

    def test_frozen(self) -> None:
        """
        A server that is overtaken again and again is left alone like any other that does
        not answer in time.
        """
        self.judged(3)
        for _ in range(3):
            self.assertFalse(self.one.server.standing.ejected)
            self.client = RecordingDownstream()
            _, _, second = self.hedged()
            self.answered(second)
        self.assertTrue(self.one.server.standing.ejected)
        self.assertFalse(self.two.server.standing.ejected)

    def test_not_where_it_answers(self) -> None:
        """
        The other way about nothing is held against the second.
        """
        self.judged(1)
        _, first, _ = self.hedged()
        self.answered(first)
        self.assertFalse(self.two.server.standing.ejected)

    def test_times(self) -> None:
        """
        How long to wait is learned of those that were asked first.
        """
        delay = HedgeDelay(1.0, share=0.5)
        delay._seconds = 1.0
        self.again(hedge_delay=delay)
        _, _, second = self.hedged()
        self.clock.advance(0.5)
        self.answered(second)
        self.assertEqual(delay._times.tolist(), [1.5])


class BesideRetriesTests(HedgeCase):
    """
    A hedge and a retry go to two servers.
    """

    retry = RetryTerms(on=Conditions(["reset-before-response"], [503]), tries=3, backoff=0.0)

    def test_retried_before(self) -> None:
        """
        After a retry it is the new server that is waited for, from then on, and a third
        that is asked, too.
        """
        self.begin()
        self.clock.advance(0.5)
        self.one.client.accept().answer.answer_failed(errors.UpstreamGone())
        second = self.two.client.accept()
        self.clock.advance(0.9)
        self.assertEqual(self.others[0].client.waiting, [])
        self.clock.advance(0.1)
        self.assertEqual(second.calls, ["send"])
        self.assertIn("http://two takes its time; http://three is asked, too", self.exchange.why)
        self.answered(self.others[0].client.accept())

    def test_status_of_the_first(self) -> None:
        """
        Where the first answers with what is no answer the second is waited for, and no
        third is asked.
        """
        _, first, second = self.hedged()
        first.answer.answer_begun(a_response(503))
        self.assertEqual((first.calls[-1], self.two.server.active), ("drop", 1))
        self.assertEqual((self.two.client.waiting, self.others[0].client.waiting), ([], []))
        self.answered(second)
        self.assertEqual((self.exchange.tries, self.exchange.server), (2, "http://two"))

    def test_status_of_the_first_while_connecting(self) -> None:
        """
        The same where the second is not connected to yet.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        first.answer.answer_begun(a_response(503))
        self.answered(self.two.client.accept())

    def test_status_of_both(self) -> None:
        """
        Where neither has an answer, a third is asked.
        """
        _, first, second = self.hedged()
        first.answer.answer_begun(a_response(503))
        second.answer.answer_begun(a_response(503))
        self.answered(self.others[0].client.accept())
        self.assertEqual(self.exchange.tries, 3)

    def test_second_failed(self) -> None:
        """
        A second that failed is not asked again when the first fails, too.
        """
        _, first, second = self.hedged()
        second.answer.answer_failed(errors.UpstreamGone())
        self.assertEqual(self.exchange.server, "http://one")
        first.answer.answer_failed(errors.UpstreamGone())
        self.assertEqual(self.two.client.waiting, [])
        self.answered(self.others[0].client.accept())


class TryTimeoutTests(HedgeCase):
    retry = RetryTerms(on=Conditions(["connect-failure", "timeout"]), try_timeout=2.0, backoff=0.0)

    def test_second_that_leads(self) -> None:
        """
        The second has as long as any try, also where the first is out.
        """
        _, first, second = self.hedged()
        self.clock.advance(1.0)
        self.assertEqual((first.calls[-1], second.calls[-1]), ("drop", "send"))
        self.clock.advance(1.0)
        self.assertEqual(second.calls[-1], "drop")
        self.answered(self.others[0].client.accept())

    def test_first_answers(self) -> None:
        """
        Once the first answers the time of the second means nothing any more.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        first.answer.answer_begun(a_response(200))
        self.clock.advance(5.0)
        first.answer.answer_ended(())
        self.assertEqual((self.client.calls, self.two.client.cancelled), (["begin", "end"], 1))

    def test_second_answers_at_length(self) -> None:
        """
        A response of the second that has begun may take its time.
        """
        _, _, second = self.hedged()
        second.answer.answer_begun(a_response(200))
        self.clock.advance(10.0)
        second.answer.answer_ended(())
        self.assertEqual((self.client.calls, second.calls), (["begin", "end"], ["send"]))


class LimitTests(HedgeCase):
    def test_not_for_a_post(self) -> None:
        """
        Pitfall 30: what changes something goes to one server alone.
        """
        relay = self.begin(b"POST", 0)
        self.one.client.accept()
        self.clock.advance(9.0)
        self.assertEqual(self.two.client.waiting, [])
        relay.client_left()

    def test_no_other(self) -> None:
        """
        Where there is no other server with room the first is waited for.
        """
        for name in ("http://two", "http://three"):
            self.upstream.members.set_state(name, "drain")
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        self.assertIn("not hedged: no other server has room", self.exchange.why)
        self.answered(first)

    def test_not_sent(self) -> None:
        """
        What could not be sent costs the budget nothing, and is no event.
        """
        budget = RetryBudget(self.clock.seconds, 0.0, 0.1)
        self.upstream.retry = RetryPolicy(Random(1), self.retry, budget)
        for name in ("http://two", "http://three"):
            self.upstream.members.set_state(name, "drain")
        self.upstream.events.counts.clear()
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        self.answered(first)
        self.assertEqual(self.upstream.events.counts, {})
        self.assertTrue(budget.withdraw())

    def test_budget(self) -> None:
        """
        What the budget does not allow is not sent.
        """
        self.upstream.retry = RetryPolicy(Random(1), self.retry, RetryBudget(self.clock.seconds, 0.0, 0.0))
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(1.0)
        self.assertEqual(self.two.client.waiting, [])
        self.assertIn("not hedged: the budget for retries is used up", self.exchange.why)
        self.answered(first)

    def test_only_one(self) -> None:
        """
        However long it takes, no third is asked.
        """
        relay, _, _ = self.hedged()
        self.clock.advance(100.0)
        self.assertEqual(self.others[0].client.waiting, [])
        relay.client_left()
