"""
Who a request comes from, and what the upstream is told of it: X-Forwarded-For,
-Proto, -Host and -Port, Forwarded (RFC 7239) and Via (RFC 9110 section 7.6.3).

Only a peer in the trusted networks is believed.  The hops that it tells are
walked from the nearest to the farthest, and the first that is not trusted is the
client; what stands behind it was written by the client and is left out.

Where a trusted peer sends both kinds of fields, X-Forwarded-For is taken: nearly
every proxy writes that one, and a Forwarded beside it may be the client's own.
Of a list in X-Forwarded-Proto, -Host or -Port the last member is taken, which is
the nearest proxy's.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority
from revproxy.wire.fields import Fields, Pair
from revproxy.wire.forwarded_field import Element, node_address, parse_forwarded, write_forwarded, write_node
from revproxy.wire.networks import Networks, parse_address

REPLACED: Final = frozenset(
    (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto")
)
"""
Fields that go on from nobody as they came: L{ForwardedPolicy.fields} writes them
anew, or the configuration wants none of them.
"""

IDENTITY: Final = REPLACED | {
    b"true-client-ip",
    b"x-client-ip",
    b"x-forwarded",
    b"x-forwarded-by",
    b"x-forwarded-client-cert",
    b"x-forwarded-method",
    b"x-forwarded-prefix",
    b"x-forwarded-protocol",
    b"x-forwarded-scheme",
    b"x-forwarded-server",
    b"x-forwarded-ssl",
    b"x-forwarded-tls-client-cert",
    b"x-forwarded-tls-client-cert-info",
    b"x-forwarded-uri",
    b"x-real-ip",
}
"""
Fields by which upstreams tell who a client is and how it came: they do not go on
from a peer that is not trusted.
"""

MOST_HOPS: Final = 64
"""
How many hops are looked at; those farther away are left out.
"""

_SCHEMES = {b"http": b"http", b"https": b"https", b"ws": b"http", b"wss": b"https"}
_DEFAULT_PORTS = {b"http": 80, b"https": 443}
_PORT = re.compile(rb"[0-9]{1,5}").fullmatch
_MOST_PORT = 65535


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


class ForwardedPolicy:
    """
    Whom to believe, and what to tell the upstream.
    """

    def __init__(
        self,
        trusted: Networks,
        x_forwarded: bool = True,
        forwarded: bool = True,
        via: bytes | None = b"revproxy",
    ) -> None:
        """
        @param trusted: the peers that are believed.
        @param x_forwarded: whether X-Forwarded-For, -Proto, -Host and -Port are sent.
        @param forwarded: whether Forwarded is sent.
        @param via: the name by which Via is sent, a token; C{None} sends none.
        """
        self._trusted = trusted
        self._x_forwarded = x_forwarded
        self._forwarded = forwarded
        self._via = via

    def trusts(self, peer: str) -> bool:
        """
        Tell whether what this peer tells of its clients is believed.
        """
        return peer in self._trusted

    def removed(self, peer: str) -> frozenset[bytes]:
        """
        Give the names of the fields that do not go on from this peer.
        """
        return REPLACED if peer in self._trusted else IDENTITY

    def client(self, peer: str, pairs: Iterable[Pair]) -> Origin:
        """
        Find out where a request comes from.

        @param peer: the IP address of the connection's other end, empty for a
            UNIX socket.
        @param pairs: the fields as received, names in lower case.
        """
        if peer not in self._trusted:
            return Origin(peer)
        told = Fields([pair for pair in pairs if pair[0] in REPLACED])
        if not told:
            return Origin(peer)
        forwarded = told.combined(b"forwarded")
        if forwarded is None or told.get(b"x-forwarded-for") is not None:
            return self._from_x_forwarded(peer, told)
        return self._from_forwarded(peer, forwarded)

    def fields(
        self, origin: Origin, peer: str, scheme: bytes, host: bytes, port: int, version: bytes = b"1.1"
    ) -> list[Pair]:
        """
        Give the fields to add to the request that goes to the upstream.

        They depend on the arguments alone.  Via is a line of its own behind those
        that came, which means the same as a longer list.

        @param origin: what L{client} gave.
        @param scheme: the scheme that the request came by.
        @param host: its authority, empty where it had none.
        @param port: the local port that it came to, or 0.
        @param version: its protocol version, for Via.
        """
        made: list[Pair] = []
        if self._x_forwarded:
            made += _x_forwarded(origin, peer, scheme, host, port)
        if self._forwarded:
            made.append((b"forwarded", write_forwarded(_elements(origin, peer, scheme, host))))
        return made + self.via(version)

    def via(self, version: bytes) -> list[Pair]:
        """
        Give the Via field to add to a message (RFC 9110 section 7.6.3).

        @param version: the protocol version that the message was received with.
        """
        return [] if self._via is None else [(b"via", version + b" " + self._via)]

    def _from_x_forwarded(self, peer: str, told: Fields) -> Origin:
        hops = (told.combined(b"x-forwarded-for") or b"").rsplit(b",", MOST_HOPS)[-MOST_HOPS:]
        walked = self._walk(map(_hop_address, reversed(hops)))
        scheme, host, port = (_last(told, b"x-forwarded-" + name) for name in (b"proto", b"host", b"port"))
        return _origin(peer, walked, scheme, host, port)

    def _from_forwarded(self, peer: str, value: bytes) -> Origin:
        elements = (parse_forwarded(value) or [])[-MOST_HOPS:]
        if not elements:
            return Origin(peer)
        walked = self._walk(node_address(element.node) for element in reversed(elements))
        farthest = elements[-len(walked)]
        return _origin(peer, walked, farthest.proto or b"", farthest.host or b"", b"")

    def _walk(self, nearest_first: Iterable[str | None]) -> list[str | None]:
        """
        Give the hops as far as they are believed: the last one is the first that
        is not trusted or has no address.
        """
        walked: list[str | None] = []
        for address in nearest_first:
            walked.append(address)
            if address is None or address not in self._trusted:
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


@lru_cache(maxsize=1024)
def _hop_address(item: bytes) -> str | None:
    """
    Read a member of X-Forwarded-For: an address, with a port from some proxies,
    and an IPv6 address in brackets from some.
    """
    text = item.strip(b" \t")
    bare = text if text.count(b":") > 1 and text[:1] != b"[" else None
    if bare is None:
        return node_address(text)
    address = parse_address(bare.decode("latin-1"))
    return None if address is None else str(address)


def _last(told: Fields, name: bytes) -> bytes:
    """
    The last member of a list, or nothing.
    """
    return (told.combined(name) or b"").rpartition(b",")[2].strip(b" \t")


def _x_forwarded(origin: Origin, peer: str, scheme: bytes, host: bytes, port: int) -> Iterator[Pair]:
    hops = [*origin.chain, peer] if peer else origin.chain
    if hops:
        yield b"x-forwarded-for", ", ".join(hops).encode("ascii")
    yield b"x-forwarded-proto", origin.scheme or scheme
    if origin.host or host:
        yield b"x-forwarded-host", origin.host or host
    if origin.port or port:
        yield b"x-forwarded-port", b"%d" % (origin.port or port)


def _elements(origin: Origin, peer: str, scheme: bytes, host: bytes) -> Iterator[Element]:
    """
    One element a hop.  What was told of the client's own request stands in the
    first, what this proxy saw in the last.
    """
    told = Element(host=origin.host or host or None, proto=origin.scheme or scheme)
    for address in origin.chain[:1]:
        yield told._replace(node=write_node(address))
    for address in origin.chain[1:]:
        yield Element(node=write_node(address))
    seen = Element(host=host or None, proto=scheme) if origin.chain else told
    yield seen._replace(node=write_node(peer))
