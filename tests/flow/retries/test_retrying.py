"""
Tests of retries through the relay, by what the upstream allows.
"""

from __future__ import annotations

from revproxy import errors
from revproxy.exchange import UNKNOWN
from revproxy.flow.conditions import Conditions
from revproxy.flow.pool.terms import UpstreamTerms
from revproxy.flow.retries.policy import RetryTerms
from tests.fakes import RecordingDownstream, a_response
from tests.flow.relay_case import RelayCase


class StatusTests(RelayCase):
    retry = RetryTerms(on=Conditions(["connect-failure"], [503]))

    def test_another_answers(self) -> None:
        """
        In place of a status that was named another server is asked, and the client sees
        nothing of the first.
        """
        self.begin()
        first = self.one.client.accept()
        first.answer.answer_begun(a_response(503))
        first.answer.answer_body(b"sorry")
        first.answer.answer_flush()
        self.assertEqual(first.calls, ["send", "drop"])
        self.answered(self.two.client.accept())
        self.assertEqual(self.client.calls, ["begin", "write", "end"])
        self.assertEqual(self.upstream.events.counts["retry"], 1)
        self.assertIn("http://one: status 503; another is tried", self.exchange.why)

    def test_the_last_is_taken(self) -> None:
        """
        Where there is no other, the client gets what was answered.
        """
        self.begin()
        self.one.client.accept().answer.answer_begun(a_response(503))
        last = self.two.client.accept()
        last.answer.answer_begun(a_response(503))
        last.answer.answer_body(b"sorry")
        last.answer.answer_ended(())
        self.assertEqual((self.status(), self.client.body), (503, b"sorry"))

    def test_not_a_post(self) -> None:
        """
        Pitfall 30: a POST is answered by the server that got it.
        """
        self.begin(b"POST", 0)
        connection = self.one.client.accept()
        connection.answer.answer_begun(a_response(503))
        connection.answer.answer_ended(())
        self.assertEqual((self.status(), self.exchange.tries), (503, 1))

    def test_other_statuses(self) -> None:
        """
        A status that was not named is an answer.
        """
        self.begin()
        connection = self.one.client.accept()
        connection.answer.answer_begun(a_response(500))
        connection.answer.answer_ended(())
        self.assertEqual((self.status(), self.exchange.tries), (500, 1))


class ReplayTests(RelayCase):
    retry = RetryTerms(replay=10)

    def test_from_its_beginning(self) -> None:
        """
        A body that is kept goes to the next server from its beginning, what comes later
        behind it.
        """
        relay = self.begin(b"PUT", 6)
        first = self.one.client.accept()
        relay.request_body(b"ab")
        relay.request_flush()
        relay.request_body(b"cd")
        first.answer.answer_failed(errors.UpstreamGone())
        second = self.two.client.accept()
        relay.request_body(b"ef")
        relay.request_ended(())
        self.assertEqual((first.sent, second.sent, second.calls[-1]), (b"abcd", b"abcdef", "end_body"))
        self.answered(second)

    def test_whole(self) -> None:
        """
        One that was whole, trailers and all, is so again.
        """
        relay = self.begin(b"PUT", UNKNOWN)
        first = self.one.client.accept()
        relay.request_body(b"abcd")
        relay.request_ended([(b"x", b"1")])
        first.answer.answer_failed(errors.UpstreamGone())
        second = self.two.client.accept()
        self.assertEqual((second.sent, second.trailers), (b"abcd", [(b"x", b"1")]))
        self.answered(second)

    def test_too_large(self) -> None:
        """
        Pitfall 30: one that grows too large is not kept, and so not sent again.
        """
        relay = self.begin(b"PUT", UNKNOWN)
        first = self.one.client.accept()
        relay.request_body(b"abcdef")
        relay.request_body(b"ghijkl")
        first.answer.answer_failed(errors.UpstreamGone())
        self.assertEqual((self.status(), self.exchange.tries), (502, 1))
        self.assertIn("the body is not kept", self.exchange.why[-1])

    def test_larger_than_kept_but_unsent(self) -> None:
        """
        What no server was sent can go to the next, however large.
        """
        relay = self.begin(b"PUT", 20)
        relay.request_body(b"a" * 20)
        relay.request_ended(())
        self.one.client.refuse(errors.UpstreamRefused())
        second = self.two.client.accept()
        self.assertEqual(len(second.sent), 20)
        self.answered(second)

    def test_client_that_was_paused(self) -> None:
        """
        Pitfall 26: a client that the first server did not let go on is read on for the next.
        """
        relay = self.begin(b"PUT", 6)
        first = self.one.client.accept()
        relay.request_body(b"ab")
        first.answer.pause_request()
        first.answer.answer_failed(errors.UpstreamGone())
        self.two.client.accept()
        self.assertEqual(self.client.calls, ["pause_body", "resume_body"])
        relay.client_left()

    def test_nothing_goes_past(self) -> None:
        """
        A body that is kept does not go from socket to socket; one that is not, may.
        """
        relay = self.begin(b"PUT", 6)
        first = self.one.client.accept()
        relay.request_outlet(6)
        self.assertNotIn("outlet", first.calls)
        self.answered(first)
        self.client = RecordingDownstream()
        relay = self.begin(b"PUT", 1000)
        second = self.one.client.accept()
        relay.request_outlet(1000)
        self.assertIn("outlet", second.calls)
        self.answered(second)


class TriesTests(RelayCase):
    names = ("one", "two", "three", "four")
    retry = RetryTerms(tries=3, backoff=1.0, most_backoff=1.0)

    def test_another_each_time(self) -> None:
        """
        Each try goes to another server; the second retry waits a while.
        """
        self.begin()
        self.one.client.refuse(errors.UpstreamRefused())
        self.two.client.refuse(errors.UpstreamRefused())
        self.assertEqual(self.others[0].client.waiting, [])
        self.clock.advance(1.0)
        self.answered(self.others[0].client.accept())
        self.assertEqual(self.exchange.tries, 3)

    def test_no_more(self) -> None:
        """
        After so many tries the client is told of the last error.
        """
        self.begin()
        self.one.client.refuse(errors.UpstreamRefused())
        self.two.client.refuse(errors.UpstreamRefused())
        self.clock.advance(1.0)
        self.others[0].client.refuse(errors.UpstreamConnectTimeout())
        self.assertEqual((self.status(), self.exchange.tries), (504, 3))
        self.assertEqual(self.others[1].client.waiting, [])

    def test_client_leaves_meanwhile(self) -> None:
        """
        Pitfall 44: a client that leaves while a retry waits ends it.
        """
        relay = self.begin()
        self.one.client.refuse(errors.UpstreamRefused())
        self.two.client.refuse(errors.UpstreamRefused())
        relay.client_left()
        self.clock.advance(1.0)
        self.assertEqual(self.others[0].client.waiting, [])


class TryTimeoutTests(RelayCase):
    retry = RetryTerms(try_timeout=2.0, on=Conditions(["timeout"]))

    def test_silent(self) -> None:
        """
        A server that does not answer in the time of one try is left for another.
        """
        self.begin()
        first = self.one.client.accept()
        self.clock.advance(2.0)
        self.assertEqual(first.calls, ["send", "drop"])
        self.answered(self.two.client.accept())
        self.assertEqual(self.exchange.tries, 2)

    def test_connecting(self) -> None:
        """
        The time for the connection counts.
        """
        self.begin()
        self.clock.advance(2.0)
        self.assertEqual(self.one.client.cancelled, 1)
        self.answered(self.two.client.accept())

    def test_each_its_own(self) -> None:
        """
        Each try has the whole time; after the last it is 504.
        """
        self.begin()
        self.one.client.accept()
        self.clock.advance(2.0)
        second = self.two.client.accept()
        self.clock.advance(1.9)
        self.assertIsNone(self.status())
        self.clock.advance(0.1)
        self.assertEqual((self.status(), second.calls[-1]), (504, "drop"))

    def test_only_until_the_response(self) -> None:
        """
        A response that has begun may take its time.
        """
        self.begin()
        connection = self.one.client.accept()
        connection.answer.answer_begun(a_response(200))
        self.clock.advance(10.0)
        connection.answer.answer_ended(())
        self.assertEqual(self.client.calls[-1], "end")


class QueueTests(RelayCase):
    """
    Exchanges that wait for a server with room.
    """

    most = 1
    terms = UpstreamTerms(most_waiting=1, queue_timeout=5.0)

    def setUp(self) -> None:
        super().setUp()
        for each in (self.one, self.two):
            each.server.occupy()

    def tearDown(self) -> None:
        for each in (self.one, self.two):
            while each.server.active:
                each.server.vacate()
        super().tearDown()

    def test_goes_on(self) -> None:
        """
        An exchange goes on when a server has room, its body with it.
        """
        relay = self.begin(b"POST", 2)
        relay.request_body(b"ab")
        relay.request_ended(())
        self.assertEqual((self.exchange.tries, self.status()), (0, None))
        self.two.server.vacate()
        self.clock.advance(0)
        connection = self.two.client.accept()
        self.assertEqual(connection.sent, b"ab")
        self.answered(connection)

    def test_why(self) -> None:
        """
        It is told how long one waited, and where it went then.
        """
        self.begin()
        self.clock.advance(3.25)
        self.one.server.vacate()
        self.clock.advance(0)
        told = ["the balancer among 1 of 2 servers (1 full)", "waited 3.25 s for room"]
        self.assertEqual(self.exchange.why, told)
        self.answered(self.one.client.accept())

    def test_kept_connection(self) -> None:
        """
        It takes a kept connection, where there is one.
        """
        kept = self.one.keep()
        self.begin()
        self.one.server.vacate()
        self.clock.advance(0)
        self.answered(kept)

    def test_late(self) -> None:
        """
        One that waits for too long is answered 503.
        """
        self.begin()
        self.clock.advance(5.0)
        self.assertEqual((self.status(), self.exchange.tries), (503, 0))
        self.assertEqual(self.upstream.events.counts["queue-timeout"], 1)

    def test_too_many(self) -> None:
        """
        One too many is answered 503 at once.
        """
        waiting = self.begin()
        self.client = RecordingDownstream()
        self.begin()
        self.assertEqual(self.status(), 503)
        waiting.client_left()

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: one whose client leaves waits no more.
        """
        self.begin().client_left()
        self.one.server.vacate()
        self.clock.advance(0)
        self.assertEqual(self.one.client.waiting, [])
