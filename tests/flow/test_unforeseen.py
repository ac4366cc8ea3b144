"""
Tests of L{revproxy.flow.unforeseen}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import NoServer
from revproxy.flow.unforeseen import Unforeseen, as_exchange_error
from tests.flow.upstream_side import Odd


class AsExchangeErrorTests(SynchronousTestCase):
    def test_foreseen(self) -> None:
        """
        An error that says what becomes of the exchange stays what it is, and is not logged.
        """
        error = NoServer()
        self.assertIs(as_exchange_error(error, "a part"), error)

    def test_unforeseen(self) -> None:
        """
        Any other becomes a 500, whose message names the part; its traceback is logged.
        """
        error = as_exchange_error(Odd("why"), "a part")
        self.assertEqual((type(error), error.status, error.retry_safe), (Unforeseen, 500, False))
        self.assertEqual(str(error), "a part failed: Odd")
        self.assertEqual([str(failure.value) for failure in self.flushLoggedErrors(Odd)], ["why"])
