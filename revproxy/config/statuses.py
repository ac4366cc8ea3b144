"""
Statuses of answers, as the file writes them: C{404}, or C{300-399} for all from one to
the other.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias, TypeGuard

from pydantic import PlainValidator, WithJsonSchema

from revproxy.config.messages import described

LEAST: Final = 200
MOST: Final = 599

_RANGE = re.compile(r"([2-5][0-9]{2})-([2-5][0-9]{2})", re.ASCII).fullmatch


def parse_statuses(value: object) -> range:
    """
    @param value: such as 204, or C{"300-399"}.
    @return: the statuses that it stands for, at least one.
    @raise ValueError: it is no final status, nor a range of them.
    """
    if _is_status(value):
        return range(value, value + 1)
    found = _RANGE(value) if isinstance(value, str) else None
    statuses = range(int(found[1]), int(found[2]) + 1) if found else range(0)
    if not statuses:
        raise ValueError(
            f"must be a status from {LEAST} to {MOST} or a range such as 300-399, not {described(value)}"
        )
    return statuses


def parse_status_key(value: object) -> int:
    """
    @param value: the key of a mapping, which may be text.
    @raise ValueError: it is no final status.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not _is_status(value):
        raise ValueError(f"must be a status from {LEAST} to {MOST}, not {described(value)}")
    return value


def _is_status(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and LEAST <= value <= MOST


Statuses: TypeAlias = Annotated[
    range,
    PlainValidator(parse_statuses),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": LEAST, "maximum": MOST},
                {"type": "string", "pattern": "^[2-5][0-9]{2}-[2-5][0-9]{2}$"},
            ]
        }
    ),
]
"""
One status or several.
"""

StatusKey: TypeAlias = Annotated[
    int, PlainValidator(parse_status_key), WithJsonSchema({"type": "string", "pattern": "^[2-5][0-9][0-9]$"})
]
"""
One status, as the key of a mapping.
"""
