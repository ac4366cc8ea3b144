"""
The conditional request by which stored responses are validated (RFC 9111 section
4.3.1), and the fields of a 304 that is made of one (RFC 9110 section 15.4.5).

What is decided here, where the standards leave a choice:

  - The client's own preconditions and its C{Range} give way to ours, and are evaluated
    here when the answer has come: what is fetched can serve every client.
  - Both kinds of validators are sent; the date only where one response is validated.
  - A 304 keeps every field but those that describe the content that is not sent.
    C{Last-Modified} goes where there is an C{ETag}.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from revproxy.wire.caching.validators import Validators
from revproxy.wire.fields import Fields
from revproxy.wire.pairs import Pair, first_value

CONDITIONS: Final = frozenset(
    b"if-match if-modified-since if-none-match if-range if-unmodified-since range".split()
)
"""
The fields that make a request conditional or partial.
"""

_OF_CONTENT: Final = frozenset(
    b"accept-ranges content-digest content-encoding content-language content-length content-md5"
    b" content-range content-type digest repr-digest".split()
)


def validating_fields(fields: Iterable[Pair], stored: Sequence[Validators]) -> Fields:
    """
    Make the fields of a request that fetches or validates a response.

    @param fields: those that would go to the server for the client's request; where
        there is no such request, those that C{Vary} names, as they were then.
    @param stored: the validators of the stored responses that may be chosen, none for
        a plain request.
    """
    asking = Fields([pair for pair in fields if pair[0] not in CONDITIONS])
    etags = list(dict.fromkeys(known.etag for known in stored if known.etag is not None))
    if etags:
        asking.add(b"if-none-match", b", ".join(etags))
    if len(stored) == 1 and stored[0].modified is not None:
        asking.add(b"if-modified-since", stored[0].modified)
    return asking


def not_modified_fields(fields: Iterable[Pair]) -> Fields:
    """
    Choose the fields of a 304.

    @param fields: of the stored response, as they would go out with its content.
    """
    kept = Fields([pair for pair in fields if pair[0] not in _OF_CONTENT])
    if first_value(kept, b"etag") is not None:
        kept.remove_all((b"last-modified",))
    return kept
