"""
CPU time of processes, as Linux accounts for it in C{/proc}.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

# proc_pid_stat(5), counted from the field after the command's name, which is the third.
_GROUP = 5 - 3
_TIMES = slice(14 - 3, 18 - 3)


@dataclass(frozen=True)
class CpuTime:
    """
    CPU time in seconds.

    @ivar user: spent in the program.
    @ivar kernel: spent in the kernel on its behalf.
    """

    user: float = 0.0
    kernel: float = 0.0

    @property
    def total(self) -> float:
        """
        User and kernel time together.
        """
        return self.user + self.kernel

    def __add__(self, other: "CpuTime") -> "CpuTime":
        return CpuTime(self.user + other.user, self.kernel + other.kernel)

    def __sub__(self, other: "CpuTime") -> "CpuTime":
        return CpuTime(self.user - other.user, self.kernel - other.kernel)


def parse_stat(line: str) -> tuple[int, CpuTime]:
    """
    Read a process's C{stat} file.

    @param line: the file's content.  The command's name stands in parentheses and may itself hold spaces and
        parentheses.
    @return: the process group, and the time of all the process's threads and of those children that it has
        waited for.
    """
    fields = line.rpartition(")")[2].split()
    user, kernel, children_user, children_kernel = (int(ticks) / TICKS_PER_SECOND for ticks in fields[_TIMES])
    return int(fields[_GROUP]), CpuTime(user + children_user, kernel + children_kernel)


def group_time(group: int, proc: Path = PROC) -> CpuTime:
    """
    Add up what a process group has used so far.

    @param group: the group's id.
    """
    return sum((time for _, member, time in _processes(proc) if member == group), CpuTime())


def members(group: int, proc: Path = PROC) -> list[Path]:
    """
    List the directories of a process group's members.

    @param group: the group's id.
    """
    return [path for path, member, _ in _processes(proc) if member == group]


def _processes(proc: Path) -> Iterator[tuple[Path, int, CpuTime]]:
    for path in proc.glob("[0-9]*/stat"):
        try:
            yield path.parent, *parse_stat(path.read_text(errors="replace"))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading


def two_cores() -> tuple[int, int]:
    """
    Choose the core of the load and the core of the proxies.

    @raise RuntimeError: if this process may use one core only.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise RuntimeError("the benchmark needs two cores: one for the load, one for the proxy under test")
    return cores[0], cores[1]
