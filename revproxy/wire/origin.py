"""
Who a request comes from, as trusted proxies tell it.

Hops are walked from the nearest to the farthest, and the first that is not
trusted is the client; what stands behind it was written by the client and is left
out.

Where both kinds of fields came, X-Forwarded-For is taken: nearly every proxy
writes that one, and a Forwarded beside it may be the client's own.  Of a list in
X-Forwarded-Proto, -Host or -Port the last member is taken, which is the nearest
proxy's.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority
from revproxy.wire.fields import Fields, Pair
from revproxy.wire.forwarded_field import node_address, parse_forwarded
from revproxy.wire.networks import Networks, parse_address

MOST_HOPS: Final = 64
"""
How many hops are looked at; those farther away are left out.
"""

_SCHEMES = {b"http": b"http", b"https": b"https", b"ws": b"http", b"wss": b"https"}
_DEFAULT_PORTS = {b"http": 80, b"https": 443}
_PORT = re.compile(rb"[0-9]{1,5}").fullmatch
_MOST_PORT = 65535
_LEAST_COLONS = 2  # of an IPv6 address


class Origin(NamedTuple):
    """
    Where a request comes from, as far as it is believed.

    @ivar address: the client's IP address; empty for a peer on a UNIX socket.
    @ivar scheme: C{b"http"} or C{b"https"} as a trusted proxy told, C{None}
        where none did.
    @ivar host: the authority that the client asked for, likewise.
    @ivar port: the port that the client connected to, likewise.
    @ivar chain: the addresses of the client and of the proxies between it and
        the peer, in this order; empty where the peer is the client.
    """

    address: str
    scheme: bytes | None = None
    host: bytes | None = None
    port: int | None = None
    chain: tuple[str, ...] = ()


def told_origin(peer: str, pairs: Iterable[Pair], trusted: Networks) -> Origin:
    """
    Read what a trusted peer tells.

    @param peer: the peer's IP address, empty for a UNIX socket; it is believed.
    @param pairs: X-Forwarded-For, -Proto, -Host and -Port and Forwarded as
        received, names in lower case; others do not matter.
    @param trusted: the hops that are believed.
    """
    told = Fields(pairs)
    forwarded = told.combined(b"forwarded")
    if forwarded is None or told.get(b"x-forwarded-for") is not None:
        return _from_x_forwarded(peer, told, trusted)
    return _from_forwarded(peer, forwarded, trusted)


def _from_x_forwarded(peer: str, told: Fields, trusted: Networks) -> Origin:
    hops = (told.combined(b"x-forwarded-for") or b"").rsplit(b",", MOST_HOPS)[-MOST_HOPS:]
    walked = _walk(map(_hop_address, reversed(hops)), trusted)
    scheme, host, port = (_last(told, b"x-forwarded-" + name) for name in (b"proto", b"host", b"port"))
    return _origin(peer, walked, scheme, host, port)


def _from_forwarded(peer: str, value: bytes, trusted: Networks) -> Origin:
    elements = (parse_forwarded(value) or [])[-MOST_HOPS:]
    if not elements:
        return Origin(peer)
    walked = _walk((node_address(element.node) for element in reversed(elements)), trusted)
    farthest = elements[-len(walked)]
    return _origin(peer, walked, farthest.proto or b"", farthest.host or b"", b"")


def _walk(nearest_first: Iterable[str | None], trusted: Networks) -> list[str | None]:
    """
    Give the hops as far as they are believed: the last one is the first that is
    not trusted or has no address.
    """
    walked: list[str | None] = []
    for address in nearest_first:
        walked.append(address)
        if address is None or address not in trusted:
            break
    return walked


def _origin(peer: str, walked: list[str | None], scheme: bytes, host: bytes, port: bytes) -> Origin:
    """
    Make an L{Origin} of what a trusted peer told; what is malformed counts as not
    told.  Where no port was told, the scheme that was told has its usual one.
    """
    chain = tuple(address for address in reversed(walked) if address is not None)
    known_scheme = _SCHEMES.get(scheme.lower())
    known_host, host_port = _authority(host)
    known_port = _port(port) or host_port
    if known_port is None and known_scheme is not None:
        known_port = _DEFAULT_PORTS[known_scheme]
    return Origin(chain[0] if chain else peer, known_scheme, known_host, known_port, chain)


def _authority(value: bytes) -> tuple[bytes | None, int | None]:
    try:
        host, port = split_authority(value)
    except BadRequest:
        return None, None
    return (host if port is None else b"%b:%d" % (host, port)), port


def _port(value: bytes) -> int | None:
    number = int(value) if _PORT(value) else 0
    return number if 0 < number <= _MOST_PORT else None


def _hop_address(item: bytes) -> str | None:
    """
    Read a member of X-Forwarded-For: an address, with a port from some proxies,
    and an IPv6 address in brackets from some.
    """
    text = item.strip(b" \t")
    if text.startswith(b"[") or text.count(b":") < _LEAST_COLONS:
        return node_address(text)
    address = parse_address(text.decode("latin-1"))
    return None if address is None else str(address)


def _last(told: Fields, name: bytes) -> bytes:
    """
    The last member of a list, or nothing.
    """
    return (told.combined(name) or b"").rpartition(b",")[2].strip(b" \t")
