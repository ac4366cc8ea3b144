"""
Memory of processes, as Linux accounts for it in C{/proc}.
"""

import re
from pathlib import Path

from bench.cpu import PROC, members

_RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


def parse_resident(status: str) -> int:
    """
    Read how much memory a process has, in bytes.

    @param status: the content of its C{status} file; one that is ending has none.
    """
    found = _RESIDENT.search(status)
    return int(found[1]) * 1024 if found else 0


def group_memory(group: int, proc: Path = PROC) -> int:
    """
    Add up what a process group has resident in memory, in bytes.  What its members share counts for each.

    @param group: the group's id.
    """
    return sum(parse_resident((path / "status").read_text()) for path in members(group, proc))
