"""
Tests of L{revproxy.components.stores.disk.trouble}.
"""

from __future__ import annotations

import errno
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.stores.disk.trouble import Trouble


class TroubleTests(SynchronousTestCase):
    def test_well_from_the_start(self) -> None:
        """
        As long as nothing was wrong nothing is said of it.
        """
        trouble = Trouble(Path("/cache"))
        trouble.over()
        self.assertEqual(trouble.errors, 0)
        trouble.happened("cannot be opened", OSError(errno.ENOSPC, "No space left on device"))
        trouble.happened("cannot be opened", OSError(errno.ENOSPC, "No space left on device"))
        self.assertEqual(trouble.errors, 2)
