"""
Leaving an upstream alone where most of what it is asked fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from zope.interface import implementer

from revproxy.errors import CircuitOpen, ExchangeError, UpstreamOvertaken
from revproxy.flow.conditions import ANY_FAILURE, Conditions
from revproxy.flow.judging.window import Window
from revproxy.flow.pool.events import Events
from revproxy.interfaces import IOutcomeObserver, IServer

SUBJECT = "circuit breaker"


@dataclass(frozen=True, slots=True)
class BreakerTerms:
    """
    When a breaker opens, and for how long.

    @ivar failure_rate: the share of failures that opens it.
    @ivar latency: from how many seconds on an answer counts as a failure, too; 0 for never.
    @ivar window: over how many seconds the share is taken.
    @ivar least: of fewer exchanges no share is taken.
    @ivar open_for: how many seconds it stays open.
    @ivar trials: how many exchanges are let through then, all of which have to go well.
    @ivar on: what counts as a failure.
    """

    failure_rate: float = 0.5
    latency: float = 0.0
    window: float = 10.0
    least: int = 20
    open_for: float = 10.0
    trials: int = 3
    on: Conditions = ANY_FAILURE


@implementer(IOutcomeObserver)
class CircuitBreaker:
    """
    Refuses everything for a while where too much fails, then lets a few through, and
    everything once these went well (Nygard, "Release It!", 2007).

    @ivar _opened: when it opened last; C{None} while it is closed.
    @ivar _let: how many were let through since it was half-open.
    @ivar _well: how many of these went well.
    @ivar _half_open: since when; C{None} where it is not.
    """

    def __init__(self, seconds: Callable[[], float], terms: BreakerTerms, events: Events) -> None:
        """
        @param seconds: tells the time.
        """
        self._seconds = seconds
        self._terms = terms
        self._events = events
        self._window = Window(terms.window)
        self._opened: float | None = None
        self._half_open: float | None = None
        self._let = 0
        self._well = 0

    def admit(self) -> None:
        """
        An exchange asks to be let through.

        @raise CircuitOpen: it is not.
        """
        if self._opened is None:
            return
        now = self._seconds()
        rest = (self._half_open or self._opened) + self._terms.open_for - now
        if rest <= 0:
            # Of those that were let through before none need have come back: clients may have left.
            self._try(now)
        if self._half_open is None or self._let >= self._terms.trials:
            self._events.count("circuit-refused")
            error = CircuitOpen("the circuit breaker is open")
            error.retry_after = max(1, ceil(rest))
            raise error
        self._let += 1

    def answered(self, server: IServer, status: int, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.answered}.
        """
        terms = self._terms
        slow = 0 < terms.latency <= seconds
        what = f"{seconds:.3g} s" if slow else f"status {status}"
        self._count(slow or terms.on.has_status(status), what, seconds)

    def failed(self, server: IServer, error: ExchangeError, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.failed}.  Where a server was overtaken the exchange came to
        something, and that is heard, too.
        """
        if isinstance(error, UpstreamOvertaken):
            return
        if self._terms.on.has_error(error):
            self._count(True, error.reason, seconds)

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{IOutcomeObserver.forgotten}.
        """

    def _count(self, failed: bool, what: str, seconds: float) -> None:
        """
        What was let through before the breaker opened says nothing of how it is now.
        """
        now = self._seconds()
        if self._half_open is not None:
            if now - seconds >= self._half_open:
                self._judge_trial(now, failed, what)
        elif self._opened is None:
            self._window.count(now, failed)
            if failed:
                self._judge(now, what)

    def _judge(self, now: float, what: str) -> None:
        total, failures = self._window.tally(now)
        if total >= self._terms.least and failures >= self._terms.failure_rate * total:
            self._open(now, f"{failures} of {total} exchanges failed, the last with {what}")

    def _judge_trial(self, now: float, failed: bool, what: str) -> None:
        if failed:
            self._open(now, f"an exchange on trial failed with {what}")
            return
        self._well += 1
        if self._well >= self._terms.trials:
            self._opened = self._half_open = None
            self._events.better("closes", SUBJECT, f"{self._well} exchanges on trial went well")

    def _open(self, now: float, reason: str) -> None:
        self._opened, self._half_open = now, None
        self._window.clear()
        self._events.worse("opens", SUBJECT, reason)

    def _try(self, now: float) -> None:
        if self._half_open is None:
            self._events.better("half-opens", SUBJECT, f"{self._terms.trials} exchanges are let through")
        self._half_open = now
        self._let = self._well = 0
