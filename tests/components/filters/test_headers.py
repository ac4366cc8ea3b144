from __future__ import annotations

from pathlib import Path
from random import Random

from pydantic import ValidationError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.filters.headers import HeaderFields, HeaderFieldsSettings, headers
from revproxy.exchange import Exchange, Response
from revproxy.registry import Environment
from revproxy.testing import (
    RequestFilterContract,
    ResponseFilterContract,
    stand_in_exchange,
    stand_in_response,
)

REQUEST = ((b"a", b"1"), (b"b", b"2"), (b"a", b"3"))


def make(**written: object) -> HeaderFields:
    """
    The filter of these settings.
    """
    settings = HeaderFieldsSettings.model_validate(written)
    made = headers(settings, Environment(Clock(), Random(0), Path("/")))
    assert isinstance(made, HeaderFields)
    return made


class HeaderFieldsContractTests(RequestFilterContract, ResponseFilterContract, SynchronousTestCase):
    def make_filter(self) -> HeaderFields:
        return make(
            set_request={"X-A": "é", "Host": "b"},
            remove_request=["Cookie"],
            set_response={"Server": "x"},
            remove_response=["Set-Cookie"],
        )

    make_request_filter = make_filter
    make_response_filter = make_filter


class RequestTests(SynchronousTestCase):
    def filtered(self, **written: object) -> Exchange:
        exchange = stand_in_exchange(fields=REQUEST)
        make(**written).filter_request(exchange)
        return exchange

    def test_set(self) -> None:
        """
        What is set is the only value, whether or not there was one.
        """
        exchange = self.filtered(set_request={"A": "x", "C": "y"})
        self.assertEqual(exchange.outbound.fields, [(b"b", b"2"), (b"a", b"x"), (b"c", b"y")])

    def test_remove(self) -> None:
        """
        All values of what is removed are gone; the order of the others stays.
        """
        self.assertEqual(self.filtered(remove_request=["A", "Z"]).outbound.fields, [(b"b", b"2")])

    def test_nothing(self) -> None:
        """
        Without options nothing changes.
        """
        self.assertEqual(self.filtered().outbound.fields, list(REQUEST))

    def test_host(self) -> None:
        """
        Setting Host changes the authority, and makes no field.
        """
        exchange = self.filtered(set_request={"Host": "other.example"})
        self.assertEqual(exchange.outbound.authority, b"other.example")
        self.assertIsNone(exchange.outbound.fields.get(b"host"))
        self.assertIsNone(self.filtered(set_request={"A": "x"}).outbound.authority)

    def test_response_is_left(self) -> None:
        """
        Options for requests do nothing to responses.
        """
        response = stand_in_response(fields=REQUEST)
        make(set_request={"A": "x"}, remove_request=["B"]).filter_response(stand_in_exchange(), response)
        self.assertEqual(response.fields, list(REQUEST))


class ResponseTests(SynchronousTestCase):
    def filtered(self, **written: object) -> Response:
        response = stand_in_response(fields=REQUEST)
        make(**written).filter_response(stand_in_exchange(), response)
        return response

    def test_set_and_remove(self) -> None:
        """
        Fields of responses are set and removed likewise.
        """
        response = self.filtered(set_response={"B": "x"}, remove_response=["A"])
        self.assertEqual(response.fields, [(b"b", b"x")])

    def test_set_and_removed(self) -> None:
        """
        What is both removed and set has the value that is set.
        """
        response = self.filtered(set_response={"A": "x"}, remove_response=["A"])
        self.assertEqual(response.fields, [(b"b", b"2"), (b"a", b"x")])


class SettingsTests(SynchronousTestCase):
    def refusal(self, **written: object) -> str:
        return str(self.assertRaises(ValidationError, HeaderFieldsSettings.model_validate, written))

    def test_framing(self) -> None:
        """
        Fields that delimit the body or belong to a connection are not for filters.
        """
        for name in ("Content-Length", "Transfer-Encoding", "Connection", "TE", "Upgrade", "Trailer"):
            for side in ("request", "response"):
                self.assertSubstring("written by the proxy", self.refusal(**{f"set_{side}": {name: "1"}}))
                self.assertSubstring("written by the proxy", self.refusal(**{f"remove_{side}": [name]}))

    def test_host_stays(self) -> None:
        """
        There is no request without Host.
        """
        self.assertSubstring("set it instead", self.refusal(remove_request=["host"]))

    def test_host_is_a_host(self) -> None:
        """
        Pitfall 18: what Host is set to is a host with or without a port.
        """
        self.assertSubstring("no host name", self.refusal(set_request={"Host": "a b@c"}))

    def test_values(self) -> None:
        """
        Pitfall 37: no value can split a message.
        """
        self.assertSubstring("line breaks", self.refusal(set_response={"A": "x\r\nB: y"}))
        self.assertSubstring("token", self.refusal(set_response={"A\r\nB": "y"}))
