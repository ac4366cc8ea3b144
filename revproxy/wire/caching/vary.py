"""
The secondary key, of the request fields that a response's Vary names: RFC 9111
section 4.1.

What is decided here, where the standard leaves a choice:

  - A C{Vary} that is no list of names, or a very long one, counts as C{*}.
  - Lines of one field are one list.  Around its commas white space does not matter,
    unless the field is none of the lists that HTTP knows (C{Cookie}, C{User-Agent}) or
    has quotation marks.  An empty field is not an absent one.
  - C{Accept-Encoding} and C{Accept-Language} are taken in any case and with any
    spelling of the same weight.  The order of codings has no meaning and is not kept;
    that of languages is kept, since some servers read it as preference (RFC 9110
    section 12.5.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from revproxy.wire.fields import TOKEN
from revproxy.wire.pairs import Pair, tokens, values_of

MOST_NAMES: Final = 32
"""
How many fields a C{Vary} may name before it counts as C{*}.
"""

_NO_LISTS: Final = frozenset(
    b"authorization cookie date from host if-modified-since if-range if-unmodified-since max-forwards"
    b" origin proxy-authorization range referer user-agent".split()
)
_COMMA: Final = re.compile(rb"[\t ]*+,[\t ]*+")
_WEIGHT: Final = re.compile(rb"[\t ]*+;[\t ]*+q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
_SAME_CODINGS: Final = {b"x-gzip": b"gzip", b"x-compress": b"compress"}
_MOST_REMEMBERED_OCTETS: Final = 256


def vary_names(fields: Iterable[Pair]) -> tuple[bytes, ...] | None:
    """
    Read C{Vary}.

    @param fields: of the response, names in lower case.
    @return: the names in lower case, each once and in one order whatever the field's
        own; C{None} where the response fits no other request.
    """
    values = values_of(fields, b"vary")
    if not values:
        return ()
    value = values[0] if len(values) == 1 else b",".join(values)
    return _names(value) if len(value) <= _MOST_REMEMBERED_OCTETS else _read_names(value)


def secondary_key(names: Sequence[bytes], fields: Sequence[Pair]) -> bytes:
    """
    Make the key of the responses that fit a request, among those of one primary key
    whose C{Vary} names the same.

    @param names: as L{vary_names} gave them.
    @param fields: of the request as it goes to the server, names in lower case.
    @return: equal for two requests if and only if their named fields match.
    """
    if len(names) == 1:
        value = _matched_value(names[0], values_of(fields, names[0]))
        return b"" if value is None else b"=" + value
    parts: list[bytes] = []
    for name in names:
        value = _matched_value(name, values_of(fields, name))
        parts.append(b"-" if value is None else b"%d:%b" % (len(value), value))
    return b",".join(parts)


def rank(names: Sequence[bytes], dated_at: int) -> tuple[bool, int]:
    """
    Order the stored responses that fit a request: the greatest one is used.  It is the
    newest, but one without C{Vary} stands behind all that have it, since it may be the
    server's answer to those who express no preference.

    @param dated_at: its C{Date}.
    """
    return bool(names), dated_at


def _read_names(value: bytes) -> tuple[bytes, ...] | None:
    names = tokens([value])
    if b"*" in names or len(names) > MOST_NAMES or not all(map(TOKEN, names)):
        return None
    return tuple(sorted(set(names)))


@lru_cache(maxsize=512)
def _names(value: bytes) -> tuple[bytes, ...] | None:
    return _read_names(value)


def _matched_value(name: bytes, values: list[bytes]) -> bytes | None:
    if not values:
        return None
    value = values[0] if len(values) == 1 else b",".join(values)
    if name == b"accept-encoding":
        return _codings(value) if len(value) <= _MOST_REMEMBERED_OCTETS else value
    if name in _NO_LISTS:
        return (b"; " if name == b"cookie" else b", ").join(values)
    if name == b"accept-language":
        return _languages(value) if len(value) <= _MOST_REMEMBERED_OCTETS else value
    value = value.strip(b"\t ")
    return _COMMA.sub(b",", value) if b"," in value and b'"' not in value else value


@lru_cache(maxsize=512)
def _codings(value: bytes) -> bytes:
    weighted = map(_weighted, tokens([value]))
    return b",".join(sorted({_SAME_CODINGS.get(name, name) + weight for name, weight in weighted}))


@lru_cache(maxsize=512)
def _languages(value: bytes) -> bytes:
    return b",".join(name + weight for name, weight in map(_weighted, tokens([value])))


def _weighted(member: bytes) -> tuple[bytes, bytes]:
    """
    Split a member from its weight, which is spelt in one way and left out where it is 1.
    """
    match = _WEIGHT.search(member)
    if match is None:
        return member, b""
    weight = match[1].rstrip(b"0").rstrip(b".") if b"." in match[1] else match[1]
    return member[: match.start()], b"" if weight == b"1" else b";q=%b" % weight
