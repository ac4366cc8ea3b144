"""
What is said to a server and looked for in its answer, as the file writes it.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import PlainValidator, WithJsonSchema

from revproxy.config.messages import described

MOST_SAID: Final = 4096
"""
Octets of a text.  So much goes out at once, whatever the other side does.
"""

Pattern: TypeAlias = re.Pattern[bytes]


def parse_octets(value: object) -> bytes:
    """
    @return: the text in UTF-8.
    @raise ValueError: it is no text, or empty, or too long.
    """
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {described(value)}; write it in quotes")
    octets = value.encode("utf-8", "replace")
    if not 0 < len(octets) <= MOST_SAID:
        raise ValueError(f"must be a text of at least 1 and at most {MOST_SAID} bytes")
    return octets


def parse_pattern(value: object) -> Pattern:
    """
    @return: the regular expression of Python, for octets.
    @raise ValueError: it is none.
    """
    octets = parse_octets(value)
    try:
        return re.compile(octets)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is no regular expression: {error}") from error


Octets = Annotated[bytes, PlainValidator(parse_octets), WithJsonSchema({"type": "string", "minLength": 1})]
PatternOption = Annotated[
    re.Pattern[bytes], PlainValidator(parse_pattern), WithJsonSchema({"type": "string", "minLength": 1})
]
