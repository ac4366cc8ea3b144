"""
Tests of L{bench.__main__}.
"""

from __future__ import annotations

import io
from contextlib import redirect_stderr

from twisted.trial.unittest import SynchronousTestCase

from bench.__main__ import parse_arguments
from bench.peers import PEERS
from bench.rows import ROWS


class ParseArgumentsTests(SynchronousTestCase):
    def refused(self, *arguments: str) -> str:
        with redirect_stderr(io.StringIO()) as errors:
            self.assertRaises(SystemExit, parse_arguments, arguments)
        return errors.getvalue()

    def test_everything_by_default(self) -> None:
        """
        Without options, every row and every proxy is measured.
        """
        options = parse_arguments([])
        self.assertEqual((options.rows, options.peers), (list(ROWS), list(PEERS)))

    def test_lists(self) -> None:
        """
        Rows and proxies are listed with commas, and kept in the order given.
        """
        options = parse_arguments(["--rows", "64k-tls,1k-plain", "--peers=caddy, nginx"])
        self.assertEqual((options.rows, options.peers), (["64k-tls", "1k-plain"], ["caddy", "nginx"]))

    def test_unknown_name(self) -> None:
        """
        A name that is not known is refused, together with those that are.
        """
        errors = self.refused("--peers", "nginx,engine-x")
        self.assertIn("unknown: engine-x; there are: nginx, haproxy,", errors)

    def test_numbers(self) -> None:
        """
        Seconds and runs are whole numbers above zero.
        """
        for text in ("0", "-1", "1.5", "x"):
            self.assertIn("not a whole number above zero", self.refused(f"--runs={text}"))
