"""
The Forwarded field, RFC 7239 section 4: reading and writing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from revproxy.wire.fields import TOKEN
from revproxy.wire.networks import parse_address

_PAIR = re.compile(
    rb"([!#$%&'*+\-.^_`|~\w]+)="
    rb"(?:([!#$%&'*+\-.^_`|~\w]+)|\"((?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+)\")",
    re.ASCII,
)
_SEPARATOR = re.compile(rb";*[ \t]*,[ \t,;]*|;+")
_END = re.compile(rb"[ \t]*\Z")
_BEFORE_FIRST = re.compile(rb"[ \t,;]*")
_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)
_TO_BE_QUOTED = re.compile(rb'(["\\])')
_NODE = re.compile(
    rb"(?:([0-9.]{7,15})|\[([0-9A-Fa-f]*:[0-9A-Fa-f:.]+)\]|([Uu][Nn][Kk][Nn][Oo][Ww][Nn])|_[\w.-]+)(?::([0-9]{1,5}|_[\w.-]+))?",
    re.ASCII,
).fullmatch
_PARAMETERS = (b"for", b"by", b"host", b"proto")


class Element(NamedTuple):
    """
    What one proxy tells of the request that it received, quotes removed.

    @ivar node: who the request came from (the parameter C{for}); see
        L{node_address}.
    @ivar by: the interface where it came in.
    @ivar host: the Host field that it had.
    @ivar proto: the scheme that it came by.
    """

    node: bytes | None = None
    by: bytes | None = None
    host: bytes | None = None
    proto: bytes | None = None


def parse_forwarded(value: bytes) -> list[Element] | None:
    """
    Read the combined value of the Forwarded field.

    Parameters that RFC 7239 does not define are read and left out.

    @return: the elements in order, the client's first, or C{None} where the
        value is malformed or a parameter comes twice in an element: then nothing
        of it can be believed.
    """
    elements: list[Element] = []
    parameters: dict[bytes, bytes] = {}
    for name, content, ends_element in _pairs(value):
        if name is None or name in parameters:
            return None
        parameters[name] = content
        if ends_element:
            elements.append(_element(parameters))
            parameters = {}
    return elements


def _pairs(value: bytes) -> Iterator[tuple[bytes | None, bytes, bool]]:
    """
    Give each parameter's name, its content and whether it is the last of its
    element; C{None} in the place of a name where the grammar is broken.
    """
    scanned = _BEFORE_FIRST.match(value)
    while scanned is not None and scanned.end() < len(value):
        pair = _PAIR.match(value, scanned.end())
        scanned = pair and (_SEPARATOR.match(value, pair.end()) or _END.match(value, pair.end()))
        if pair is None or scanned is None:
            yield None, b"", True
            return
        content = pair[2] if pair[3] is None else _QUOTED_PAIR.sub(rb"\1", pair[3])
        yield pair[1].lower(), content, b"," in scanned[0] or scanned.end() == len(value)


def _element(parameters: Mapping[bytes, bytes]) -> Element:
    return Element(*map(parameters.get, _PARAMETERS))


def node_address(node: bytes | None) -> str | None:
    """
    Read the IP address of a node (RFC 7239 section 6); its port is left out.

    @return: the address, or C{None} for C{unknown}, an obfuscated identifier and
        what is no node at all.
    """
    match = _NODE(node) if node is not None else None
    if match is None:
        return None
    address = parse_address((match[1] or match[2] or b"").decode("ascii"))
    return None if address is None else str(address)


def write_node(address: str) -> bytes:
    """
    Write an IP address as a node; what is none, such as the empty address of a
    peer on a UNIX socket, becomes C{unknown}.
    """
    parsed = parse_address(address)
    if parsed is None:
        return b"unknown"
    return (b"[%b]" if parsed.version == 6 else b"%b") % str(parsed).encode("ascii")


def write_forwarded(elements: Iterable[Element]) -> bytes:
    """
    Write the value of a Forwarded field; what is C{None} is left out.

    Values are octets that a field value may hold (RFC 9110 section 5.5).
    """
    return b", ".join(b";".join(_written(element)) for element in elements)


def _written(element: Element) -> Iterator[bytes]:
    for name, content in zip(_PARAMETERS, element, strict=True):
        if content is not None:
            quoted = content if TOKEN(content) else b'"%b"' % _TO_BE_QUOTED.sub(rb"\\\1", content)
            yield name + b"=" + quoted
