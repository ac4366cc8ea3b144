"""
The head of an HTTP/1 response: RFC 9112 sections 4 to 6.
"""

from __future__ import annotations

import re
from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.errors import UpstreamMalformed
from revproxy.wire.field_block import parse_fields
from revproxy.wire.framing import response_length
from revproxy.wire.hop_by_hop import end_to_end_response
from revproxy.wire.memo import Memo
from revproxy.wire.pairs import tokens, values_of
from revproxy.wire.serialize import Prepared

_STATUS_LINE: Final = re.compile(rb"HTTP/(1\.[01]) ([1-5][0-9]{2})(?: ([\t \x21-\x7e\x80-\xff]*))?").fullmatch

_MOST_REMEMBERED: Final = 1024
_MOST_REMEMBERED_OCTETS: Final = 2048


@mypyc_attr(acyclic=True)
class ResponseHead:
    """
    A response's head.

    @ivar fields: as received.
    @ivar end_to_end: those that go on to the client.
    @ivar length: of the body as declared: octets, C{UNKNOWN} for chunks, or
        C{None} where only the end of the connection ends it.
    @ivar persistent: whether the server keeps the connection.
    """

    __slots__ = ("end_to_end", "fields", "length", "persistent", "reason", "status", "version")

    def __init__(self, head: bytes) -> None:
        line_end = head.find(b"\r\n")
        match = _STATUS_LINE(head, 0, line_end)
        if match is None:
            raise UpstreamMalformed("malformed status line")
        version, digits, reason = match.groups()
        self.status = int(digits)
        self.reason = reason or b""
        self.version = version
        self.fields = fields = parse_fields(head[line_end + 2 :], UpstreamMalformed)
        self.end_to_end = Prepared(end_to_end_response(fields))
        self.length = response_length(fields, self.status, version)
        options = tokens(values_of(fields, b"connection"))
        self.persistent = b"close" not in options and (version != b"1.0" or b"keep-alive" in options)


_remembered: Final = Memo(_MOST_REMEMBERED)


def parse_response(head: bytes) -> ResponseHead:
    """
    Read a head strictly.  Servers repeat theirs, so it is remembered by its exact
    bytes.

    @param head: everything up to and with the empty line.
    @raise UpstreamMalformed: for whatever is not a valid head.
    """
    parsed: ResponseHead | None = _remembered.known.get(head)
    if parsed is None:
        parsed = ResponseHead(head)
        if len(head) <= _MOST_REMEMBERED_OCTETS:
            _remembered.add(head, parsed)
    return parsed
