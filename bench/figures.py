"""
What a measurement comes to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.cpu import CpuTime

Figures = Mapping[str, float]
"""
The values of one run, by their keys.
"""


@dataclass(frozen=True)
class Measure:
    """
    A value that the table shows, the smaller the better.

    @ivar key: what it is called in L{Figures}.
    @ivar unit: its unit.
    @ivar label: what the row's name is followed by, where a row has several lines.
    """

    key: str
    unit: str
    label: str = ""


CPU = Measure("cpu", "µs")
"""
CPU time for each request, handshake or message.
"""


def cpu_figures(spent: CpuTime, done: int, seconds: float) -> dict[str, float]:
    """
    Divide what was spent by what was done.

    @param done: how many requests were answered, or the like.
    @param seconds: how long that took.
    @return: microseconds of CPU for each: C{cpu}, of which C{user} in the program and C{kernel} in the
        kernel; and C{rate}, how many a second.
    """
    scale = 1e6 / done
    return {
        "cpu": spent.total * scale,
        "user": spent.user * scale,
        "kernel": spent.kernel * scale,
        "rate": done / seconds,
    }
