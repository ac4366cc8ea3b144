"""
The configuration files that the documentation shows are right.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import mkdtemp
from textwrap import dedent

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.catalog import registry
from revproxy.config.load import load_configuration
from revproxy.errors import ConfigurationError
from tests.certificates import Authority

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yaml"))

YAML_IN_RST = re.compile(r"^\.\. code-block:: yaml\n\n((?:(?: {3,}.*)?\n)+)", re.MULTILINE)


def provide_files(directory: Path, text: str) -> None:
    """
    Make the certificates, keys, secrets, directories, programs and files of servers that a file
    names.
    """
    tls = directory / "tls"
    tls.mkdir(exist_ok=True)
    authority = Authority(tls)
    for name in re.findall(r"certificate: tls/([\w-]+)\.pem", text):
        authority.issue(file=name)
    for name in re.findall(r"secret: tls/([\w.-]+)", text):
        (tls / name).write_text("0123456789abcdef" * 4)
    for name in re.findall(r"directory: (\w+)", text):
        (directory / name).mkdir(exist_ok=True)
    for name in re.findall(r"file: ([\w.]+)", text):
        (directory / name).write_text("- http://10.0.0.9:8001\n")
    for name in re.findall(r"command: \[(\w+/\w+)", text):
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).touch(0o755)
    for name in re.findall(r"ca: tls/([\w-]+\.pem)", text):
        shutil.copy(authority.certificate, tls / name)


class ExampleTests(SynchronousTestCase):
    """
    C{docs/examples/} and the file in C{README.rst}.
    """

    @override
    def setUp(self) -> None:
        self.directory = Path(mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def assertRight(self, name: str, text: str) -> None:
        provide_files(self.directory, text)
        path = self.directory / name
        path.write_text(text)
        try:
            load_configuration(path, registry())
        except ConfigurationError as error:
            self.fail(str(error))

    def test_examples(self) -> None:
        """
        Every example can be used as it is.
        """
        self.assertGreaterEqual(len(EXAMPLES), 9)
        for path in EXAMPLES:
            self.assertRight(path.name, path.read_text())

    def test_readme(self) -> None:
        """
        So can the file in the README.
        """
        (block,) = YAML_IN_RST.findall((ROOT / "README.rst").read_text())
        self.assertRight("readme.yaml", dedent(block))

    def test_examples_are_shown(self) -> None:
        """
        There is no example that the documentation does not show.
        """
        shown = "".join(path.read_text() for path in (ROOT / "docs").glob("*.rst"))
        self.assertEqual([path.name for path in EXAMPLES if f"examples/{path.name}" not in shown], [])

    def test_broken_example(self) -> None:
        """
        An example with a mistake is found.
        """
        text = (ROOT / "docs" / "examples" / "first.yaml").read_text()
        with self.assertRaises(self.failureException):
            self.assertRight("broken.yaml", text.replace("upstream: app", "upstream: apps"))
