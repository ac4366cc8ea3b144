"""
Waiting for several things at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.python.failure import Failure

_T = TypeVar("_T")


async def all_of(awaited: Sequence[Deferred[_T]]) -> list[_T | Failure]:
    """
    @return: what becomes of each.
    @raise CancelledError: whoever waited does so no more.  L{DeferredList} would give the
        failures of what it has cancelled, as if that had happened by itself.
    """
    results: list[_T | Failure] = [each for _, each in await DeferredList(awaited, consumeErrors=True)]
    for result in results:
        if isinstance(result, Failure) and result.check(CancelledError):
            raise CancelledError
    return results
