"""
Which field's directives count: Cache-Control, or one that is targeted at caches of
our kind (RFC 9213), or Surrogate-Control (the W3C's note "Edge Architecture", 2001).

What is decided here, where the texts leave a choice:

  - A targeted field is read strictly, as the structured field that it is.  A lifetime
    of another type than an integer makes the response stale: the rest of the field
    still counts, so that a C{no-store} beside it is not lost.
  - C{Surrogate-Control} counts where it has C{max-age} or C{no-store}, and is
    ignored otherwise.  A directive for somebody else (C{max-age=60;other}) does not
    count.  The second number of C{max-age=60+30} is for how long the response may be
    used while it is validated.
  - C{no-store-remote} does not count: this cache is the server's neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from revproxy.wire.caching.directive_list import MALFORMED, Directive
from revproxy.wire.caching.response_directives import (
    LIFETIMES,
    NOTHING_SAID,
    ResponseDirectives,
    read_response_directives,
)
from revproxy.wire.caching.structured import BOOLEAN, STRING, Item, parse_dictionary
from revproxy.wire.memo import Memo
from revproxy.wire.pairs import Pair, values_of

CDN: Final = b"cdn-cache-control"
SURROGATE: Final = b"surrogate-control"

_WITH_NAMES: Final = frozenset((b"no-cache", b"private"))
_MEMBER: Final = re.compile(
    rb"[\t ,]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]++)"
    rb"(?:=(?:([0-9]++)(?:\+([0-9]++))?+|([!#$%&'*+\-.^_`|~0-9A-Za-z]++|\"[^\"]*+\")))?+"
    rb"(?:;[\t ]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]++))?+[\t ]*+(?=,|\Z)"
).match
_BROKEN: Final = re.compile(rb"[\t ,]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]*+)[^,]*+").match
_MOST_REMEMBERED: Final = 1024
_MOST_REMEMBERED_OCTETS: Final = 512
_remembered: Final = Memo(_MOST_REMEMBERED)


def effective_directives(
    fields: Iterable[Pair], targets: Sequence[bytes] = (), capability: bytes | None = None
) -> ResponseDirectives:
    """
    Read the directives that count for this cache.  Servers repeat them, so they are
    remembered by their octets.

    @param fields: of the response, names in lower case.
    @param targets: the names of targeted fields, L{SURROGATE} may be among them; the
        first one that is there and valid counts (RFC 9213 section 2.2).
    @param capability: the name that C{Surrogate-Control} may call us by.
    """
    for target in targets:
        values = values_of(fields, target)
        if values:
            said = _remembered_directives(target, b", ".join(values), capability or b"")
            if said is not NOTHING_SAID:
                return said
    return read_response_directives(fields)


def _remembered_directives(target: bytes, value: bytes, capability: bytes) -> ResponseDirectives:
    """
    @return: L{NOTHING_SAID} itself for what does not count.
    """
    octets = b"\0".join((target, capability, value))
    said: ResponseDirectives | None = _remembered.known.get(octets)
    if said is None:
        listed = _surrogate(value, capability) if target == SURROGATE else _targeted(value)
        said = ResponseDirectives(listed, targeted=True) if listed else NOTHING_SAID
        if len(octets) <= _MOST_REMEMBERED_OCTETS:
            _remembered.add(octets, said)
    return said


def _targeted(value: bytes) -> list[Directive] | None:
    members = parse_dictionary(value)
    if not members:
        return None
    # One that is explicitly false stays, by a name that means nothing: it is not empty.
    return [_directive(name, item) for name, item in members.items()]


def _directive(name: bytes, item: Item) -> Directive:
    kind, text = item
    if kind == BOOLEAN:
        return (name, None) if text == b"1" else (b"", name)
    if (name in LIFETIMES and kind == STRING) or (name in _WITH_NAMES and kind != STRING):
        return name, MALFORMED
    return name, text


def _surrogate(value: bytes, capability: bytes) -> list[Directive] | None:
    found: list[Directive] = []
    position = 0
    while position < len(value):
        match = _MEMBER(value, position)
        if match is None:
            match = _BROKEN(value, position)
            assert match is not None, "it matches anything"
            found.append((match[1].lower(), MALFORMED))
        elif match[5] is None or match[5] == capability:
            found.append((match[1].lower(), match[2] or match[4]))
            if match[3] is not None:
                found.append((b"stale-while-revalidate", match[3]))
        position = match.end()
    return found if any(name in (b"max-age", b"no-store") for name, _ in found) else None
