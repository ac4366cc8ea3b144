"""
Which fields of a message go on to the other side (RFC 9110 section 7.6.1).

What is decided here, where the standard leaves a choice:

  - C{Proxy-Authenticate}, C{Proxy-Authorization} and C{Proxy} stop here: this
    proxy stands in for the server, so no client has credentials for it.
  - C{TE} never goes on as received; whether the client takes trailers is told by
    L{accepts_trailers}, and whoever relays trailers says so for itself.
  - A nomination by C{Connection} of a field that is meant for all recipients is
    ignored: the field goes on.
  - Fields of a request with an underscore in their name are dropped, because CGI
    and WSGI cannot tell C{X_User} from C{X-User}.  Responses keep them.
"""

from collections.abc import Collection, Iterable
from typing import Final

from revproxy.wire.fields import Fields
from revproxy.wire.pairs import Pair, tokens, values_of

HOP_BY_HOP: Final = frozenset(
    (
        b"connection",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""
Fields that speak of one connection, whether or not C{Connection} names them.
"""

FRAMING: Final = frozenset((b"content-length", b"trailer", b"transfer-encoding"))
"""
Fields that whoever serialises the message writes anew.
"""

REQUEST_REMOVED: Final = HOP_BY_HOP | FRAMING | {b"host", b"proxy"}
"""
What L{end_to_end_request} leaves out by default.
"""

RESPONSE_REMOVED: Final = HOP_BY_HOP | FRAMING
"""
What L{end_to_end_response} leaves out by default.
"""

PROTECTED: Final = frozenset(
    (
        b"age",
        b"authorization",
        b"cache-control",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"content-type",
        b"cookie",
        b"date",
        b"etag",
        b"expect",
        b"expires",
        b"forwarded",
        b"host",
        b"last-modified",
        b"location",
        b"origin",
        b"range",
        b"set-cookie",
        b"strict-transport-security",
        b"vary",
        b"via",
        b"www-authenticate",
        b"x-real-ip",
    )
)
"""
Fields that C{Connection} cannot take away, beside all C{X-Forwarded-} ones.
"""

_UNDERSCORE = ord("_")
_HARMLESS: tuple[list[bytes], ...] = ([b"keep-alive"], [], [b"close"], [b"Keep-Alive"])


def end_to_end_request(pairs: Collection[Pair], removed: frozenset[bytes] = REQUEST_REMOVED) -> Fields:
    """
    Give the fields of a request that go on to the upstream, in order.

    @param pairs: the fields as received, names in lower case.
    @param removed: names to leave out, L{REQUEST_REMOVED} and any more.
    """
    kept = Fields([pair for pair in pairs if pair[0] not in removed and _UNDERSCORE not in pair[0]])
    if len(kept) != len(pairs):
        _remove_nominated(kept, pairs)
    return kept


def end_to_end_response(pairs: Collection[Pair], removed: frozenset[bytes] = RESPONSE_REMOVED) -> Fields:
    """
    Give the fields of a response that go on to the client, in order.

    @param pairs: the fields as received, names in lower case.
    @param removed: names to leave out, L{RESPONSE_REMOVED} and any more.
    """
    kept = Fields([pair for pair in pairs if pair[0] not in removed])
    if len(kept) != len(pairs):
        _remove_nominated(kept, pairs)
    return kept


def accepts_trailers(pairs: Iterable[Pair]) -> bool:
    """
    Tell whether the sender of a request takes trailers (RFC 9110 section 6.5.1).
    """
    return b"trailers" in tokens(values_of(pairs, b"te"))


def _remove_nominated(kept: Fields, pairs: Iterable[Pair]) -> None:
    options = values_of(pairs, b"connection")
    if options in _HARMLESS:
        return
    nominated = {name for name in tokens(options) if not _is_protected(name)}
    if not nominated.isdisjoint(name for name, _ in kept):
        kept.remove_all(nominated)


def _is_protected(name: bytes) -> bool:
    return name in PROTECTED or name.startswith(b"x-forwarded-")
