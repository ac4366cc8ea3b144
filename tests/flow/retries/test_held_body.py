"""
Tests of L{revproxy.flow.retries.held_body}: a request's body on its way through the relay.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred

from revproxy import errors
from revproxy.errors import UpstreamRefused
from revproxy.exchange import UNKNOWN, Reply
from tests.flow.relay_case import Filtering, RelayCase
from tests.flow.upstream_side import RecordingConnection


class BodyTests(RelayCase):
    def test_as_it_comes(self) -> None:
        """
        The request's body goes to the connection as it comes, with its trailers.
        """
        relay = self.begin(b"POST", UNKNOWN)
        connection = self.one.client.accept()
        relay.request_body(b"a")
        relay.request_flush()
        relay.request_body(b"b")
        relay.request_ended([(b"x", b"1")])
        self.assertEqual(connection.calls, ["send", "body", "flush", "body", "end_body"])
        self.assertEqual((connection.sent, connection.trailers), (b"ab", [(b"x", b"1")]))
        self.answered(connection)

    def test_held(self) -> None:
        """
        What comes before there is a connection is sent when there is one.
        """
        relay = self.begin(b"POST", 2)
        relay.request_body(b"a")
        relay.request_body(b"b")
        relay.request_ended(())
        connection = self.one.client.accept()
        self.assertEqual((connection.sent, connection.calls[-1]), (b"ab", "end_body"))
        self.answered(connection)

    def test_held_in_part(self) -> None:
        """
        The part that came is sent, and let go where the client waits.
        """
        relay = self.begin(b"POST", 3)
        relay.request_body(b"a")
        relay.request_flush()
        connection = self.one.client.accept()
        self.assertEqual(connection.calls, ["send", "body", "flush"])
        relay.request_body(b"bc")
        relay.request_ended(())
        self.assertEqual((connection.sent, connection.calls[-1]), (b"abc", "end_body"))
        self.answered(connection)

    def test_only_the_head(self) -> None:
        """
        A client that sent the head alone is not kept waiting for its server.
        """
        relay = self.begin(b"POST", 3)
        relay.request_flush()
        connection = self.one.client.accept()
        self.assertEqual(connection.calls, ["send", "flush"])
        self.answered(connection)

    def test_back_pressure_while_held(self) -> None:
        """
        Pitfall 26: the client is not read on while much is held, until it was sent.
        """
        relay = self.begin(b"POST", 2**20)
        relay.request_body(b"a" * 65536)
        self.assertEqual(self.client.calls, [])
        relay.request_body(b"a")
        self.assertEqual(self.client.calls, ["pause_body"])
        connection = self.one.client.accept()
        self.assertEqual((self.client.calls, len(connection.sent)), (["pause_body", "resume_body"], 65537))
        self.answered(connection)

    def test_no_more_is_asked_for(self) -> None:
        """
        A client whose whole body was held is not asked for more.
        """
        relay = self.begin(b"POST", 65537)
        relay.request_body(b"a" * 65537)
        relay.request_ended(())
        connection = self.one.client.accept()
        self.assertEqual((self.client.calls, connection.calls[-1]), (["pause_body"], "end_body"))
        self.answered(connection)

    def test_held_for_the_next(self) -> None:
        """
        Pitfall 30: what was held is not lost where the first server cannot be connected to.
        """
        relay = self.begin(b"POST", 2)
        relay.request_body(b"ab")
        self.one.client.refuse(UpstreamRefused())
        relay.request_ended(())
        connection = self.two.client.accept()
        self.assertEqual((connection.sent, connection.calls[-1]), (b"ab", "end_body"))
        self.answered(connection)

    def test_held_while_a_filter_waits(self) -> None:
        """
        What comes while a filter waits is held too.
        """
        verdict: Deferred[Reply | None] = Deferred()
        relay = self.begin(b"POST", 2, (Filtering(verdict),))
        relay.request_body(b"ab")
        relay.request_ended(())
        verdict.callback(None)
        self.assertEqual(self.one.client.accept(connection := RecordingConnection()).sent, b"ab")
        self.answered(connection)

    def test_empty(self) -> None:
        """
        A body of no octets ends with the head, on a kept connection and on a new one.
        """
        kept = self.one.keep()
        self.begin(b"PUT", 0).request_ended(())
        self.assertEqual(kept.calls, ["send", "end_body"])
        self.answered(kept)

    def test_none(self) -> None:
        """
        Of a request without a body no end is told.
        """
        self.begin()
        connection = self.one.client.accept()
        self.assertEqual((connection.length, connection.calls), (None, ["send"]))
        self.answered(connection)

    def test_client_fails(self) -> None:
        """
        Where the rest of the body will not come, the client is told why and the
        connection, whose request is not whole, is closed.
        """
        relay = self.begin(b"POST", 5)
        connection = self.one.client.accept()
        relay.request_failed(errors.RequestTimeout())
        self.assertEqual((self.status(), connection.calls), (408, ["send", "drop"]))
        self.assertIs(self.exchange.error, self.client.error)

    def test_client_fails_before_a_connection(self) -> None:
        """
        An attempt to connect is given up too.
        """
        self.begin(b"POST", 5).request_failed(errors.ContentTooLarge())
        self.assertEqual((self.status(), self.one.client.cancelled), (413, 1))

    def test_client_fails_too_late(self) -> None:
        """
        Once the answer is whole, nothing more is said.
        """
        relay = self.begin(b"POST", 5)
        self.answered(self.one.client.accept())
        relay.request_failed(errors.RequestTimeout())
        self.assertEqual(self.client.calls[-1], "end")

    def test_early_answer(self) -> None:
        """
        Pitfall 2: after an early answer the rest of the body goes nowhere: the
        connection is not the exchange's any more.
        """
        relay = self.begin(b"POST", 5)
        connection = self.one.client.accept()
        relay.request_body(b"a")
        self.answered(connection)
        relay.request_body(b"b")
        relay.request_flush()
        relay.request_ended(())
        relay.pause_response()
        relay.resume_response()
        self.assertEqual(connection.calls, ["send", "body"])

    def test_body_after_a_refusal(self) -> None:
        """
        What comes after the exchange was refused is not held.
        """
        relay = self.begin(b"POST", 2**20)
        self.one.client.accept().answer.answer_failed(errors.UpstreamMalformed())
        relay.request_body(b"a" * 100000)
        relay.request_ended(())
        self.assertEqual(self.client.calls, ["refuse"])
