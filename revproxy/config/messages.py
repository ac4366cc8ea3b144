"""
What is said of a wrong value: what would be right, and what is there instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

EXPLAINED = "explained"
"""
The type of an error whose message is final.
"""

MOST_LISTED = 40
"""
Longer lists of known names help nobody.
"""


def unknown(noun: str, name: str, known: Iterable[str]) -> str:
    """
    Say that a name is not known, with the nearest that is and the list of all.

    @param noun: what it would be the name of.
    """
    names = sorted(known)
    if not names:
        return f"no {noun} is called '{name}'; there are none"
    nearest = get_close_matches(name, names, n=1)
    hint = f" (did you mean '{nearest[0]}'?)" if nearest else ""
    if len(names) > MOST_LISTED:
        return f"no {noun} is called '{name}'{hint}"
    return f"no {noun} is called '{name}'; there are: {', '.join(names)}{hint}"


def described(value: object) -> str:
    """
    @return: a value as a person would call it, cut where it is long.
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case str():
            return f"the text {_cut(repr(value))}"
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def one_line(text: str) -> str:
    """
    @return: the text with line breaks and other controls written as escapes, so that
        nothing in a file can look like a message of ours.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def explain(details: ErrorDetails) -> str:
    """
    @return: the message for an error of pydantic's.
    """
    kind = details["type"]
    if kind == "missing":
        return "is missing"
    if kind == "too_short":
        return f"must have at least {details['ctx']['min_length']} of them"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "literal_error":
        return _instead("one of " + details["ctx"]["expected"].replace(" or ", ", "), details["input"])
    wanted = _WANTED.get(kind)
    if wanted is None:
        return f"{details['msg'][:1].lower()}{details['msg'][1:]}"
    return _instead(wanted(details.get("ctx", {})), details["input"])


def _instead(wanted: str, value: object) -> str:
    return f"must be {wanted}, not {described(value)}"


def _fixed(wanted: str) -> Callable[[dict[str, Any]], str]:
    return lambda ctx: wanted


_WANTED: dict[str, Callable[[dict[str, Any]], str]] = {
    "string_type": _fixed("text"),
    "bool_type": _fixed("true or false"),
    "int_type": _fixed("a whole number"),
    "float_type": _fixed("a number"),
    "list_type": _fixed("a list"),
    "dict_type": _fixed("a mapping"),
    "model_type": _fixed("a mapping"),
    "greater_than": lambda ctx: f"more than {ctx['gt']}",
    "greater_than_equal": lambda ctx: f"at least {ctx['ge']}",
    "less_than": lambda ctx: f"less than {ctx['lt']}",
    "less_than_equal": lambda ctx: f"at most {ctx['le']}",
}
