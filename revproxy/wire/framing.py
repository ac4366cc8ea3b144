"""
Where a message's body ends: RFC 9112 section 6.
"""

from __future__ import annotations

import re
from typing import Final

from revproxy.errors import CodingUnknown, ExchangeError, UpstreamMalformed
from revproxy.wire.fields import FrozenFields
from revproxy.wire.pairs import tokens, values_of

UNKNOWN: Final = -1
"""
The length of a body that is sent in chunks, or until the connection closes.
"""

MOST_LENGTH: Final = 2**63 - 1

_DIGITS = re.compile(rb"[0-9]{1,19}").fullmatch


def declared_length(fields: FrozenFields, version: bytes, malformed: type[ExchangeError]) -> int | None:
    """
    Read C{Content-Length} and C{Transfer-Encoding}, refusing all that two parsers
    could read differently: both at once, repeated or signed lengths, any coding
    but one C{chunked}, and C{chunked} before HTTP/1.1.

    @return: a number of octets, L{UNKNOWN} for a chunked body, or C{None} where
        neither field is there.
    @raise CodingUnknown: for a valid list of codings that cannot be decoded.
    """
    lengths = values_of(fields, b"content-length")
    codings = values_of(fields, b"transfer-encoding")
    if codings:
        return _chunked(codings, bool(lengths) or version == b"1.0", malformed)
    if not lengths:
        return None
    if len(lengths) > 1 or _DIGITS(lengths[0]) is None:
        raise malformed("Content-Length is not one number")
    length = int(lengths[0])
    if length > MOST_LENGTH:
        raise malformed("Content-Length is too large")
    return length


def _chunked(values: list[bytes], forbidden: bool, malformed: type[ExchangeError]) -> int:
    """
    What is not the one word could be read differently by the next parser.
    """
    if not forbidden and len(values) == 1 and values[0].lower() == b"chunked":
        return UNKNOWN
    codings = tokens(values)
    if forbidden or codings[-1:] != [b"chunked"] or len(codings) == 1 or codings.count(b"chunked") > 1:
        raise malformed("Transfer-Encoding where the end of the body would be in doubt")
    raise CodingUnknown(f"transfer codings {codings!r}")


def response_has_body(status: int, method: bytes) -> bool:
    """
    RFC 9112 section 6.3, rules 1 and 2.
    """
    return not (status in (204, 304) or method == b"HEAD" or status < 200)


def response_length(fields: FrozenFields, status: int, version: bytes) -> int | None:
    """
    @return: as L{declared_length}; where C{None} is given for a response with a
        body, the end of the connection ends it.
    @raise UpstreamMalformed: also for codings that nobody asked for.
    """
    try:
        length = declared_length(fields, version, UpstreamMalformed)
    except CodingUnknown as error:
        raise UpstreamMalformed(*error.args) from None
    if length == UNKNOWN and (status < 200 or status == 204):
        raise UpstreamMalformed("a transfer coding on a response that cannot have a body")
    return length
