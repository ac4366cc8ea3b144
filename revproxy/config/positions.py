"""
Where something is in a file.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""
Where a value is: the keys of mappings and the indexes of lists that lead to it.
"""


class Position(NamedTuple):
    """
    A place in a file, both counted from 1.
    """

    line: int
    column: int


BEGINNING = Position(1, 1)


class Fault(NamedTuple):
    """
    What is wrong with the document itself.
    """

    position: Position
    path: Path
    message: str
