"""
Tests of L{revproxy.flow.filtering}: filters of requests, as the relay runs them.
"""

from __future__ import annotations

from functools import partial

from twisted.internet.defer import Deferred, fail, succeed

from revproxy.exchange import Reply
from tests.fakes import RecordingDownstream
from tests.flow.relay_case import Filtering, RelayCase, UnsafeDownstream
from tests.flow.upstream_side import Odd, error_of


class RequestFilterTests(RelayCase):
    def test_in_order(self) -> None:
        """
        Each filter sees the exchange before a server is chosen.
        """
        filters = Filtering(), Filtering(succeed(None)), Filtering()
        self.begin(filters=filters)
        self.assertEqual([each.seen for each in filters], [[self.exchange]] * 3)
        self.answered(self.one.client.accept())

    def test_waits(self) -> None:
        """
        While a filter waits, neither the next filter nor a server is asked.
        """
        verdict: Deferred[Reply | None] = Deferred()
        last = Filtering()
        self.begin(filters=(Filtering(verdict), last))
        self.assertEqual((last.seen, self.exchange.tries), ([], 0))
        verdict.callback(None)
        self.assertEqual(len(last.seen), 1)
        self.answered(self.one.client.accept())

    def test_answers(self) -> None:
        """
        A filter's answer goes to the client; the filters behind it and the servers are
        not asked.
        """
        at_once: Deferred[Reply | None] = succeed(Reply(403))
        for result in (Reply(403), at_once):
            self.client, last = RecordingDownstream(), Filtering()
            self.begin(filters=(Filtering(result), last))
            self.assertEqual((self.status(), self.client.body), (403, b"403 Forbidden\n"))
            self.assertEqual((last.seen, self.exchange.tries), ([], 0))

    def test_answers_late(self) -> None:
        """
        A filter may answer after it has waited.
        """
        verdict: Deferred[Reply | None] = Deferred()
        self.begin(filters=(Filtering(verdict),))
        verdict.callback(Reply(401))
        self.assertEqual(self.status(), 401)

    def test_unsafe_answer(self) -> None:
        """
        Pitfall 37: an answer that cannot be sent becomes a 500.
        """
        self.client = UnsafeDownstream()
        self.begin(filters=(Filtering(Reply(200, [(b"x", b"a\r\nb")])),))
        self.assertEqual(self.status(), 500)

    def test_refuses(self) -> None:
        """
        An error that says what becomes of the exchange is what the client gets.
        """
        for result in (error_of(429), fail(error_of(429))):
            self.client = RecordingDownstream()
            self.begin(filters=(Filtering(result),))
            self.assertEqual(self.status(), 429)

    def test_fails(self) -> None:
        """
        Any other error is a 500 for the client, and logged with its traceback.
        """
        for result in (Odd(), fail(Odd())):
            self.client = RecordingDownstream()
            self.begin(filters=(Filtering(result),))
            self.assertEqual((self.status(), self.exchange.tries), (500, 0))
            self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)

    def test_neither(self) -> None:
        """
        What is neither an answer nor to be waited for is a 500, and logged.
        """
        for result in (403, succeed(403)):
            self.client = RecordingDownstream()
            self.begin(filters=(Filtering(result),))  # type: ignore[arg-type]
            self.assertEqual((self.status(), self.exchange.tries), (500, 0))
            self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: a filter that waits is cancelled when the client leaves, and nothing
        follows.
        """
        cancelled: list[object] = []
        verdict: Deferred[Reply | None] = Deferred(cancelled.append)
        last = Filtering()
        self.begin(filters=(Filtering(verdict), last)).client_left()
        self.assertEqual((cancelled, last.seen, self.client.calls), ([verdict], [], []))

    def test_client_leaves_a_willing_filter(self) -> None:
        """
        Pitfall 44: a filter that lets the request pass when it is cancelled starts nothing.
        """
        for result in (None, Reply(403)):
            verdict: Deferred[Reply | None] = Deferred(partial(Deferred.callback, result=result))
            last = Filtering()
            self.begin(filters=(Filtering(verdict), last)).client_left()
            self.assertEqual((last.seen, self.exchange.tries, self.client.calls), ([], 0, []))
