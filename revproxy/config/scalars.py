"""
What a YAML scalar means: the core schema of YAML 1.2.2, section 10.3.

YAML 1.1, which the parser's own resolver follows, takes C{no} for false, C{22:22}
for a number of base 60 and C{010} for eight.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

TAGS = "tag:yaml.org,2002:"

LONGEST_INTEGER = 100
"""
Digits that are read at most: the time that Python takes grows with their square.
"""

_NULL = re.compile(r"(?:null|Null|NULL|~|)").fullmatch
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)").fullmatch
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+").fullmatch
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
).fullmatch


def scalar_value(text: str, tag: str | None, *, plain: bool) -> Scalar:
    """
    @param tag: the tag that is written before it, in full, if any.
    @param plain: whether it is written without quotes.
    @raise ValueError: the tag does not fit the text, or is not of the core schema.
    """
    if tag in (None, "!"):
        return _plain_value(text) if plain and tag is None else text
    kind = str(tag).removeprefix(TAGS)
    if tag == TAGS + "str":
        return text
    matches, convert = _KINDS.get(kind, (None, str))
    if matches is None or tag == kind:
        raise ValueError(f"the tag {tag!r} has no meaning here")
    if not matches(text):
        raise ValueError(f"{text!r:.40} does not fit its tag !!{kind}")
    return convert(text)


def _plain_value(text: str) -> Scalar:
    for matches, convert in _KINDS.values():
        if matches(text):
            return convert(text)
    return text


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(f"a number of {len(text)} digits is too long")
    if text.startswith("0o"):
        return int(text[2:], 8)
    return int(text, 16) if text.startswith("0x") else int(text)


def _real(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_KINDS: dict[str, tuple[Callable[[str], object], Callable[[str], Scalar]]] = {
    "null": (_NULL, lambda text: None),
    "bool": (_BOOL, lambda text: text.lower() == "true"),
    "int": (_INT, _integer),
    "float": (_FLOAT, _real),
}
