from __future__ import annotations

from collections.abc import Callable
from functools import partial

from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.exchange import Exchange, Reply, Response
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.testing import RequestFilterContract, ResponseFilterContract
from revproxy.wire.fields import FrozenFields, Pair
from tests.testing.verdict import broken_by


@implementer(IRequestFilter)
class Requests:
    """
    A filter that calls a function.
    """

    def __init__(self, act: Callable[[Exchange], object]) -> None:
        self._act = act

    def filter_request(self, exchange: Exchange) -> Reply | Deferred[Reply | None] | None:
        """
        Implement L{IRequestFilter.filter_request}.
        """
        answer = self._act(exchange)
        return answer  # type: ignore[return-value]


@implementer(IResponseFilter)
class Responses:
    """
    A filter that calls a function.
    """

    def __init__(self, act: Callable[[Response], object]) -> None:
        self._act = act

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        """
        Implement L{IResponseFilter.filter_response}.
        """
        return self._act(response)  # type: ignore[return-value]


class RequestFilterContractTests(SynchronousTestCase):
    def broken(self, act: Callable[[Exchange], object]) -> set[str]:
        return broken_by(RequestFilterContract, make_request_filter=lambda: Requests(act))

    def test_kept(self) -> None:
        """
        Filters that do nothing, answer, wait or change what they may, pass.
        """
        for act in (
            lambda exchange: None,
            lambda exchange: Reply(429, [(b"retry-after", b"1")]),
            lambda exchange: succeed(None),
            lambda exchange: exchange.outbound.fields.set(b"x-a", b"1"),
        ):
            self.assertEqual(self.broken(act), set())

    def test_no_filter(self) -> None:
        """
        What is no filter is found out.
        """
        broken = broken_by(RequestFilterContract, make_request_filter=object)
        self.assertIn("test_provides_its_interface", broken)

    def test_strange_answers(self) -> None:
        """
        Answers that are none, or could not be sent, are found out.
        """
        for answer in (
            403,
            True,
            Reply(100),
            Reply(200, [(b"Upper", b"1")]),
            Reply(200, [(b"content-length", b"1")]),
        ):
            self.assertEqual(self.broken(partial(self.give, answer)), {"test_answers_as_it_may"})

    def give(self, answer: object, exchange: Exchange) -> object:
        return answer

    def test_changed_request(self) -> None:
        """
        One that changes what the client sent is found out.
        """

        def change(exchange: Exchange) -> None:
            exchange.request.fields = FrozenFields()

        def replace(exchange: Exchange) -> None:
            exchange.request.method = b"PUT"

        self.assertEqual(self.broken(change), {"test_leaves_the_request"})
        self.assertEqual(self.broken(replace), {"test_leaves_the_request"})

    def test_bad_fields(self) -> None:
        """
        Pitfall 37: fields that would split the message are found out.
        """
        for pair in (
            (b"x\r\ny", b"1"),
            (b"x", b"1\r\ny: 2"),
            (b"X", b"1"),
            (b"transfer-encoding", b"chunked"),
        ):
            self.assertEqual(self.broken(partial(self.leave, pair)), {"test_outbound_can_be_sent"}, pair)

    def leave(self, pair: Pair, exchange: Exchange) -> None:
        exchange.outbound.fields.append(pair)


class ResponseFilterContractTests(SynchronousTestCase):
    def broken(self, act: Callable[[Response], object]) -> set[str]:
        return broken_by(ResponseFilterContract, make_response_filter=lambda: Responses(act))

    def test_kept(self) -> None:
        """
        A filter that changes what it may passes.
        """
        self.assertEqual(self.broken(lambda response: response.fields.add(b"x", b"1")), set())

    def test_broken(self) -> None:
        """
        One that answers, or leaves what could not be sent, is found out.
        """

        def forget_status(response: Response) -> None:
            response.status = 0

        for act in (
            lambda response: response,
            lambda response: response.fields.add(b"x", b"\n"),
            lambda response: response.fields.add(b"connection", b"close"),
            forget_status,
        ):
            self.assertEqual(self.broken(act), {"test_response_can_be_sent"})
