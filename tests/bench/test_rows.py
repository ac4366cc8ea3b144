"""
Tests of L{bench.rows}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.peers import OURS, PEERS
from bench.rows import ROWS


class RowsTests(SynchronousTestCase):
    def test_ours_take_part(self) -> None:
        """
        There is no row that revproxy or nginx cannot be set up for.
        """
        for name in (*OURS, "nginx"):
            refusals = [PEERS[name].refusal(row.setup) for row in ROWS.values()]
            self.assertEqual(set(refusals), {None})

    def test_first_measure_is_compared(self) -> None:
        """
        Every row shows something.
        """
        self.assertTrue(all(row.workload.measures for row in ROWS.values()))
