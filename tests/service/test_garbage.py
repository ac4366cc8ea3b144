"""
Tests of L{revproxy.service.garbage}.
"""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase

from revproxy.service.garbage import YOUNG, settle


class SettleTests(SynchronousTestCase):
    def test_settles(self) -> None:
        """
        What is there is not looked at any more, and the rest less often.
        """
        self.addCleanup(gc.unfreeze)
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        gc.unfreeze()
        settle()
        self.assertGreater(gc.get_freeze_count(), 0)
        self.assertEqual(gc.get_threshold()[0], YOUNG)
