"""
Leaving HTTP by Upgrade (RFC 9110 section 7.8), WebSocket first of all (RFC 6455).

A connection becomes a tunnel only after a request that may ask for it and a 101
that answers just that request.  Upgrades to other versions of HTTP are never
passed on: they would carry requests around the proxy's rules.
"""

from base64 import b64encode
from collections.abc import Collection, Iterable
from hashlib import sha1
from re import compile as pattern
from typing import Final

from revproxy.errors import BadRequest
from revproxy.wire.pairs import Pair, tokens, values_of

WEBSOCKET: Final = b"websocket"

_NEVER = (b"h2", b"h3", b"http", b"tls")
_WEBSOCKET_KEY = pattern(rb"[A-Za-z0-9+/]{21}[AQgw]==").fullmatch
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def asked_upgrade(pairs: Iterable[Pair], version: bytes, length: int | None) -> bytes | None:
    """
    Tell which protocol a request asks to switch to; L{may_switch} says whether
    it may.

    @param pairs: the fields as received, names in lower case.
    @param version: the protocol version; HTTP/1.0 cannot ask (RFC 9110 section 7.8).
    @param length: the length of the body, C{None} or 0 where there is none.
    @return: the first protocol of the request's list, in lower case, that is no
        version of HTTP and no TLS.  L{None} where there is none: the request is
        an ordinary one.
    @raise BadRequest: where a request that asks for any upgrade has a body, which
        servers take for the first bytes of the tunnel, or a WebSocket's key is
        absent, comes twice or is malformed.
    """
    values = values_of(pairs, b"upgrade")
    if not values or version != b"1.1" or not _names_upgrade(pairs):
        return None
    asked = tokens(values)
    if length:
        raise BadRequest("a request that asks for an upgrade has a body")
    chosen = next((token for token in asked if not token.startswith(_NEVER)), None)
    if chosen == WEBSOCKET:
        _check_websocket_key(values_of(pairs, b"sec-websocket-key"))
    return chosen


def may_switch(token: bytes, method: bytes, allowed: Collection[bytes]) -> bool:
    """
    Tell whether a request may become a tunnel; where not, it goes on as an
    ordinary one, without Upgrade.

    @param token: what L{asked_upgrade} gave.
    @param method: a WebSocket takes GET alone (RFC 6455 section 4.1).
    @param allowed: the protocols that may, in lower case.
    """
    return token in allowed and (method == b"GET" or token != WEBSOCKET)


def upgrade_answered(token: bytes, asked: Collection[Pair], answered: Collection[Pair]) -> bool:
    """
    Tell whether a 101 answers the request that it follows.

    @param token: what L{asked_upgrade} gave for the request.
    @param asked: the request's fields, names in lower case.
    @param answered: the fields of the 101, names in lower case.
    """
    if not _names_upgrade(answered) or tokens(values_of(answered, b"upgrade")) != [token]:
        return False
    if token != WEBSOCKET:
        return True
    keys = values_of(asked, b"sec-websocket-key")
    return values_of(answered, b"sec-websocket-accept") == [websocket_accept(key) for key in keys]


def websocket_accept(key: bytes) -> bytes:
    """
    Give the Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455
    section 4.2.2).
    """
    return b64encode(sha1(key + _WEBSOCKET_GUID, usedforsecurity=False).digest())


def _check_websocket_key(keys: list[bytes]) -> None:
    if len(keys) != 1 or not _WEBSOCKET_KEY(keys[0]):
        raise BadRequest("the request for a WebSocket has no Sec-WebSocket-Key of 16 octets")


def _names_upgrade(pairs: Iterable[Pair]) -> bool:
    return b"upgrade" in tokens(values_of(pairs, b"connection"))
