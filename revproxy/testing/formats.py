"""
The contract of the access log's formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.iweb import IAccessLogFormatter
from zope.interface.verify import verifyObject

from revproxy.exchange import Exchange
from revproxy.testing.stand_ins import stand_in_exchange, stand_in_response

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as Base
else:
    Base = object


class AccessLogFormatContract(Base):
    """
    What holds for every format of the access log.
    """

    def make_format(self) -> IAccessLogFormatter:
        """
        @return: a new format.
        """
        raise NotImplementedError

    def line(self, exchange: Exchange) -> str:
        """
        @return: the line of an exchange.
        """
        line = self.make_format()("[20/Nov/2026:23:52:01 +0000]", exchange)
        self.assertIsInstance(line, str)
        return str(line)

    def test_provides_its_interface(self) -> None:
        """
        It provides L{IAccessLogFormatter}.
        """
        self.assertTrue(verifyObject(IAccessLogFormatter, self.make_format()))

    def test_client_left(self) -> None:
        """
        An exchange that has no response yet has a line, too.
        """
        self.assertTrue(self.line(stand_in_exchange()))

    def test_one_line(self) -> None:
        """
        Nothing that a client sends breaks its line.
        """
        strange = b'"\\ \xff \x85 \xe2\x80\xa8'
        exchange = stand_in_exchange(fields=((b"user-agent", strange), (b"referer", strange)))
        exchange.response = stand_in_response()
        self.assertEqual(len(self.line(exchange).splitlines()), 1)
