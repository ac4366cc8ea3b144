from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from revproxy.testing import (
    RequestFilterContract,
    ResponseFilterContract,
    stand_in_exchange,
    stand_in_response,
)
from revproxy_sample.filters import RequestID


class RequestIDContractTests(RequestFilterContract, ResponseFilterContract, SynchronousTestCase):
    def make_request_filter(self) -> RequestID:
        return RequestID(Random(1), b"x-request-id")

    make_response_filter = make_request_filter


class RequestIDTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.filter = RequestID(Random(1), b"x-id")

    def test_same_both_ways(self) -> None:
        """
        Upstream and client are told the same identifier.
        """
        exchange, response = stand_in_exchange(), stand_in_response()
        self.filter.filter_request(exchange)
        self.filter.filter_response(exchange, response)
        self.assertEqual(len(response.fields.get(b"x-id")), 32)
        self.assertEqual(response.fields.get(b"x-id"), exchange.outbound.fields.get(b"x-id"))

    def test_each_its_own(self) -> None:
        """
        No two requests have the same, and the client's own is replaced.
        """
        exchanges = [stand_in_exchange(fields=((b"x-id", b"mine"),)) for _ in range(3)]
        for exchange in exchanges:
            self.filter.filter_request(exchange)
        identifiers = {exchange.outbound.fields.combined(b"x-id") for exchange in exchanges}
        self.assertEqual(len(identifiers - {b"mine"}), 3)
