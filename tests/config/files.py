"""
Configuration files for tests.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from textwrap import dedent

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.catalog import built_ins
from revproxy.config.configuration import Configuration
from revproxy.config.load import load_configuration
from revproxy.config.servers import ServerSettings
from revproxy.config.upstreams import UpstreamSettings
from revproxy.errors import ConfigurationError, Problem

MINIMAL = """\
listeners:
  web: {endpoint: tcp:8080}
upstreams:
  app: {servers: [http://127.0.0.1:8001]}
routes:
  - upstream: app
"""
"""
The least that a file may say; what a test adds begins in line 7.
"""

CACHED = MINIMAL + "    cache: mine\ncaches: {mine: %s}\n"
"""
The least that a file may say with a cache, which is yet to be put in.
"""


def written(upstream: UpstreamSettings) -> list[ServerSettings]:
    """
    The servers of an upstream that names no files of them.
    """
    return [entry for entry in upstream.servers if isinstance(entry, ServerSettings)]


class FileTestCase(SynchronousTestCase):
    """
    Writes files and reads them back.

    @ivar directory: where the file is.
    """

    @override
    def setUp(self) -> None:
        self.directory = Path(mkdtemp(prefix="revproxy-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.path = self.directory / "revproxy.yaml"
        self.registry = built_ins()

    def load(self, text: str) -> Configuration:
        """
        Read a file with this text.
        """
        self.path.write_text(dedent(text))
        return load_configuration(self.path, self.registry)

    def problems(self, text: str) -> list[Problem]:
        """
        All that is wrong with a file of this text.
        """
        try:
            self.load(text)
        except ConfigurationError as error:
            return list(error.problems)
        return []

    def complaints(self, added: str) -> list[tuple[str, str]]:
        """
        Key and message of all that is wrong with the minimal file and what is added.
        """
        return [(problem.key, problem.message) for problem in self.problems(MINIMAL + dedent(added))]
