"""
Checking servers again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.errors import RevproxyError
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.membership import Membership
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.standing import DOWN
from revproxy.interfaces import IHealthChecker, IProbeTarget


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    When a server is checked, and how many results make a difference.

    @ivar interval: seconds from the end of a check to the next.
    @ivar down_interval: the same while the server is not well, or is about to be found to be
        otherwise than it was.
    @ivar jitter: the share by which an interval may be longer or shorter.
    @ivar timeout: seconds that a check may take.
    @ivar rise: so many checks in a row that go well bring a server up.
    @ivar fall: so many that fail take it down.
    """

    interval: float = 5.0
    down_interval: float = 1.0
    jitter: float = 0.1
    timeout: float = 2.0
    rise: int = 2
    fall: int = 3


class Monitor:
    """
    Checks one server.

    @ivar _in_a_row: how many checks in a row said what is not believed of the server yet.
    @ivar _call: the next check.
    @ivar _running: the present one.
    """

    _log = Logger()

    def __init__(
        self,
        server: Server,
        target: IProbeTarget,
        checker: IHealthChecker,
        schedule: Schedule,
        clock: IReactorTime,
        random: Random,
        events: Events,
    ) -> None:
        self._server = server
        self._target = target
        self._checker = checker
        self._schedule = schedule
        self._clock = clock
        self._random = random
        self._events = events
        self._in_a_row = 0
        self._call: IDelayedCall | None = None
        self._running: Deferred[None] | None = None

    def start(self) -> None:
        """
        Begin: at once with a server that is not known to be well, otherwise somewhen within
        the interval, so that servers are not all checked at once.
        """
        well = self._server.standing.healthy
        self._call = self._clock.callLater(
            self._random.uniform(0.0, self._schedule.interval) if well else 0.0, self._check
        )

    def stop(self) -> None:
        """
        Check no more.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    def _check(self) -> None:
        self._call = None
        if self._server.standing.state == DOWN:
            self._wait()
            return
        check: Deferred[str] = maybeDeferred(self._checker.check, self._target)
        check.addTimeout(self._schedule.timeout, self._clock)
        running: Deferred[None] = check.addCallbacks(self._passed, self._failed)
        self._running = running
        running.addBoth(self._checked, running)

    def _checked(self, result: object, running: Deferred[None]) -> None:
        """
        A check is over; one that was stopped is not followed by another.
        """
        if isinstance(result, Failure):
            self._log.failure("a health check failed in a way that nobody foresaw", result)
        if self._running is running:
            self._running = None
            self._wait()

    def _wait(self) -> None:
        schedule = self._schedule
        settled = self._server.standing.healthy and not self._in_a_row
        seconds = schedule.interval if settled else min(schedule.down_interval, schedule.interval)
        seconds *= self._random.uniform(1.0 - schedule.jitter, 1.0 + schedule.jitter)
        self._call = self._clock.callLater(seconds, self._check)

    def _passed(self, seen: str) -> None:
        self._result(True, self._schedule.rise, seen)

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError) and self._running is None:
            return
        if failure.check(TookTooLong, CancelledError):
            reason = f"no result within {self._schedule.timeout:g} s"
        elif isinstance(failure.value, RevproxyError):
            reason = str(failure.value)
        else:
            reason = f"{type(failure.value).__name__}: {failure.getErrorMessage()}"
        self._result(False, self._schedule.fall, reason)

    def _result(self, well: bool, needed: int, reason: str) -> None:
        standing = self._server.standing
        self._events.count("check-passed" if well else "check-failed")
        if well == standing.healthy:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        if self._in_a_row < needed:
            return
        self._in_a_row = 0
        said = reason if needed == 1 else f"{needed} checks in a row, the last: {reason}"
        tell = self._events.better if well else self._events.worse
        tell("up" if well else "down", self._server.name, said)
        standing.judge(well, f"down: {reason}")


class HealthChecks(Service):
    """
    Checks all servers of an upstream, those that come later too.
    """

    def __init__(
        self,
        members: Membership,
        checker: IHealthChecker,
        schedule: Schedule,
        clock: IReactorTime,
        random: Random,
        events: Events,
    ) -> None:
        self._members = members
        self._checker = checker
        self._schedule = schedule
        self._clock = clock
        self._random = random
        self._events = events
        self._monitors: dict[Server, Monitor] = {}
        members.joined.append(self._joined)
        members.left.append(self._left)

    @override
    def startService(self) -> None:
        super().startService()
        for server in self._members.servers:
            self._joined(server)

    @override
    def stopService(self) -> None:
        super().stopService()
        while self._monitors:
            self._monitors.popitem()[1].stop()

    def _joined(self, server: Server) -> None:
        if not self.running or server.target is None:
            return
        self._monitors[server] = monitor = Monitor(
            server, server.target, self._checker, self._schedule, self._clock, self._random, self._events
        )
        monitor.start()

    def _left(self, server: Server) -> None:
        monitor = self._monitors.pop(server, None)
        if monitor is not None:
            monitor.stop()
