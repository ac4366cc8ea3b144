"""
The request-target (RFC 9112 section 3.2) and the one canonical path by which
a request is matched and forwarded.

What is decided here, where the standards leave a choice:

  - C{http} and C{https} are the only schemes; userinfo is refused.
  - An empty segment goes (C{//} is merged into C{/}), as nginx does by default.
  - An encoded slash or backslash (C{%2F}, C{%5C}) stays encoded; a raw
    backslash and C{%00} are refused.
  - What is left of a dot segment after dot segments were removed is refused:
    C{/..;x/}, C{/..%2Fa}.  Servers that strip parameters, or decode C{%2F},
    before they look for dots would climb by it.
  - Printable characters that RFC 3986 does not allow in a path, but browsers
    send (C{|}, C{[}), are percent-encoded.  A query is never changed.
"""

import re
from re import Match
from typing import NamedTuple

from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority

_ORIGIN_FORM = re.compile(rb"(/[!\"$->@-~]*+)(?:\?([!\"$-~]*+))?").fullmatch
_ABSOLUTE_FORM = re.compile(
    rb"(https?)://([^/?#]*+)(/[!\"$->@-~]*+)?(?:\?([!\"$-~]*+))?", re.IGNORECASE
).fullmatch

_CANONICAL = re.compile(rb"(?:/[\w!$&'()*+,;=:@~-][\w!$&'()*+,;=:@~.-]*+)++/?|/", re.ASCII).fullmatch
_NOT_IN_A_PATH = re.compile(rb"[^\w!$&'()*+,;=:@~./%-]", re.ASCII)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})?")
_DISGUISED_DOTS = re.compile(rb"(?:/|%2F|%5C)\.\.?(?:;|%3B|/|%2F|%5C|\Z)").search
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Target(NamedTuple):
    """
    A request-target in its parts, as they were received.

    @ivar scheme: C{b"http"} or C{b"https"} of an absolute-form, otherwise
        C{None}.
    @ivar authority: host and port of an absolute-form or of CONNECT; it wins
        over the Host field (RFC 9112 section 3.2.2).  Otherwise C{None}.
    @ivar path: starts with a slash, except C{b"*"} of OPTIONS and C{b""} of
        CONNECT.  Not canonical yet: see L{canonical_path}.
    @ivar query: what follows the question mark, C{None} where there is none.
    """

    scheme: bytes | None
    authority: bytes | None
    path: bytes
    query: bytes | None


def parse_target(method: bytes, target: bytes) -> Target:
    """
    Take a request-target apart (RFC 9112 section 3.2).

    @param method: the request's method; CONNECT takes the authority-form
        alone, and the asterisk-form is for OPTIONS alone.
    @raise BadRequest: where the target is none of the four forms, has a
        fragment, a space, a control or an 8-bit character.
    """
    if method == b"CONNECT":
        return _authority_form(target)
    match = _ORIGIN_FORM(target)
    if match is not None:
        return Target(None, None, match[1], match[2])
    if target == b"*" and method == b"OPTIONS":
        return Target(None, None, target, None)
    match = _ABSOLUTE_FORM(target)
    if match is None:
        raise BadRequest("the request-target has none of the forms of RFC 9112 section 3.2")
    return _absolute_form(method, match)


def canonical_path(path: bytes) -> bytes:
    """
    Give the one spelling of a path that is both matched and forwarded.

    Percent-encoded unreserved characters are decoded, other triplets are
    written in upper case, and only then dot segments are removed, once (RFC
    3986 section 6.2.2).  Nothing is decoded twice: C{%252e} stays.

    @param path: L{Target.path} of a request that is not CONNECT.
    @raise BadRequest: where the path holds C{%00}, a backslash, a percent sign
        without two hexadecimal digits, or a disguised dot segment.
    """
    if _CANONICAL(path) or path == b"*":
        return path
    if path[:1] != b"/" or b"\\" in path:
        raise BadRequest("the path does not start with a slash or holds a backslash")
    path = _NOT_IN_A_PATH.sub(_encoded, _PERCENT.sub(_normal_triplet, path))
    path = _without_dot_segments(path)
    if _DISGUISED_DOTS(path):
        raise BadRequest("the path holds a disguised dot segment")
    return path


def canonical_target(method: bytes, target: bytes) -> Target:
    """
    Parse a target and make its path canonical.

    @raise BadRequest: as L{parse_target} and L{canonical_path} do.
    """
    parsed = parse_target(method, target)
    path = canonical_path(parsed.path)
    return parsed if path is parsed.path else parsed._replace(path=path)


def _authority_form(target: bytes) -> Target:
    _, port = split_authority(target)
    if port is None:
        raise BadRequest("the target of CONNECT has no port")
    return Target(None, target, b"", None)


def _absolute_form(method: bytes, match: Match[bytes]) -> Target:
    scheme, authority, path, query = match.groups()
    split_authority(authority)
    if path is None:
        path = b"*" if method == b"OPTIONS" and query is None else b"/"
    return Target(scheme.lower(), authority, path, query)


def _normal_triplet(match: Match[bytes]) -> bytes:
    digits = match[1]
    if digits is None:
        raise BadRequest("a percent sign in the path has no two hexadecimal digits behind it")
    code = int(digits, 16)
    if code == 0:
        raise BadRequest("the path holds an encoded NUL")
    return b"%c" % code if code in _UNRESERVED else match[0].upper()


def _encoded(match: Match[bytes]) -> bytes:
    return b"%%%02X" % ord(match[0])


def _without_dot_segments(path: bytes) -> bytes:
    """
    Remove dot segments (RFC 3986 section 5.2.4) and empty ones; nothing climbs
    above the root, and a path that ended in a directory still does.
    """
    kept: list[bytes] = []
    segments = path.split(b"/")
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    if kept and segments[-1] in (b"", b".", b".."):
        kept.append(b"")
    return b"/" + b"/".join(kept)
