"""
Health checks as a file has them.
"""

from __future__ import annotations

from typing import TypeVar

from revproxy.config.health_checks import HealthCheckSettings
from tests.config.files import FileTestCase

FORM = """\
listeners: {{web: {{endpoint: tcp:8080}}}}
upstreams:
  app:
    servers: [http://127.0.0.1:8001]
    health_check: {{type: {written}}}
routes: [{{upstream: app}}]
"""

S = TypeVar("S", bound=HealthCheckSettings)


class CheckFileTestCase(FileTestCase):
    def settings(self, kind: type[S], written: str) -> S:
        """
        The settings of a check.

        @param written: its type and its options.
        """
        spec = self.load(FORM.format(written=written)).upstreams["app"].health_check
        assert spec is not None
        settings = spec.settings
        assert isinstance(settings, kind)
        return settings

    def said(self, written: str) -> list[str]:
        """
        What is wrong with a check, each with its key within it.
        """
        problems = self.problems(FORM.format(written=written))
        found = [
            (problem.key.removeprefix("upstreams.app.health_check"), problem.message) for problem in problems
        ]
        return [f"{key.removeprefix('.')}: {message}" for key, message in found]
