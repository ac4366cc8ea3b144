"""
What can go wrong with a server, and shares, as the file writes them.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import PlainValidator, WithJsonSchema

from revproxy.config.messages import described
from revproxy.errors import CONDITIONS

RETRIABLE: Final = tuple(name for name in CONDITIONS if name != "reset-in-response")
"""
Those after which another server can be tried: the response has not begun.
"""

_SHARE = re.compile(r"([0-9]{1,3})%", re.ASCII).fullmatch


def parse_condition(value: object) -> str | int:
    """
    @return: the name of a condition, or a status from 400 to 599.
    @raise ValueError: it is neither.
    """
    if value in CONDITIONS and isinstance(value, str):
        return value
    return _status(value, CONDITIONS)


def parse_retriable(value: object) -> str | int:
    """
    @return: see L{parse_condition}.
    @raise ValueError: another server cannot be tried after that.
    """
    if value in RETRIABLE and isinstance(value, str):
        return value
    if value in CONDITIONS and isinstance(value, str):
        raise ValueError(f"{value} comes when the client has a part of the response already")
    return _status(value, RETRIABLE)


def parse_share(value: object) -> float:
    """
    @param value: such as C{"20%"}.
    @return: from 0 to 1.
    @raise ValueError: it is no share.
    """
    found = _SHARE(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > 100:
        raise ValueError(f"must be a share such as 20%, not {described(value)}")
    return int(found[1]) / 100


def parse_some_share(value: object) -> float:
    """
    @return: see L{parse_share}.
    @raise ValueError: it is no share, or none at all.
    """
    share = parse_share(value)
    if not share:
        raise ValueError(f"must be more than {value}")
    return share


def _status(value: object, names: tuple[str, ...]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599:
        return value
    told = ", ".join(names)
    raise ValueError(f"must be one of {told}, or a status from 400 to 599, not {described(value)}")


def _schema(names: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"enum": list(names)}, {"type": "integer", "minimum": 400, "maximum": 599}]}
    )


Condition: TypeAlias = Annotated[str | int, PlainValidator(parse_condition), _schema(CONDITIONS)]
Retriable: TypeAlias = Annotated[str | int, PlainValidator(parse_retriable), _schema(RETRIABLE)]
Share: TypeAlias = Annotated[
    float, PlainValidator(parse_share), WithJsonSchema({"type": "string", "pattern": "^(100|[0-9]{1,2})%$"})
]
SomeShare: TypeAlias = Annotated[
    float,
    PlainValidator(parse_some_share),
    WithJsonSchema({"type": "string", "pattern": "^(100|0?[1-9]|[1-9][0-9])%$"}),
]
