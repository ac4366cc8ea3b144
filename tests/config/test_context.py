from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import built_ins
from revproxy.config.configuration import AccessLogSettings
from revproxy.config.context import Context
from revproxy.registry import ComponentSpec, Settings

FORMAT = ComponentSpec("combined", Settings())


class DirectoryTests(SynchronousTestCase):
    def test_with_a_file(self) -> None:
        """
        Paths are relative to the context's directory.
        """
        context = Context(built_ins(), Path("/"))
        settings = AccessLogSettings.model_validate({"format": "json", "path": "access.log"}, context=context)
        self.assertEqual(settings.path, Path("/access.log"))

    def test_without_a_file(self) -> None:
        """
        Settings that are made in Python have paths relative to the working directory.
        """
        settings = AccessLogSettings.model_validate({"format": FORMAT, "path": "access.log"})
        self.assertEqual(settings.path, Path.cwd() / "access.log")
