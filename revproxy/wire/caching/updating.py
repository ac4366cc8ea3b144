"""
How a newer response updates stored ones: RFC 9111 sections 3.2, 4.3.4 and 4.3.5.

What is decided here, where the standard leaves a choice:

  - C{Content-Length}, C{Content-Encoding} and C{Content-Range} are not updated: the
    stored body is what they describe.  All other fields are.
  - A 304 with an entity tag is about the responses with that tag; the date counts
    where it has no tag, or against a stored response that has none, for variants often
    have the same date.
  - A 304 without any validator is taken for the one candidate where there is one
    alone, whether or not that has a validator, which is more than the standard says:
    the request named no other, and servers that leave out the C{ETag} are many.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from revproxy.wire.caching.response_directives import ResponseDirectives
from revproxy.wire.caching.validators import Validators, is_strong, weakly_equal
from revproxy.wire.fields import Fields
from revproxy.wire.pairs import Pair

_NOT_UPDATED: Final = frozenset((b"content-encoding", b"content-length", b"content-range"))


def updated_fields(stored: Collection[Pair], newer: Collection[Pair], said: ResponseDirectives) -> Fields:
    """
    Update stored fields.  How fresh the response is then is read from the result and
    the C{Age} of the newer response, for what was stored has none.

    @param newer: what L{stored_fields} chose of the newer response's.
    @param said: the directives of the updated response that count.
    """
    added = [pair for pair in newer if pair[0] not in _NOT_UPDATED]
    replaced = {name for name, _ in added}.union(said.no_cache_fields, said.private_fields)
    updated = Fields([pair for pair in stored if pair[0] not in replaced])
    updated.extend(added)
    return updated


def matched_by_304(answer: Validators, candidates: Sequence[Validators]) -> list[int]:
    """
    Choose the stored responses that a 304 is about (section 4.3.4).

    @param answer: the validators of the 304.
    @param candidates: those of the responses that could have been chosen for the
        request, or were named in it.
    @return: the indexes of those to be updated.
    """
    if not answer.any:
        return [0] if len(candidates) == 1 else []
    matching = [index for index, stored in enumerate(candidates) if _agree(stored, answer)]
    strong = [index for index in matching if _strongly(candidates[index], answer)]
    if strong or is_strong(answer.etag):
        return strong
    return [max(matching, key=lambda index: candidates[index].dated_at)] if matching else []


def head_agrees(
    stored: Validators, stored_length: int | None, answer: Validators, answer_length: int | None
) -> bool:
    """
    Tell whether a 200 to HEAD is about the same representation as a stored response to
    GET (section 4.3.5): then it updates that, otherwise that counts as stale.

    @param answer_length: its C{Content-Length}, C{None} where it has none.
    """
    if answer.etag is not None and answer.etag != stored.etag:
        return False
    if answer.modified is not None and answer.modified_at != stored.modified_at:
        return False
    return answer_length is None or answer_length == stored_length


def _agree(stored: Validators, answer: Validators) -> bool:
    if answer.etag is not None and stored.etag is not None:
        return weakly_equal(stored.etag, answer.etag)
    return answer.modified_at is not None and stored.modified_at == answer.modified_at


def _strongly(stored: Validators, answer: Validators) -> bool:
    if answer.etag is not None and stored.etag is not None:
        return stored.etag == answer.etag and is_strong(answer.etag)
    return stored.modified_is_strong
