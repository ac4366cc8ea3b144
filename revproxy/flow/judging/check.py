"""
Looking at a server once.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.errors import RevproxyError
from revproxy.flow.reasons import plain_reason, short_line
from revproxy.interfaces import IHealthChecker, IProbeTarget

_log = Logger(__name__)


class Check:
    """
    One check of one server, of which there is one result in time, whatever the checker
    does: it may raise, answer at once, too late or never, and go on when it is cancelled.

    @ivar ended: whether the checker is done; until then there should be no other check.
    @ivar _told: whether there is a result, or none is wanted any more.
    @ivar _late: whether its time is over.
    """

    def __init__(
        self,
        checker: IHealthChecker,
        target: IProbeTarget,
        timeout: float,
        clock: IReactorTime,
        tell: Callable[[bool, str], None],
    ) -> None:
        """
        @param timeout: how many seconds it may take.
        @param tell: called once, with whether the server is well and with what was seen.
        """
        self.ended = False
        self._checker = checker
        self._target = target
        self._timeout = timeout
        self._clock = clock
        self._tell = tell
        self._told = self._late = False
        self._deadline: IDelayedCall | None = None
        self._looking: Deferred[str] | None = None

    def start(self) -> None:
        """
        Look.
        """
        self._deadline = self._clock.callLater(self._timeout, self._too_late)
        looking: Deferred[str] = maybeDeferred(self._checker.check, self._target)
        self._looking = looking
        ending: Deferred[None] = looking.addCallbacks(self._passed, self._failed)
        ending.addErrback(self._log)
        if self._told:
            self._cancel()

    def stop(self) -> None:
        """
        Want no result any more.
        """
        self._told = True
        self._stop_waiting()
        self._cancel()

    def _passed(self, seen: str) -> None:
        self.ended = True
        if not self._late:
            self._result(True, short_line(str(seen)))

    def _failed(self, failure: Failure) -> None:
        """
        A check that is cancelled because it is late may say in its own words what it has seen.
        """
        self.ended = True
        if not self._late or failure.check(RevproxyError):
            self._result(False, plain_reason(failure))

    def _too_late(self) -> None:
        self._deadline = None
        self._late = True
        self._cancel()
        self._result(False, f"no result within {self._timeout:g} s")

    def _cancel(self) -> None:
        if self._looking is None or self.ended:
            return
        try:
            self._looking.cancel()
        except Exception:
            self._log(Failure())

    def _result(self, well: bool, seen: str) -> None:
        if self._told:
            return
        self._told = True
        self._stop_waiting()
        self._tell(well, seen)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _log(self, failure: Failure) -> None:
        _log.failure("The health check of {server} went wrong", failure, server=self._target.name)
