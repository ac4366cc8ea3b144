"""
Databases of countries in MaxMind's format, as small as they can be.

The format: U{https://maxmind.github.io/MaxMind-DB/}.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network

_MARK = b"\xab\xcd\xefMaxMind.com"
_APART = bytes(16)
_TEXT, _U16, _U32, _MAP, _U64, _LIST = 2, 5, 6, 7, 9, 11
_FIRST_EXTENDED = 8


def country_database(countries: Mapping[str, str | Mapping[str, object]]) -> bytes:
    """
    @param countries: codes of countries, or whole records, by networks of IPv4.
    @return: what the file has.
    """
    tree: list[list[int | None]] = [[None, None]]
    data = b""
    leaves: list[tuple[int, int, int]] = []
    for network, said in countries.items():
        parsed = ip_network(network)
        bits = f"{int(parsed.network_address):032b}"[: parsed.prefixlen]
        node = 0
        for bit in bits[:-1]:
            following = tree[node][int(bit)]
            if following is None:
                following = len(tree)
                tree.append([None, None])
                tree[node][int(bit)] = following
            node = following
        leaves.append((node, int(bits[-1]), len(data)))
        data += _written({"country": {"iso_code": said}} if isinstance(said, str) else dict(said))
    count = len(tree)
    for node, side, place in leaves:
        tree[node][side] = count + len(_APART) + place
    records = b"".join(
        (count if side is None else side).to_bytes(3, "big") for sides in tree for side in sides
    )
    return records + _APART + data + _MARK + _metadata(count)


def _metadata(count: int) -> bytes:
    said = {
        "database_type": _written("Test-Country"),
        "description": _written({"en": "a test"}),
        "languages": _control(_LIST, 0),
        "binary_format_major_version": _number(_U16, 2),
        "binary_format_minor_version": _number(_U16, 0),
        "build_epoch": _number(_U64, 1),
        "ip_version": _number(_U16, 4),
        "node_count": _number(_U32, count),
        "record_size": _number(_U16, 24),
    }
    return _control(_MAP, len(said)) + b"".join(_written(key) + value for key, value in said.items())


def _written(value: object) -> bytes:
    if isinstance(value, dict):
        members = b"".join(_written(key) + _written(each) for key, each in value.items())
        return _control(_MAP, len(value)) + members
    text = str(value).encode()
    return _control(_TEXT, len(text)) + text


def _number(kind: int, value: int) -> bytes:
    octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(octets)) + octets


def _control(kind: int, size: int) -> bytes:
    assert size < 285
    head, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind < _FIRST_EXTENDED:
        return bytes([kind << 5 | head]) + more
    return bytes([head, kind - 7]) + more
