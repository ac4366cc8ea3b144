"""
curl as a client.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from tests.live.installed import installed
from tests.live.programs import DEADLINE


class Curled(NamedTuple):
    """
    What curl did.

    @ivar status: its exit status.
    @ivar output: what the server sent, heads included where C{-i} was given.
    @ivar trace: what curl said of it with C{-v}.
    @ivar told: curl's own variables, by the names that C{--write-out} has for them.
    """

    status: int
    output: bytes
    trace: str
    told: dict[str, Any]

    @property
    def code(self) -> int:
        """
        The status of the last response.
        """
        code: int = self.told["http_code"]
        return code


def curl(*arguments: str | Path) -> Curled:
    """
    Run curl to its end.
    """
    fixed = ("-q", "--silent", "--verbose", "--noproxy", "*", "--write-out", "%{stderr}\n%{json}")
    done = subprocess.run(
        [installed("curl"), *fixed, *arguments], capture_output=True, timeout=4 * DEADLINE, check=False
    )
    trace, _, told = done.stderr.decode(errors="replace").rpartition("\n")
    return Curled(done.returncode, done.stdout, trace, json.loads(told))
