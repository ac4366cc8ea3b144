from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IAccessLogFormatter
from zope.interface import provider

from revproxy.exchange import Exchange
from revproxy.operate.formats import combined_line, json_line
from revproxy.testing import AccessLogFormatContract
from tests.testing.verdict import broken_by


@provider(IAccessLogFormatter)
def trusting(timestamp: str, exchange: Exchange) -> str:
    """
    Writes what it is given.
    """
    return (exchange.request.fields.get(b"user-agent") or b"-").decode("latin-1")


@provider(IAccessLogFormatter)
def hasty(timestamp: str, exchange: Exchange) -> str:
    """
    Takes for granted that there was a response.
    """
    assert exchange.response is not None
    return str(exchange.response.status)


class AccessLogFormatContractTests(SynchronousTestCase):
    def broken(self, made: Callable[[str, Exchange], object]) -> set[str]:
        return broken_by(AccessLogFormatContract, make_format=lambda: made)

    def test_kept(self) -> None:
        """
        The formats that come with the proxy keep the contract.
        """
        self.assertEqual(self.broken(combined_line), set())
        self.assertEqual(self.broken(json_line), set())

    def test_broken(self) -> None:
        """
        Formats that let a client break the line, or need a response, are found out.
        """
        self.assertEqual(self.broken(trusting), {"test_one_line"})
        self.assertEqual(self.broken(hasty), {"test_client_left"})
        self.assertIn("test_provides_its_interface", self.broken(lambda timestamp, exchange: "x"))
