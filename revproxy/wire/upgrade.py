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
from revproxy.wire.fields import Pair, tokens

WEBSOCKET: Final = b"websocket"

_NEVER = (b"h2", b"h3", b"http", b"tls")
_WEBSOCKET_KEY = pattern(rb"[A-Za-z0-9+/]{21}[AQgw]==").fullmatch
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def upgrade_asked(
    method: bytes, version: bytes, pairs: Collection[Pair], allowed: Collection[bytes]
) -> bytes | None:
    """
    Tell which protocol a request asks to switch to.

    @param version: the protocol version; HTTP/1.0 cannot ask (RFC 9110 section 7.8).
    @param pairs: the fields as received, names in lower case.
    @param allowed: the protocols that may become tunnels, in lower case; those
        that are versions of HTTP are left out.
    @return: the first protocol of the request's list that is allowed.  L{None}
        where there is none: the request goes on as an ordinary one, without
        Upgrade.
    @raise BadRequest: where a request that asks for any upgrade has a body, which
        parsers take for the first bytes of the tunnel, or a WebSocket's key is
        absent, comes twice or is malformed.
    """
    if version != b"1.1" or not _names_upgrade(pairs):
        return None
    asked = tokens(_values(pairs, b"upgrade"))
    if asked and _has_body(pairs):
        raise BadRequest("a request that asks for an upgrade has a body")
    chosen = next((token for token in asked if token in allowed and not token.startswith(_NEVER)), None)
    if chosen != WEBSOCKET:
        return chosen
    return chosen if _asks_for_websocket(method, pairs) else None


def upgrade_answered(token: bytes, asked: Collection[Pair], answered: Collection[Pair]) -> bool:
    """
    Tell whether a 101 answers the request that it follows.

    @param token: what L{upgrade_asked} gave for the request.
    @param asked: the request's fields, names in lower case.
    @param answered: the fields of the 101, names in lower case.
    """
    if not _names_upgrade(answered) or tokens(_values(answered, b"upgrade")) != [token]:
        return False
    if token != WEBSOCKET:
        return True
    keys = _values(asked, b"sec-websocket-key")
    return _values(answered, b"sec-websocket-accept") == [websocket_accept(key) for key in keys]


def websocket_accept(key: bytes) -> bytes:
    """
    Give the Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455
    section 4.2.2).
    """
    return b64encode(sha1(key + _WEBSOCKET_GUID, usedforsecurity=False).digest())


def _asks_for_websocket(method: bytes, pairs: Iterable[Pair]) -> bool:
    """
    Another method than GET asks for nothing (RFC 6455 section 4.1).
    """
    keys = _values(pairs, b"sec-websocket-key")
    if method == b"GET" and (len(keys) != 1 or not _WEBSOCKET_KEY(keys[0])):
        raise BadRequest("the request for a WebSocket has no Sec-WebSocket-Key of 16 octets")
    return method == b"GET"


def _has_body(pairs: Iterable[Pair]) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
        for name, value in pairs
    )


def _names_upgrade(pairs: Iterable[Pair]) -> bool:
    return b"upgrade" in tokens(_values(pairs, b"connection"))


def _values(pairs: Iterable[Pair], name: bytes) -> list[bytes]:
    return [value for held, value in pairs if held == name]
