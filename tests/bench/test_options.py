"""
Tests of L{bench.options}.
"""

from __future__ import annotations

import io
from contextlib import redirect_stderr

from twisted.trial.unittest import SynchronousTestCase

from bench.options import is_complete, parse_arguments
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
        Rows and proxies are listed with commas or spaces, and kept in the order given.
        """
        options = parse_arguments(["--rows", "64k-tls 1k-plain", "--peers=caddy, nginx"])
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

    def test_empty_list(self) -> None:
        """
        An empty list, as of an unset variable of make, is everything.
        """
        self.assertEqual(parse_arguments(["--rows="]).rows, list(ROWS))

    def test_quick(self) -> None:
        """
        A quick benchmark is one short run, but for what is asked.
        """
        options = parse_arguments(["--quick", "--seconds=2"])
        self.assertEqual((options.runs, options.seconds), (1, 2))


class IsCompleteTests(SynchronousTestCase):
    def is_complete(self, *arguments: str) -> bool:
        return is_complete(parse_arguments(arguments))

    def test_usual(self) -> None:
        """
        A benchmark of everything, at full length or longer, belongs into the record.
        """
        self.assertTrue(self.is_complete())
        self.assertTrue(self.is_complete("--runs=5"))

    def test_part(self) -> None:
        """
        A part of it does not, nor does one that is shorter.
        """
        for option in ("--rows=1k-plain", "--peers=nginx", "--quick", "--runs=1", "--seconds=1"):
            self.assertFalse(self.is_complete(option), option)
