"""
Whether a request may be sent to another server, or to the same one again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import Final

from revproxy.errors import ExchangeError, UpstreamGone
from revproxy.exchange import Request
from revproxy.flow.conditions import Conditions
from revproxy.flow.retries.budget import RetryBudget

IDEMPOTENT: Final = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"))
"""
The methods that may be sent twice, RFC 9110 section 9.2.2.
"""

SAFE_FAILURES: Final = Conditions(("connect-failure", "reset-before-response"))
"""
After these a server has seen nothing of the request, or not answered a byte of it.
"""


@dataclass(frozen=True, slots=True)
class RetryTerms:
    """
    What an upstream allows.

    @ivar tries: how many servers a request may go to.
    @ivar on: what has to have happened.
    @ivar methods: those that may be sent again where a server may have seen the request.
    @ivar replay: octets of a request's body that are kept, to be sent again.
    @ivar try_timeout: seconds for one try until the head of the response; 0 for as
        long as the upstream's own deadlines allow.
    @ivar backoff: seconds to wait before the second retry, at the most; twice as long
        before each further one.
    @ivar most_backoff: the most that it comes to.
    """

    tries: int = 3
    on: Conditions = SAFE_FAILURES
    methods: Collection[bytes] = IDEMPOTENT
    replay: int = 65536
    try_timeout: float = 0.0
    backoff: float = 0.025
    most_backoff: float = 0.25


class RetryPolicy:
    """
    Decides by what an upstream allows.

    @ivar try_timeout: see L{RetryTerms}.
    @ivar minds_statuses: whether there are responses in place of which another server is asked.
    """

    __slots__ = ("_budget", "_random", "_terms", "minds_statuses", "try_timeout")

    def __init__(
        self, random: Random, terms: RetryTerms = RetryTerms(), budget: RetryBudget | None = None
    ) -> None:
        """
        @param budget: C{None} for as many retries as there may be.
        """
        self.try_timeout = terms.try_timeout
        self.minds_statuses = terms.on.has_statuses and terms.tries > 1
        self._random = random
        self._terms = terms
        self._budget = budget

    def started(self) -> None:
        """
        A request goes to its first server.
        """
        if self._budget is not None:
            self._budget.deposit()

    def afford(self) -> bool:
        """
        Whether a request may be sent once more than clients ask for; it counts.
        """
        return self._budget is None or self._budget.withdraw()

    def most_replayed(self, request: Request) -> int:
        """
        How many octets of the request's body are to be kept: for another server, and for
        another connection to the same one (L{may_repeat}), however many tries there may be.
        """
        terms = self._terms
        if request.length is None or request.method not in terms.methods:
            return 0
        return terms.replay if request.length <= terms.replay else 0

    def has_status(self, status: int) -> bool:
        """
        Whether another server is to be asked in place of a response of this status.
        """
        return self.minds_statuses and self._terms.on.has_status(status)

    def may_repeat(self, error: ExchangeError, request: Request, replayable: bool) -> bool:
        """
        Whether a request that went out on a connection that was used before may go out on
        a new one: the server closed that one, so most probably it saw nothing of the
        request (RFC 9112 section 9.3.1).

        @param replayable: whether what was sent of the body is still here.
        """
        return replayable and isinstance(error, UpstreamGone) and request.method in self._terms.methods

    def refusal_of(self, error: ExchangeError, request: Request, tries: int, replayable: bool) -> str:
        """
        Why another server is not to be tried after an error.

        @param tries: how many servers it went to.
        @return: in a few words; empty where it is to be tried.
        """
        if not self._terms.on.has_error(error):
            return "not among retry.on"
        if error.retry_safe and tries < self._terms.tries:
            return ""
        return self.refusal(request, tries, replayable)

    def refusal(self, request: Request, tries: int, replayable: bool) -> str:
        """
        Why a request that a server may have seen is not to be sent to another.
        """
        if tries >= self._terms.tries:
            return f"{tries} of {self._terms.tries} tries"
        if request.method not in self._terms.methods:
            return f"{request.method.decode('latin-1')} must not be sent twice"
        if not replayable:
            return "the body is not kept"
        return "" if self.afford() else "the budget for retries is used up"

    def pause(self, retries: int) -> float:
        """
        How long to wait before a retry.  The first comes at once, as it is another
        server's; later on clients that failed together should not come back together.

        @param retries: how many there were.
        @return: seconds.
        """
        terms = self._terms
        if not retries or not terms.backoff:
            return 0.0
        return self._random.uniform(0.0, min(terms.backoff * 2.0 ** (retries - 1), terms.most_backoff))
