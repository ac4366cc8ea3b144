"""
What is said of programs that are not there.
"""

from __future__ import annotations

import os
import re

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.live.installed import PACKAGES, installed
from tests.live.programs import ROOT


class InstalledTests(SynchronousTestCase):
    def test_found(self) -> None:
        """
        A program that is there is found by its path.
        """
        self.assertTrue(os.access(installed("sh"), os.X_OK))

    def test_missing(self) -> None:
        """
        For one that is not the test is skipped, with a line that names the package.
        """
        said = str(self.assertRaises(SkipTest, installed, "no-such-program"))
        self.assertEqual(
            said,
            "no-such-program is not installed; on Debian and Ubuntu: apt-get install no-such-program",
        )

    def test_continuous_integration(self) -> None:
        """
        C{.ci/run} installs each of them, and the documentation names each.
        """
        script = (ROOT / ".ci" / "run").read_text()
        self.assertLessEqual(
            PACKAGES.items(), dict(re.findall(r"^ +\[([\w-]+)\]=([\w-]+)$", script, re.M)).items()
        )
        for page in ("README.rst", "docs/install.rst"):
            text = (ROOT / page).read_text()
            self.assertEqual([package for package in PACKAGES.values() if package not in text], [], page)
