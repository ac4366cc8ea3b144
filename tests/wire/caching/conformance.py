"""
Cases of the public conformance suite for HTTP caches (http-tests/cache-tests), as rows
that are played to the simple cache: a request whose response may be stored, and a
second one some seconds later.

A row's first member is the case's name in the suite, its second the section of the
standard, RFC 9111 where no other is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.policy import DEFAULT, Policy
from revproxy.wire.pairs import Pair
from tests.wire.caching.messages import NOW, at, fields
from tests.wire.caching.simple_cache import NOTHING, Answer, Outcome, SimpleCache

DATE = f"Date: {at(0)}"
FRESH = (f"Expires: {at(100000)}", f"Last-Modified: {at(0)}", DATE)
STALE = (f"Expires: {at(-5000)}", f"Last-Modified: {at(-100000)}", DATE)
PAUSE = 3


class Row(NamedTuple):
    """
    A case with two requests.

    @ivar expected: what becomes of the second one.
    @ivar response: fields of the first response.
    @ivar request: fields of the second request.
    @ivar first: fields of the first request.
    @ivar status: of the first response; the second one has it too.
    """

    case: str
    section: str
    expected: str
    response: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    status: int = 200


class PlayedCache(Protocol):
    """
    Any cache, the simple one and the real one alike.
    """

    def ask(
        self,
        now: float,
        fields: Sequence[Pair] = (),
        answer: Answer = NOTHING,
        method: bytes = b"GET",
        path: bytes = b"/",
        query: bytes | None = None,
    ) -> Outcome:
        """
        Answer a request, from what is stored or by asking the server.
        """
        ...


class ConformanceCase(SynchronousTestCase):
    """
    Plays rows.
    """

    def cache(self, policy: Policy = DEFAULT) -> PlayedCache:
        """
        @return: what is played to.
        """
        return SimpleCache(policy)

    def play(self, row: Row, policy: Policy = DEFAULT) -> Outcome:
        """
        @return: what became of the second request.
        """
        cache = self.cache(policy)
        answer = Answer(fields(*row.response), row.status)
        cache.ask(NOW, fields(*row.first), answer)
        return cache.ask(NOW + PAUSE, fields(*row.request), answer)

    def check(self, rows: Iterable[Row], policy: Policy = DEFAULT) -> None:
        for row in rows:
            self.assertEqual(self.play(row, policy).how, row.expected, (row.case, row.section))
