"""
Tests of L{revproxy.flow.retries.budget}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.retries.budget import SAVED, RetryBudget


class RetryBudgetTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()

    def budget(self, share: float, least: float = 0.0) -> RetryBudget:
        return RetryBudget(self.clock.seconds, share, least)

    def withdrawn(self, budget: RetryBudget) -> int:
        """
        @return: how many retries there may be at once.
        """
        count = 0
        while count < 10_000 and budget.withdraw():
            count += 1
        return count

    def test_share(self) -> None:
        """
        Of many requests a share may be sent again.
        """
        budget = self.budget(0.2)
        for _ in range(100):
            budget.deposit()
        self.assertIn(self.withdrawn(budget), range(20 - 1, 20 + 1 + 1))

    def test_where_all_fail(self) -> None:
        """
        Where each request fails, retries add no more than the share to the load.
        """
        budget = self.budget(0.2)
        retries = 0
        for _ in range(10_000):
            budget.deposit()
            retries += budget.withdraw()
        self.assertIn(retries, range(2000 - 2, 2000 + 2 + 1))

    def test_saved(self) -> None:
        """
        What is not used is saved, but not for ever.
        """
        budget = self.budget(0.2)
        for _ in range(100_000):
            budget.deposit()
        self.assertIn(self.withdrawn(budget), range(200 - 1, 200 + 1 + 1))

    def test_least(self) -> None:
        """
        A few a second there may be in any case, saved for some seconds.
        """
        budget = self.budget(0.0, least=2.0)
        self.assertEqual(self.withdrawn(budget), 2 * SAVED)
        self.clock.advance(1.0)
        self.assertEqual(self.withdrawn(budget), 2)
        self.clock.advance(1000.0)
        self.assertEqual(self.withdrawn(budget), 2 * SAVED)
