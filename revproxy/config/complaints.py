"""
What is wrong with the values of a file, and how it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import ValidationError

from revproxy.config.messages import one_line
from revproxy.config.positions import Fault, Path, Position
from revproxy.errors import Problem

WHOLE = "(file)"
"""
Stands for the key where the file itself is wrong.
"""


class Complaint(NamedTuple):
    """
    @ivar path: the key that is wrong.
    """

    path: Path
    message: str


def complaints_of(error: ValidationError) -> Iterator[Complaint]:
    """
    @return: all that pydantic found.
    """
    for details in error.errors(include_url=False):
        yield Complaint(tuple(part for part in details["loc"] if part != "[key]"), details["msg"])


def problems_of(file: str, faults: Iterable[Fault]) -> list[Problem]:
    """
    @param file: its name for messages.
    @return: in the order of the lines, each once.
    """
    return [_problem(file, fault) for fault in sorted(set(faults), key=_order)]


def _order(fault: Fault) -> tuple[Position, str]:
    return fault.position, fault.message


def _problem(file: str, fault: Fault) -> Problem:
    key = ".".join(map(str, fault.path)) or WHOLE
    return Problem(file, *fault.position, one_line(key), one_line(fault.message))
