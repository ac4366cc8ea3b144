"""
The head of an HTTP/1 response: RFC 9112 sections 4 to 6.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from revproxy.errors import UpstreamMalformed
from revproxy.wire.field_block import parse_fields
from revproxy.wire.fields import FrozenFields, tokens
from revproxy.wire.framing import response_length

_STATUS_LINE = re.compile(rb"HTTP/(1\.[01]) ([1-5][0-9]{2})(?: ([\t \x21-\x7e\x80-\xff]*))?").fullmatch


class ResponseHead(NamedTuple):
    """
    A response's head.

    @ivar length: of the body as declared: octets, L{UNKNOWN} for chunks, or
        C{None} where only the end of the connection ends it.
    @ivar persistent: whether the server keeps the connection.
    """

    status: int
    reason: bytes
    version: bytes
    fields: FrozenFields
    length: int | None
    persistent: bool


def parse_response(head: bytes) -> ResponseHead:
    """
    @param head: everything up to and with the empty line.
    @raise UpstreamMalformed: for whatever is not a valid head.
    """
    line_end = head.find(b"\r\n")
    match = _STATUS_LINE(head, 0, line_end)
    if match is None:
        raise UpstreamMalformed("malformed status line")
    version, digits, reason = match.groups()
    status = int(digits)
    fields = parse_fields(head[line_end + 2 :], UpstreamMalformed)
    length = response_length(fields, status, version)
    options = tokens(fields.get_all(b"connection"))
    persistent = b"close" not in options and (version != b"1.0" or b"keep-alive" in options)
    return ResponseHead(status, reason or b"", version, fields, length, persistent)



