"""
Structured fields, as far as caching meets them: dictionaries to read, strings and
tokens to write (RFC 9651, which RFC 8941 was before).

Reading is all or nothing, as the standard has it.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

BOOLEAN: Final = "boolean"
INTEGER: Final = "integer"
STRING: Final = "string"
OTHER: Final = "other"

Item: TypeAlias = tuple[str, bytes]
"""
A member's type and its text: C{b"1"} or C{b"0"} of a boolean, a string without quotes,
anything else as it was written.  Its parameters are left out.
"""

_KEY: Final = rb"[a-z*][a-z0-9_\-.*]*+"
_INTEGER: Final = rb"-?[0-9]{1,15}+(?!\.)"
_STRING: Final = rb"\"(?:[ !#-\[\]-~]|\\[\"\\])*+\""
_OTHER: Final = (
    rb"-?[0-9]{1,12}+\.[0-9]{1,3}+"  # a decimal
    rb"|[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*+"  # a token
    rb"|:[A-Za-z0-9+/=]*+:"  # octets
    rb"|@-?[0-9]{1,15}+"  # a date
    rb"|%\"(?:[ !#$&-~]|%[0-9a-f]{2})*+\""  # a display string
)
_BARE: Final = rb"(?:\?[01]|%b|%b|%b)" % (_INTEGER, _STRING, _OTHER)
_PARAMETERS: Final = rb"(?:;\x20*+%b(?:=%b)?+)*+" % (_KEY, _BARE)
_INNER_LIST: Final = rb"\(\x20*+(?:%b%b(?:\x20++|(?=\))))*+\)" % (_BARE, _PARAMETERS)
_MEMBER: Final = re.compile(
    rb"(%b)(?:=(?:\?([01])|(%b)|(%b)|(%b|%b)))?+%b(?:[\t ]*+,[\t ]*+(?!\Z)|\Z)"
    % (_KEY, _INTEGER, _STRING, _OTHER, _INNER_LIST, _PARAMETERS)
).match
_ESCAPED: Final = re.compile(rb"\\(.)")
_TO_ESCAPE: Final = re.compile(rb'(["\\])')
_NOT_IN_STRINGS: Final = re.compile(rb"[^ -~]")
_IS_TOKEN: Final = re.compile(rb"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*+").fullmatch


def parse_dictionary(value: bytes) -> dict[bytes, Item] | None:
    """
    Read the combined value of a field that is a dictionary (section 4.2.2).

    @return: of a repeated key the last; C{None} where anything breaks the grammar.
    """
    value = value.strip(b" ")
    found: dict[bytes, Item] = {}
    position = 0
    while position < len(value):
        match = _MEMBER(value, position)
        if match is None:
            return None
        key, boolean, integer, string, other = match.groups()
        if integer is not None:
            found[key] = (INTEGER, integer)
        elif string is not None:
            found[key] = (STRING, _ESCAPED.sub(rb"\1", string[1:-1]))
        elif other is not None:
            found[key] = (OTHER, other)
        else:
            found[key] = (BOOLEAN, boolean or b"1")
        position = match.end()
    return found


def write_string(text: bytes) -> bytes:
    """
    Write a string (section 4.1.6).  What none may hold, everything but printable
    ASCII, is percent-encoded, and so is the percent sign then.
    """
    if _NOT_IN_STRINGS.search(text):
        text = _NOT_IN_STRINGS.sub(_percent_encoded, text.replace(b"%", b"%25"))
    return b'"%b"' % _TO_ESCAPE.sub(rb"\\\1", text)


def write_name(text: bytes) -> bytes:
    """
    Write a token where the text is one, and a string where it is not.
    """
    return text if _IS_TOKEN(text) else write_string(text)


def _percent_encoded(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % ord(match[0])
