"""
What the upstream is told of where a request comes from: X-Forwarded-For, -Proto,
-Host and -Port, Forwarded (RFC 7239) and Via (RFC 9110 section 7.6.3).
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Final

from revproxy.wire.fields import Pair
from revproxy.wire.forwarded_field import Element, write_forwarded, write_node
from revproxy.wire.networks import Networks
from revproxy.wire.origin import Origin, told_origin

__all__ = ["IDENTITY", "REPLACED", "ForwardedPolicy", "Origin"]

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

_ADDRESSES: Final = frozenset((b"true-client-ip", b"x-client-ip", b"x-forwarded", b"x-real-ip"))
"""
Those that tell nothing but where a client is.
"""

_MOST_REMEMBERED = 512
_OWN_PORTS: Final = {b"http": 80, b"https": 443}


class ForwardedPolicy:
    """
    Whom to believe, and what to tell the upstream.

    Clients repeat themselves, so answers are remembered: the most recent ones, by
    everything that they depend on.
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
        self._remembered_origin = lru_cache(_MOST_REMEMBERED)(partial(told_origin, trusted=trusted))
        self._remembered_fields = lru_cache(_MOST_REMEMBERED)(self._made_fields)

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
        told = tuple([pair for pair in pairs if pair[0] in REPLACED])
        return self._remembered_origin(peer, told) if told else Origin(peer)

    def fields(
        self, origin: Origin, peer: str, scheme: bytes, host: bytes, port: int, version: bytes = b"1.1"
    ) -> list[Pair]:
        """
        Give the fields to add to the request that goes to the upstream, in a new list.

        Via is a line of its own behind those that came, which means the same as
        a longer list.

        @param origin: what L{client} gave.
        @param scheme: the scheme that the request came by.
        @param host: its authority, empty where it had none.
        @param port: the local port that it came to, or 0.
        @param version: its protocol version, for Via.
        """
        return list(self._remembered_fields(origin, peer, scheme, host, port, version))

    def apart(self, origin: Origin, scheme: bytes, host: bytes, port: int, goes_on: Iterable[Pair]) -> bytes:
        """
        Give what the upstream is told that the request's own URL does not say, apart from
        the client's address: another host or port by which the client came, and who it is.
        A cache has it in its keys, as answers may depend on it.

        @param scheme: the scheme that the client used.
        @param goes_on: the fields that go on from the peer, names in lower case.
        @return: begins with a space, and has no other that values do not have; empty where
            there is nothing, as nearly always.
        """
        told = b""
        if origin.host and origin.host != host and (self._x_forwarded or self._forwarded):
            told = b" host:%d:%b" % (len(origin.host), origin.host)
        if self._x_forwarded:
            _, colon, own = host.rpartition(b":")
            told_port = origin.port or port
            if told_port and told_port != (int(own) if colon and own.isdigit() else _OWN_PORTS.get(scheme)):
                told += b" port:%d" % told_port
        for name, value in goes_on:
            if name in IDENTITY and name not in _ADDRESSES:
                told += b" %b:%d:%b" % (name, len(value), value)
        return told

    def via(self, version: bytes) -> list[Pair]:
        """
        Give the Via field to add to a message (RFC 9110 section 7.6.3).

        @param version: the protocol version that the message was received with.
        """
        return [] if self._via is None else [(b"via", version + b" " + self._via)]

    def _made_fields(
        self, origin: Origin, peer: str, scheme: bytes, host: bytes, port: int, version: bytes
    ) -> tuple[Pair, ...]:
        made: list[Pair] = []
        if self._x_forwarded:
            made += _x_forwarded(origin, peer, scheme, host, port)
        if self._forwarded:
            made.append((b"forwarded", write_forwarded(_elements(origin, peer, scheme, host))))
        return (*made, *self.via(version))


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
