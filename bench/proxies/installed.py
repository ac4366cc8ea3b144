"""
Proxies that are commands on this machine.
"""

import re
import subprocess

from typing_extensions import override

from bench.peer import Peer
from bench.process import find_program

_VERSION = re.compile(r"\d+\.\d+[\w.+-]*")


class InstalledProgram(Peer):
    """
    A proxy that the system's packages bring.

    @ivar program: its command.
    @ivar version_argument: the argument with which it prints its version.
    """

    program: str
    version_argument: str

    @override
    def version(self) -> str | None:
        """
        Implement L{Peer.version}.
        """
        program = find_program(self.program)
        if program is None:
            return None
        printed = subprocess.run(
            [program, self.version_argument], check=False, capture_output=True, text=True, timeout=30
        )
        found = _VERSION.search(printed.stdout + printed.stderr)
        return found[0] if found else "of unknown version"

    def path(self) -> str:
        """
        Look the program up; it must be installed.
        """
        return find_program(self.program) or self.program
