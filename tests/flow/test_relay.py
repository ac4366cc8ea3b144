"""
Tests of L{revproxy.flow.relay}: one exchange, with both sides in memory.
"""

from __future__ import annotations

from zope.interface import implementer

from revproxy import errors
from revproxy.errors import ExchangeError, UpstreamGone
from revproxy.exchange import Exchange, Response
from revproxy.interfaces import IResponseFilter
from tests.fakes import RecordingDownstream, a_response, an_exchange
from tests.flow.relay_case import RelayCase, UnsafeDownstream
from tests.flow.upstream_side import Odd, RecordingConnection, error_of


@implementer(IResponseFilter)
class Stamping:
    """
    A filter that adds a field to responses, or fails.
    """

    def __init__(self, value: bytes = b"1", error: Exception | None = None) -> None:
        self._value = value
        self._error = error

    def filter_response(self, exchange: Exchange, response: Response) -> object:
        if self._error is not None:
            raise self._error
        response.fields.add(b"x-stamp", self._value)
        return response


class ExchangeTests(RelayCase):
    def test_new_connection(self) -> None:
        """
        Where no connection is kept, a new one is made and carries the exchange.
        """
        self.begin()
        self.assertEqual(self.one.server.active, 1)
        connection = self.one.client.accept()
        self.assertEqual((connection.calls, connection.authority), (["send"], b"example.com"))
        self.answered(connection)
        self.assertEqual((self.exchange.server, self.exchange.tries), ("http://one", 1))

    def test_kept_connection(self) -> None:
        """
        A connection that was kept carries the exchange at once.
        """
        connection = self.one.keep()
        self.begin()
        self.assertEqual(connection.calls, ["send"])
        self.answered(connection)

    def test_server_counts_as_busy(self) -> None:
        """
        The server is busy until the answer is whole.
        """
        self.begin()
        connection = self.one.client.accept()
        connection.answer.answer_begun(a_response())
        self.assertEqual(self.one.server.active, 1)
        connection.answer.answer_ended(())
        self.assertEqual(self.one.server.active, 0)

    def test_answer_as_it_comes(self) -> None:
        """
        Head, parts of the body, trailers and the moments between go on in order.
        """
        self.begin()
        answer = self.one.client.accept().answer
        answer.answer_begun(a_response())
        answer.answer_flush()
        answer.answer_body(b"a")
        answer.answer_body(b"b")
        answer.answer_flush()
        answer.answer_ended([(b"x", b"1")])
        self.assertEqual(self.client.calls, ["begin", "flush", "write", "write", "flush", "end"])
        self.assertEqual((self.client.body, self.client.trailers), (b"ab", [(b"x", b"1")]))

    def test_interim(self) -> None:
        """
        Pitfall 15: interim responses go on, and the final one is still awaited.
        """
        self.begin()
        connection = self.one.client.accept()
        connection.answer.answer_interim(103, b"", [(b"link", b"</a>")])
        connection.answer.answer_interim(102, b"", ())
        self.assertEqual((self.client.interims, self.client.response), ([103, 102], None))
        self.answered(connection)

    def test_too_large(self) -> None:
        """
        A body that is declared larger than allowed is 413, and no server is asked.
        """
        self.relayed(an_exchange(self.client, b"PUT", length=11, most_body=10))
        self.assertEqual((self.status(), self.exchange.tries), (413, 0))

    def test_largest(self) -> None:
        """
        A body of just what is allowed is relayed.
        """
        self.relayed(an_exchange(self.client, b"PUT", length=10, most_body=10))
        self.answered(self.one.client.accept())


class ResponseFilterTests(RelayCase):
    def answer(self) -> RecordingConnection:
        self.begin()
        connection = self.one.client.accept()
        connection.answer.answer_begun(a_response())
        return connection

    def test_changes(self) -> None:
        """
        Filters change the head before the client gets it, in order; what they return
        does not count.
        """
        self.response_filters = Stamping(b"1"), Stamping(b"2")
        self.answer().answer.answer_ended(())
        assert self.client.response is not None
        self.assertEqual(self.client.response.fields.get_all(b"x-stamp"), [b"1", b"2"])

    def test_fails(self) -> None:
        """
        Where a filter fails the client gets a 500 and the connection is closed; what
        else comes on it goes nowhere.
        """
        self.response_filters = (Stamping(error=Odd()),)
        connection = self.answer()
        self.assertEqual((self.status(), connection.calls), (500, ["send", "drop"]))
        self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)
        self.assertEqual(self.client.calls, ["refuse"])

    def test_refuses(self) -> None:
        """
        An error that says what becomes of the exchange is what the client gets.
        """
        self.response_filters = (Stamping(error=error_of(451)),)
        self.answer()
        self.assertEqual(self.status(), 451)
        self.assertIs(self.exchange.error, self.client.error)

    def test_unsafe(self) -> None:
        """
        Pitfall 37: a head that cannot be sent becomes a 500.
        """
        self.client = UnsafeDownstream()
        self.response_filters = (Stamping(b"a\r\nb"),)
        self.answer()
        self.assertEqual(self.status(), 500)


class BackPressureTests(RelayCase):
    def test_slow_client(self) -> None:
        """
        Pitfall 26: a client that reads slowly stops the reading of the response.
        """
        relay = self.begin()
        connection = self.one.client.accept()
        relay.pause_response()
        relay.resume_response()
        self.assertEqual(connection.calls, ["send", "pause", "resume"])
        self.answered(connection)

    def test_slow_before_there_is_a_connection(self) -> None:
        """
        A client that already reads slowly stops a connection that is made later.
        """
        relay = self.begin()
        relay.pause_response()
        connection = self.one.client.accept()
        self.assertEqual(connection.calls, ["send", "pause"])
        relay.resume_response()
        self.answered(connection)

    def test_quick_again(self) -> None:
        """
        A client that has caught up meanwhile does not.
        """
        relay = self.begin()
        relay.pause_response()
        relay.resume_response()
        connection = self.one.client.accept()
        self.assertEqual(connection.calls, ["send"])
        self.answered(connection)

    def test_slow_server(self) -> None:
        """
        A server that reads slowly stops the reading of the request.
        """
        self.begin(b"POST", 5)
        connection = self.one.client.accept()
        connection.answer.pause_request()
        connection.answer.resume_request()
        self.assertEqual(self.client.calls, ["pause_body", "resume_body"])
        self.answered(connection)


class ClientLeavesTests(RelayCase):
    def test_while_connecting(self) -> None:
        """
        Pitfall 44: an attempt to connect is given up.
        """
        self.begin().client_left()
        self.assertEqual((self.one.client.cancelled, self.client.calls), (1, []))

    def test_connected_too_late(self) -> None:
        """
        Pitfall 44: a connection that is made all the same is closed unused.
        """
        self.one.client.too_late = RecordingConnection()
        self.begin().client_left()
        self.assertEqual(self.one.client.too_late.calls, ["drop"])

    def test_while_it_waits(self) -> None:
        """
        Pitfall 44: a connection whose answer nobody wants is closed.
        """
        relay = self.begin()
        connection = self.one.client.accept()
        relay.client_left()
        self.assertEqual((connection.calls, self.client.calls), (["send", "drop"], []))

    def test_while_it_is_answered(self) -> None:
        """
        Pitfall 44: so is one in the middle of its answer.
        """
        relay = self.begin()
        connection = self.one.client.accept()
        connection.answer.answer_begun(a_response())
        relay.client_left()
        self.assertEqual((connection.calls, self.client.calls), (["send", "drop"], ["begin"]))

    def test_late_failure(self) -> None:
        """
        What fails afterwards is nobody's concern.
        """
        relay = self.begin()
        connection = self.one.client.accept()
        relay.client_left()
        connection.answer.answer_failed(UpstreamGone())
        self.assertEqual(self.client.calls, [])

    def test_afterwards(self) -> None:
        """
        Leaving after the answer was whole ends nothing twice.
        """
        relay = self.begin()
        connection = self.one.client.accept()
        self.answered(connection)
        relay.client_left()
        self.assertEqual(connection.calls, ["send"])


class ErrorTests(RelayCase):
    def test_every_error(self) -> None:
        """
        The client gets the status of whatever ends the exchange before its answer.
        """
        for kind in every_error():
            if kind.retry_safe:
                continue
            self.client = RecordingDownstream()
            self.begin(b"POST")
            connection = self.one.client.accept()
            connection.answer.answer_failed(kind("told to the log"))
            self.assertEqual((self.status(), self.client.calls), (kind.status, ["refuse"]), kind)

    def test_unforeseen_when_connecting(self) -> None:
        """
        An error of another kind is a 502, and logged with its traceback.
        """
        self.begin()
        self.one.client.refuse(Odd())
        self.assertEqual((self.status(), self.exchange.tries), (502, 1))
        self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)

    def test_unsafe_request(self) -> None:
        """
        Pitfall 37: a request that cannot be written is a 500, and the connection is closed.
        """
        for error in (error_of(500), Odd()):
            self.client = RecordingDownstream()
            self.begin()
            connection = self.one.client.accept(RecordingConnection(error=error))
            self.assertEqual((self.status(), connection.calls), (500, ["send", "drop"]))
        self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)

    def test_unsafe_request_on_a_kept_connection(self) -> None:
        """
        Pitfall 37: so it is where the connection was kept.
        """
        for error in (error_of(500), Odd()):
            self.client, connection = RecordingDownstream(), self.one.keep()
            connection.error = error
            self.begin()
            self.assertEqual((self.status(), connection.calls), (500, ["send", "drop"]))
        self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)

    def test_balancer_fails(self) -> None:
        """
        A balancer that fails is a 500, and logged with its traceback.
        """
        self.balancer.error = Odd()
        self.begin()
        self.assertEqual((self.status(), self.exchange.tries), (500, 0))
        self.assertEqual(len(self.flushLoggedErrors(Odd)), 1)


def every_error() -> list[type[ExchangeError]]:
    """
    @return: all kinds of errors that end an exchange.
    """
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ExchangeError)
    ]
