"""
The head of a request as it goes to a server over HTTP/1.
"""

from __future__ import annotations

from revproxy.exchange import UNKNOWN, Outbound
from revproxy.wire.serialize import host_line, request_line


def request_head(outbound: Outbound, authority: bytes, length: int | None, upgrade: bytes | None) -> bytes:
    """
    Write the head; its framing follows from C{length} alone (RFC 9112 section 6).

    @param length: of the body in octets, C{UNKNOWN}, or C{None} for none.
    @param upgrade: the protocol to ask for, or C{None}.
    @raise UnsafeField: where a filter left something that cannot be sent.
    """
    return b"%b\r\n%b%b%b\r\n" % (
        request_line(outbound.method, outbound.target),
        host_line(authority),
        outbound.lines(),
        _connection_lines(outbound, length, upgrade),
    )


def _connection_lines(outbound: Outbound, length: int | None, upgrade: bytes | None) -> bytes:
    lines = b""
    if length is not None:
        lines = b"transfer-encoding: chunked\r\n" if length == UNKNOWN else b"content-length: %d\r\n" % length
    if upgrade is not None:
        return b"%bconnection: upgrade\r\nupgrade: %b\r\n" % (lines, upgrade)
    return lines + b"connection: te\r\nte: trailers\r\n" if outbound.trailers else lines
