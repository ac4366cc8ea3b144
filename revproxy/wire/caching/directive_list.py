"""
The list of directives that Cache-Control is: RFC 9111 section 5.2.

What is decided here, where the standard leaves a choice:

  - Both forms of an argument are read, the token and the quoted-string.
  - Of a member that breaks the grammar (C{max-age= 5}) the name counts and the
    argument is L{MALFORMED}, so that what it forbids is still forbidden.
  - After a quotation mark where none may stand nobody can tell what is quoted: from
    there on all arguments are L{MALFORMED}, so nothing is allowed by them.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from revproxy.wire.fields import TOKEN
from revproxy.wire.pairs import tokens

Directive: TypeAlias = tuple[bytes, bytes | None]
"""
A directive: its name in lower case and its argument, quotes removed, C{None} where
there is none.
"""

MALFORMED: Final = b"\0"
"""
The argument of a directive that is not to be believed; no message can hold it.
"""

_MEMBER: Final = re.compile(
    rb"[\t ,]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]++)"
    rb"(?:=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]++)"
    rb"|\"((?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+)\"))?+"
    rb"[\t ]*+(?=,|\Z)"
).match
_BROKEN: Final = re.compile(rb"[\t ,]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]*+)[^,]*+").match
_QUOTED_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL)


def parse_directives(value: bytes) -> list[Directive]:
    """
    Read a combined value.

    @return: all directives in order, repeated ones too.
    """
    found: list[Directive] = []
    position = 0
    believed = True
    while position < len(value):
        match = _MEMBER(value, position)
        if match is not None:
            argument = match[2] if match[3] is None else _QUOTED_PAIR.sub(rb"\1", match[3])
        else:
            match = _BROKEN(value, position)
            assert match is not None, "it matches anything"
            argument = MALFORMED
            believed = believed and b'"' not in match[0]
        if match[1]:
            found.append((match[1].lower(), argument if believed else MALFORMED))
        position = match.end()
    return found


def field_names(argument: bytes | None) -> tuple[bytes, ...]:
    """
    Read the field names that C{no-cache} and C{private} may have as their argument.

    @return: in lower case; none where one of them is no name, for then the directive
        has to count as one without an argument.
    """
    names = tokens([argument or b""])
    return tuple(names) if all(map(TOKEN, names)) else ()
