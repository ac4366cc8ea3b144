"""
Tests of L{revproxy.edge.http1_response}: what goes wrong while an answer is written.
Which answers become which octets is in L{tests.edge.test_relayed_answers}.
"""

from __future__ import annotations

import re

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request
from typing_extensions import override
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.http1 import Http1Connection
from revproxy.edge.http1_response import Http1Response
from revproxy.edge.mount import MountedResource
from revproxy.exchange import Exchange, Reply, Response
from revproxy.interfaces import IDownstream, IRequestFilter, IResponseFilter
from revproxy.wire.fields import Pair
from tests.edge.proxied import GET, OK, Proxied, ProxiedTestCase, undated

ERROR = (
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 26\r\n\r\n500 Internal Server Error\n"
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
INJECTED = (
    (b"x", b"1\r\nset-cookie: a"),
    (b"x", b"1\ny: 2"),
    (b"x", b"1\x00"),
    (b"x\r\ny", b"1"),
    (b"", b"1"),
)


@implementer(IResponseFilter)
class Adding:
    """
    Adds a field to each response.
    """

    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        response.fields.append(self._pair)


@implementer(IResponseFilter)
class Replacing:
    """
    Says something else at the top of each response.
    """

    def __init__(self, reason: bytes) -> None:
        self._reason = reason

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        response.reason = self._reason


@implementer(IRequestFilter)
class Answering:
    """
    Answers each request.
    """

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def filter_request(self, exchange: Exchange) -> Reply:
        return self._reply


class SplittingTests(ProxiedTestCase):
    """
    Pitfall 37: fields that would change the shape of the answer.
    """

    def check_refused(self, received: bytes, told: object) -> None:
        self.assertEqual(undated(received), ERROR, told)
        self.assertTrue(self.client.open, told)
        self.client.leave()
        self.assert_nothing_left()

    def test_filter(self) -> None:
        """
        Pitfall 37: what a filter adds cannot split the answer: the client is told that
        something went wrong, in a whole message.
        """
        for pair in INJECTED:
            for answer in OK, CHUNKED:
                self.start(response_filters=[Adding(pair)])
                self.ask(GET, answer)
                self.check_refused(self.client.received, pair)

    def test_reason(self) -> None:
        """
        Pitfall 37: nor can a reason.
        """
        self.start(response_filters=[Replacing(b"OK\r\nset-cookie: a")])
        self.ask()
        self.check_refused(self.client.received, "reason")

    def test_reply(self) -> None:
        """
        Pitfall 37: nor a filter's own answer.
        """
        for pair in INJECTED:
            self.start(request_filters=[Answering(Reply(302, [(b"location", b"/"), pair]))])
            self.client.send(GET)
            self.check_refused(self.client.received, pair)


class Brief(Resource):
    """
    Promises more than it gives.
    """

    isLeaf = True

    @override
    def render(self, request: Request) -> int:
        request.setHeader(b"content-length", b"5")
        request.write(b"abc")
        request.finish()
        return NOT_DONE_YET


@implementer(IResponseFilter)
class Lengthening:
    """
    Announces a longer body than there is.
    """

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        response.length = 5


class ShortTests(ProxiedTestCase):
    """
    Pitfall 13: bodies that end before the length that was announced.
    """

    HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"

    def test_resource(self) -> None:
        """
        Pitfall 13: a mounted resource that ends too early is not taken for whole.
        """
        self.start()
        self.proxied.settings.answer = MountedResource(Brief(), self.proxied.clock, b"/").answer
        self.client.send(GET + GET)
        self.assertTrue(self.client.reset)
        self.assertEqual(len(self.proxied.finished), 1)
        self.assert_nothing_left()

    def test_relayed(self) -> None:
        """
        Pitfall 13: nor is an answer that a filter said is longer.
        """
        self.start(response_filters=[Lengthening()])
        self.client.send(GET)
        self.proxied.origin.send(OK[:-1])
        self.assertEqual(undated(self.client.received), self.HEAD + b"o")
        self.proxied.origin.send(OK[-1:])
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_without_a_body(self) -> None:
        """
        Pitfall 12: the length in an answer to HEAD promises nothing.
        """
        self.start(response_filters=[Lengthening()])
        self.ask(GET.replace(b"GET", b"HEAD"), OK[:-2])
        self.assertEqual(undated(self.client.received), self.HEAD)
        self.assertTrue(self.client.open)


class WrittenTests(ProxiedTestCase):
    def test_date(self) -> None:
        """
        An answer without a date gets one, an answer with one keeps it.
        """
        self.start()
        self.ask()
        self.assertEqual(len(re.findall(rb"\r\ndate: \w{3}, \d\d ", self.client.received)), 1)
        self.start()
        self.ask(GET, OK.replace(b"\r\n", b"\r\nDate: yesterday\r\n", 1))
        self.assertEqual(self.client.received.count(b"date: "), 1)
        self.assertIn(b"date: yesterday\r\n", self.client.received)

    def test_filters_answer(self) -> None:
        """
        A filter's own answer reaches the client, and the request no server.
        """
        self.start(request_filters=[Answering(Reply(204)), Answering(Reply(500))])
        self.client.send(GET + GET)
        self.assertEqual(undated(self.client.received), b"HTTP/1.1 204 No Content\r\n\r\n" * 2)
        self.assertEqual(self.proxied.origins, [])

    def test_recorded(self) -> None:
        """
        When its head came, how much was sent and when it was over is told.
        """
        self.start()
        self.proxied.advance(1)
        self.client.send(GET)
        self.proxied.advance(2)
        self.proxied.origin.send(CHUNKED[:-5])
        self.proxied.advance(3)
        self.proxied.origin.send(CHUNKED[-5:])
        (exchange,) = self.proxied.finished
        self.assertEqual((exchange.started, exchange.first_byte, exchange.ended), (1.0, 3.0, 6.0))
        self.assertEqual(exchange.body_sent, 3)

    def test_interface(self) -> None:
        """
        A response is an L{IDownstream}.
        """
        connection = Http1Connection(Proxied().settings)
        connection.write = lambda data: None
        self.assertTrue(verifyObject(IDownstream, Http1Response(connection, True)))
