"""
The contracts of filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from revproxy.exchange import Exchange, Reply, Request, Response
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.testing.stand_ins import stand_in_exchange, stand_in_response
from revproxy.wire.fields import TOKEN, UNSAFE_IN_VALUE, Fields

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as Base
else:
    Base = object

FRAMING = frozenset(
    (b"connection", b"content-length", b"keep-alive", b"trailer", b"transfer-encoding", b"upgrade")
)
"""
Fields that only the serialiser writes.
"""


class _FieldsContract(Base):
    """
    What holds for fields that a filter leaves behind.
    """

    def assertFieldsSendable(self, fields: Fields) -> None:
        """
        Names are tokens in lower case, values have no controls, and framing is left
        to the serialiser.
        """
        self.assertIsInstance(fields, Fields)
        for name, value in fields:
            self.assertTrue(TOKEN(name), name)
            self.assertEqual(name, name.lower())
            self.assertIsNone(UNSAFE_IN_VALUE(value), (name, value))
            self.assertNotIn(name, FRAMING)


class RequestFilterContract(_FieldsContract):
    """
    What holds for every filter of requests.
    """

    def make_request_filter(self) -> IRequestFilter:
        """
        @return: a new filter.
        """
        raise NotImplementedError

    def exchanges(self) -> list[Exchange]:
        """
        @return: requests that the filter is tried with; add those that it is for.
        """
        return [
            stand_in_exchange(),
            stand_in_exchange(b"/", fields=()),
            stand_in_exchange(b"/a?b=c", method=b"POST", fields=((b"cookie", b"a=1"), (b"cookie", b"b=2"))),
            stand_in_exchange(b"*", method=b"OPTIONS"),
            stand_in_exchange(client="2001:db8::1", fields=((b"x-strange", b"\xff \xe4"),)),
        ]

    def test_provides_its_interface(self) -> None:
        """
        It provides L{IRequestFilter}.
        """
        self.assertTrue(verifyObject(IRequestFilter, self.make_request_filter()))

    def test_answers_as_it_may(self) -> None:
        """
        It gives nothing, a L{Reply}, or a L{Deferred}.
        """
        request_filter = self.make_request_filter()
        for exchange in self.exchanges():
            answer = request_filter.filter_request(exchange)
            self.assertIsInstance(answer, (type(None), Reply, Deferred))
            if isinstance(answer, Reply):
                self.assertFieldsSendable(answer.fields)
                self.assertTrue(200 <= answer.status <= 599, answer.status)

    def test_leaves_the_request(self) -> None:
        """
        The request as it was received stays as it is.
        """
        request_filter = self.make_request_filter()
        for exchange in self.exchanges():
            request = exchange.request
            before = _attributes(request)
            request_filter.filter_request(exchange)
            self.assertIs(exchange.request, request)
            self.assertEqual(_attributes(request), before)

    def test_outbound_can_be_sent(self) -> None:
        """
        What it makes of the outbound request can be sent.
        """
        request_filter = self.make_request_filter()
        for exchange in self.exchanges():
            request_filter.filter_request(exchange)
            self.assertFieldsSendable(exchange.outbound.fields)
            self.assertTrue(TOKEN(exchange.outbound.method))
            self.assertTrue(exchange.outbound.target.startswith((b"/", b"*")), exchange.outbound.target)


class ResponseFilterContract(_FieldsContract):
    """
    What holds for every filter of responses.
    """

    def make_response_filter(self) -> IResponseFilter:
        """
        @return: a new filter.
        """
        raise NotImplementedError

    def responses(self) -> list[Response]:
        """
        @return: responses that the filter is tried with; add those that it is for.
        """
        return [
            stand_in_response(),
            stand_in_response(fields=()),
            stand_in_response(404, ((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"))),
            stand_in_response(304, ((b"etag", b'"x"'),)),
        ]

    def test_provides_its_interface(self) -> None:
        """
        It provides L{IResponseFilter}.
        """
        self.assertTrue(verifyObject(IResponseFilter, self.make_response_filter()))

    def test_response_can_be_sent(self) -> None:
        """
        What it makes of a response can be sent, and it returns nothing.
        """
        response_filter = self.make_response_filter()
        for response in self.responses():
            returned: object = response_filter.filter_response(stand_in_exchange(), response)
            self.assertIsNone(returned)
            self.assertFieldsSendable(response.fields)
            self.assertTrue(200 <= response.status <= 599, response.status)


def _attributes(request: Request) -> dict[str, object]:
    return {name: getattr(request, name) for name in dir(request) if not name.startswith("_")}
