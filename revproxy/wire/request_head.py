"""
The head of an HTTP/1 request: RFC 9112 sections 2 to 6, read strictly and once.

The request line is matched by one expression; the header section goes through
llhttp and the rules of L{framing}.  Methods are whatever upper-case token the
client uses, apart from CONNECT and TRACE, which a reverse proxy has no use for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from revproxy.compiled import mypyc_attr
from revproxy.errors import (
    BadRequest,
    ExpectationUnknown,
    FieldsTooLarge,
    MethodUnknown,
    TargetTooLong,
    VersionUnknown,
)
from revproxy.wire.authority import split_authority
from revproxy.wire.field_block import has_bare_line_end, parse_fields
from revproxy.wire.fields import FrozenFields
from revproxy.wire.framing import declared_length
from revproxy.wire.hop_by_hop import REQUEST_REMOVED, accepts_trailers, end_to_end_request
from revproxy.wire.memo import Memo
from revproxy.wire.pairs import Pair, tokens, values_of
from revproxy.wire.target import Target, canonical_target
from revproxy.wire.upgrade import asked_upgrade

_REQUEST_LINE: Final = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~\x80-\xff]+) HTTP/([0-9]\.[0-9])"
).fullmatch
_METHOD: Final = re.compile(rb"[A-Z][A-Z0-9_-]{0,31}").fullmatch
_REFUSED_METHODS: Final = frozenset((b"CONNECT", b"TRACE", b"PRI"))
_VERSIONS: Final = frozenset((b"1.1", b"1.0"))

_MOST_REMEMBERED: Final = 1024
_MOST_REMEMBERED_OCTETS: Final = 2048
_MOST_REMEMBERED_LINE: Final = 512


class HeadLimits(NamedTuple):
    """
    How large the head of a request may be.

    @ivar request_line: in octets, without its CRLF; over it the answer is 414.
    @ivar head: the header section in octets; over it 431.
    @ivar fields: how many; over it 431.
    """

    request_line: int = 8192
    head: int = 32768
    fields: int = 100


DEFAULT_LIMITS: Final = HeadLimits()


@mypyc_attr(acyclic=True)
class Section:
    """
    What a request's header section says.

    @ivar fields: as received.
    @ivar end_to_end: those that go on to the upstream.
    @ivar authority: the C{Host} field in lower case, with the port where it has one;
        empty where HTTP/1.0 has none.
    @ivar host: the same without the port.
    @ivar length: see L{declared_length}.
    @ivar persistent: whether the client wants to keep the connection.
    @ivar expects_continue: whether it waits for a 100 before it sends the body.
    @ivar upgrade: the protocol that it asks for, or C{None}.
    @ivar trailers: whether it takes trailers.
    """

    __slots__ = (
        "authority", "end_to_end", "expects_continue", "fields", "host", "length", "persistent", "trailers",
        "upgrade",
    )  # fmt: skip

    def __init__(self, fields: FrozenFields, end_to_end: list[Pair], version: bytes) -> None:
        self.fields = fields
        self.end_to_end = end_to_end
        self.length = declared_length(fields, version, BadRequest)
        self.authority, self.host = _host(fields, version)
        self.persistent = _persistent(fields, version)
        self.expects_continue = _expects_continue(fields, version)
        self.upgrade = asked_upgrade(fields, version, self.length)
        self.trailers = accepts_trailers(fields)


@mypyc_attr(acyclic=True)
class RequestLine:
    """
    What a request's first line says.

    @ivar authority: which server was asked, where the target is in absolute form.
    @ivar path: canonical.
    @ivar query: what follows the question mark, or C{None} where there is none.
    @ivar target: the path with its query, as it goes to the upstream.
    """

    __slots__ = ("authority", "method", "path", "query", "target", "version")

    def __init__(self, method: bytes, target: Target, version: bytes) -> None:
        self.method = method
        self.version = version
        _, self.authority, self.path, self.query = target
        self.target = self.path if self.query is None else self.path + b"?" + self.query


@mypyc_attr(acyclic=True)
class RequestHead:
    """
    A request's head.

    @ivar authority: which server was asked, lower case, with the port where given.
    @ivar host: the same without the port.
    """

    __slots__ = ("authority", "host", "line", "section")

    def __init__(self, line: RequestLine, section: Section, authority: bytes, host: bytes) -> None:
        self.line = line
        self.section = section
        self.authority = authority
        self.host = host


class RequestHeads:
    """
    Parses request heads within limits.

    Clients repeat their header sections from request to request, so a section
    without a body or an upgrade is remembered by its exact bytes.
    """

    __slots__ = ("_limits", "_most_line", "_remembered", "_removed")

    def __init__(self, limits: HeadLimits, removed: frozenset[bytes] = REQUEST_REMOVED) -> None:
        """
        @param removed: names of fields that do not go on to the upstream.
        """
        self._limits = limits
        self._most_line = limits.request_line
        self._removed = removed
        self._remembered: dict[bytes, Memo] = {version: Memo(_MOST_REMEMBERED) for version in _VERSIONS}

    def check_begun(self, data: bytes | bytearray, start: int = 0) -> None:
        """
        Look at a head that is not complete yet, so that one that cannot become
        valid is refused at once.

        @param start: what is before it was looked at already.
        @raise ExchangeError: as L{parse} will.
        """
        line_end = data.find(b"\r\n")
        if has_bare_line_end(data, start):
            raise BadRequest("a line that does not end in CRLF")
        line = line_end if line_end >= 0 else len(data) - data.endswith(b"\r")
        if line > self._most_line:
            raise TargetTooLong("request line too long")
        if line_end >= 0 and len(data) - line_end - 2 > self._limits.head:
            raise FieldsTooLarge("header section too large")

    def parse(self, head: bytes) -> RequestHead:
        """
        @param head: everything up to and with the empty line.
        @raise ExchangeError: with the status for what is wrong.
        """
        line_end = head.find(b"\r\n")
        line = self._line(head[:line_end])
        block = head[line_end + 2 :]
        section: Section = self._remembered[line.version].known.get(block) or self._section(
            line.version, block
        )
        if line.authority is None:
            return RequestHead(line, section, section.authority, section.host)
        return RequestHead(line, section, *_canonical_authority(line.authority))

    def trailers(self, received: FrozenFields) -> Sequence[Pair]:
        """
        @return: the trailer fields that go on to the upstream: what may not come as a
            header field may not come behind the body either.
        """
        return end_to_end_request(received, self._removed) if received else received

    def _line(self, line: bytes) -> RequestLine:
        if len(line) > self._most_line:
            raise TargetTooLong("request line too long")
        return _remembered_line(line) if len(line) <= _MOST_REMEMBERED_LINE else _request_line(line)

    def _section(self, version: bytes, block: bytes) -> Section:
        if len(block) > self._limits.head:
            raise FieldsTooLarge("header section too large")
        fields = parse_fields(block, BadRequest)
        if len(fields) > self._limits.fields:
            raise FieldsTooLarge("too many fields")
        section = Section(fields, end_to_end_request(fields, self._removed), version)
        if section.length is None and section.upgrade is None and len(block) <= _MOST_REMEMBERED_OCTETS:
            self._remembered[version].add(block, section)
        return section


def _request_line(line: bytes) -> RequestLine:
    """
    RFC 9112 section 3.
    """
    match = _REQUEST_LINE(line)
    if match is None:
        raise BadRequest("malformed request line")
    method, target, version = match.groups()
    if version not in _VERSIONS:
        raise VersionUnknown(f"HTTP version {version!r}")
    if method in _REFUSED_METHODS or _METHOD(method) is None:
        raise MethodUnknown(f"method {method!r}")
    return RequestLine(method, canonical_target(method, target), version)


_remembered_line: Final = lru_cache(maxsize=_MOST_REMEMBERED)(_request_line)


def _host(fields: FrozenFields, version: bytes) -> tuple[bytes, bytes]:
    """
    RFC 9112 section 3.2: exactly one C{Host}, though HTTP/1.0 may leave it out.
    """
    hosts = values_of(fields, b"host")
    if len(hosts) == 1 and hosts[0]:
        return _canonical_authority(hosts[0])
    if hosts or version != b"1.0":
        raise BadRequest("not exactly one Host")
    return b"", b""


def _canonical_authority(authority: bytes) -> tuple[bytes, bytes]:
    """
    @return: the authority, and its host alone, in lower case.
    """
    host, port = split_authority(authority)
    return (host if port is None else b"%b:%d" % (host, port)), host


def _persistent(fields: FrozenFields, version: bytes) -> bool:
    """
    RFC 9112 section 9.3.
    """
    options = tokens(values_of(fields, b"connection"))
    if b"close" in options:
        return False
    return version != b"1.0" or b"keep-alive" in options


def _expects_continue(fields: FrozenFields, version: bytes) -> bool:
    """
    RFC 9110 section 10.1.1: HTTP/1.0 clients cannot expect, and 417 is for all
    expectations but the one there is.
    """
    expected = values_of(fields, b"expect")
    if not expected or version == b"1.0":
        return False
    if tokens(expected) != [b"100-continue"]:
        raise ExpectationUnknown(f"expectation {expected!r}")
    return True
