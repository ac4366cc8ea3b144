"""
WebSocket messages of one size (RFC 6455), written beforehand.
"""

import hashlib
from base64 import b64encode

PAYLOAD = bytes(index % 251 for index in range(125))
"""
The largest payload whose length takes one byte.
"""

_BINARY = 0x82
_MASKED = 0x80
_MASK = b"\x37\xfa\x21\x3d"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

FROM_SERVER = bytes([_BINARY, len(PAYLOAD)]) + PAYLOAD
"""
A whole message as a server sends it.
"""

FROM_CLIENT = (
    bytes([_BINARY, _MASKED | len(PAYLOAD)])
    + _MASK
    + bytes(byte ^ _MASK[index % 4] for index, byte in enumerate(PAYLOAD))
)
"""
The same message as a client sends it.
"""


def accept(key: bytes) -> bytes:
    """
    Compute C{Sec-WebSocket-Accept} from C{Sec-WebSocket-Key} (RFC 6455 section 4.2.2).
    """
    return b64encode(hashlib.sha1(key + _GUID).digest())
