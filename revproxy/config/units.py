"""
Durations, sizes and rates as the file writes them.

Each is a number with its unit, such as C{500ms}, C{64KiB} or C{100/s}; a number
without one is a size in bytes, and 0 needs none.  The types at the end are what the
settings are declared with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, TypeAlias, TypeVar

from pydantic import PlainValidator, WithJsonSchema

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

Number = TypeVar("Number", int, float)

LONGEST_NUMBER = 15
"""
Digits that are read at most: a double holds as many exactly.
"""


def _pattern(units: Mapping[str, object], between: str = "") -> str:
    """
    @return: a regular expression, understood by JSON Schema too, for a number with
        one of the units.
    """
    return rf"^([0-9]{{1,{LONGEST_NUMBER}}}(?:\.[0-9]{{1,3}})?){between}({'|'.join(units)})$"


DURATION = _pattern(SECONDS)
SIZE = _pattern(BYTES)
RATE = _pattern(PERIODS, between="/")


def parse_delay(value: object) -> float:
    """
    @param value: such as C{"500ms"}, C{"1.5s"} or 0.
    @return: seconds.
    @raise ValueError: it is no duration.
    """
    if _is_number(value) and value == 0:
        return 0.0
    number, unit = _split(DURATION, value, "a duration such as 500ms, 10s, 5m, 1h or 1d")
    return number * SECONDS[unit]


def parse_duration(value: object) -> float:
    """
    @param value: such as C{"500ms"} or C{"1.5s"}.
    @return: seconds, more than 0.
    @raise ValueError: it is no duration, or an empty one.
    """
    return _positive(parse_delay(value))


def parse_amount(value: object) -> int:
    """
    @param value: such as C{"64KiB"}, or a plain number of bytes; it may be 0.
    @return: bytes.
    @raise ValueError: it is no size.
    """
    if isinstance(value, int) and _is_number(value) and value >= 0:
        return value
    number, unit = _split(SIZE, value, "a size such as 500B, 64KiB, 1MiB or 1GiB")
    return round(number * BYTES[unit])


def parse_size(value: object) -> int:
    """
    @param value: such as C{"64KiB"}, or a plain number of bytes.
    @return: bytes, at least one.
    @raise ValueError: it is no size, or nothing.
    """
    return _positive(parse_amount(value))


def parse_rate(value: object) -> float:
    """
    @param value: such as C{"100/s"} or C{"5/m"}.
    @return: how many a second.
    @raise ValueError: it is no rate.
    """
    number, unit = _split(RATE, value, "a rate such as 100/s, 5/m or 1000/h")
    return _positive(number / PERIODS[unit])


def _positive(number: Number) -> Number:
    if number <= 0:
        raise ValueError("must be more than 0")
    return number


def _is_number(value: object) -> bool:
    """
    Whether it is a number and no truth value, which Python counts among them.
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def _split(pattern: str, value: object, wanted: str) -> tuple[float, str]:
    """
    @return: the number and the unit.
    @raise ValueError: the value does not match; the message says what is C{wanted}.
    """
    found = re.fullmatch(pattern, value, re.ASCII) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"must be {wanted}, not {value!r:.40}")
    return float(found[1]), found[2]


_DURATION_SCHEMA = {"type": "string", "pattern": DURATION}
_SIZE_SCHEMA = {"type": "string", "pattern": SIZE}

Duration: TypeAlias = Annotated[float, PlainValidator(parse_duration), WithJsonSchema(_DURATION_SCHEMA)]
"""
Seconds, more than 0, written such as C{10s}.
"""

Delay: TypeAlias = Annotated[
    float, PlainValidator(parse_delay), WithJsonSchema({"anyOf": [_DURATION_SCHEMA, {"const": 0}]})
]
"""
Seconds, where 0 has a meaning of its own.
"""

Size: TypeAlias = Annotated[
    int,
    PlainValidator(parse_size),
    WithJsonSchema({"anyOf": [_SIZE_SCHEMA, {"type": "integer", "minimum": 1}]}),
]
"""
Bytes, at least one, written such as C{64KiB}.
"""

Amount: TypeAlias = Annotated[
    int,
    PlainValidator(parse_amount),
    WithJsonSchema({"anyOf": [_SIZE_SCHEMA, {"type": "integer", "minimum": 0}]}),
]
"""
Bytes, where 0 has a meaning of its own.
"""

Rate: TypeAlias = Annotated[
    float, PlainValidator(parse_rate), WithJsonSchema({"type": "string", "pattern": RATE})
]
"""
How many a second, written such as C{100/s}.
"""
