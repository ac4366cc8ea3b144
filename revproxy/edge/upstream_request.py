"""
The head of a request as it goes to a server over HTTP/1.
"""

from __future__ import annotations

from revproxy.exchange import UNKNOWN, Outbound
from revproxy.wire.serialize import head_bytes


def request_head(outbound: Outbound, authority: bytes, length: int | None, upgrade: bytes | None) -> bytes:
    """
    Write the head; its framing follows from C{length} alone (RFC 9112 section 6).

    @param length: of the body in octets, C{UNKNOWN}, or C{None} for none.
    @param upgrade: the protocol to ask for, or C{None}.
    @raise UnsafeField: where a filter left something that cannot be sent.
    """
    fields = [(b"host", authority)]
    fields += outbound.fields
    if length is not None:
        if length == UNKNOWN:
            fields.append((b"transfer-encoding", b"chunked"))
        else:
            fields.append((b"content-length", b"%d" % length))
    if upgrade is not None:
        fields.append((b"connection", b"upgrade"))
        fields.append((b"upgrade", upgrade))
    elif outbound.trailers:
        fields.append((b"connection", b"te"))
        fields.append((b"te", b"trailers"))
    return head_bytes(b"%b %b HTTP/1.1" % (outbound.method, outbound.target), fields)
