from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from revproxy.cli import main
from tests.config.files import MINIMAL, FileTestCase


class Run(NamedTuple):
    """
    What a command did.
    """

    status: object
    output: str
    errors: str


def run(*arguments: object) -> Run:
    """
    Run the command within this process.
    """
    output, errors = StringIO(), StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            status: object = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            status = leaving.code
    return Run(status, output.getvalue(), errors.getvalue())


class CheckTests(FileTestCase):
    def test_right(self) -> None:
        """
        A file without errors is told on standard output, in one line.
        """
        self.path.write_text(MINIMAL)
        self.assertEqual(run("check", self.path), Run(0, f"{self.path}: ok\n", ""))

    def test_wrong(self) -> None:
        """
        Every error of a file is a line on standard error, and the exit status 1.
        """
        self.path.write_text(MINIMAL + "limit: {}\ndrain_timeout: 5\n")
        done = run("check", self.path)
        self.assertEqual((done.status, done.output), (1, ""))
        first, second = done.errors.splitlines()
        self.assertTrue(first.startswith(f"{self.path}:7:1: limit: no key is called 'limit'"), first)
        self.assertTrue(second.startswith(f"{self.path}:8:1: drain_timeout: must be a duration"), second)

    def test_not_there(self) -> None:
        """
        A file that cannot be read is one clear line.
        """
        done = run("check", self.path)
        self.assertEqual(
            done, Run(1, "", f"{self.path}:1:1: (file): cannot be read: No such file or directory\n")
        )


class SchemaTests(SynchronousTestCase):
    def test_schema(self) -> None:
        """
        The schema is JSON on standard output.
        """
        done = run("schema")
        self.assertEqual((done.status, done.errors), (0, ""))
        self.assertIn("listeners", json.loads(done.output)["properties"])


class UsageTests(SynchronousTestCase):
    def test_bad_usage(self) -> None:
        """
        Wrong arguments have the exit status 2 and say what would be right.
        """
        wrong: Sequence[Sequence[str]] = [(), ("chek",), ("check",), ("schema", "x"), ("--port", "1")]
        for arguments in wrong:
            done = run(*arguments)
            self.assertEqual((done.status, done.output), (2, ""), arguments)
            self.assertSubstring("usage: revproxy", done.errors)

    def test_help(self) -> None:
        """
        Help names the commands.
        """
        done = run("--help")
        self.assertEqual(done.status, 0)
        self.assertSubstring("check", done.output)
        self.assertSubstring("schema", done.output)

    def test_version(self) -> None:
        """
        The version is told.
        """
        done = run("--version")
        self.assertEqual(done.status, 0)
        self.assertRegex(done.output, r"\Arevproxy \S")

    def test_no_reactor(self) -> None:
        """
        The command installs no reactor.
        """
        program = (
            "import sys; from revproxy.cli import main; main(['schema']);"
            " sys.exit('twisted.internet.reactor' in sys.modules)"
        )
        subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
