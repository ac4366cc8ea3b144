"""
Request filters, one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange, Reply
from revproxy.interfaces import IRequestFilter

log = Logger(__name__)


class FilterFailed(ExchangeError):
    """
    A filter raised what it should not have.
    """


class RequestFilters:
    """
    Runs the filters of one exchange, waiting only for one that has to wait.
    """

    __slots__ = ("_exchange", "_failed", "_filters", "_passed", "_waiting")

    def __init__(
        self,
        filters: Sequence[IRequestFilter],
        exchange: Exchange,
        passed: Callable[[Reply | None], None],
        failed: Callable[[ExchangeError], None],
    ) -> None:
        """
        @param passed: called with L{None}, or the answer that a filter gave.
        """
        self._filters = filters
        self._exchange = exchange
        self._passed = passed
        self._failed = failed
        self._waiting: Deferred[Any] | None = None

    def run(self, first: int = 0) -> None:
        """
        Run the filters from C{first} on.
        """
        for index in range(first, len(self._filters)):
            try:
                result: Any = self._filters[index].filter_request(self._exchange)
            except Exception:
                self._fail(Failure(), index)
                return
            if isinstance(result, Deferred):
                self._wait(result, index)
                return
            if result is not None:
                self._answer(result, index)
                return
        self._passed(None)

    def cancel(self) -> None:
        """
        Call nobody back any more.
        """
        self._passed = self._failed = _nothing
        if self._waiting is not None:
            self._waiting.cancel()

    def _wait(self, result: Deferred[Reply | None], index: int) -> None:
        self._waiting = result
        result.addCallback(self._go_on, index).addErrback(self._fail, index)

    def _go_on(self, result: object, index: int) -> None:
        self._waiting = None
        if self._passed is _nothing:
            return
        if result is None:
            self.run(index + 1)
        else:
            self._answer(result, index)

    def _answer(self, result: object, index: int) -> None:
        if isinstance(result, Reply):
            self._passed(result)
        else:
            self._fail(Failure(TypeError(f"{result!r} is no Reply")), index)

    def _fail(self, failure: Failure, index: int) -> None:
        self._waiting = None
        error = failure.value
        if self._failed is _nothing:
            return
        if isinstance(error, ExchangeError):
            self._failed(error)
            return
        name = type(self._filters[index]).__name__
        log.failure("filter {name} failed", failure, name=name)
        self._failed(FilterFailed(f"filter {name} failed"))


def _nothing(outcome: object) -> None:
    """
    Nobody waits for the outcome any more.
    """
