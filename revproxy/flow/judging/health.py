"""
Checking servers again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from typing_extensions import override

from revproxy.flow.judging.check import Check
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
    @ivar down_interval: the same, if it is shorter, while the server is not well, or is
        about to be found to be otherwise than it was.
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
    Checks one server again and again.

    @ivar _in_a_row: how many checks in a row said what is not believed of the server yet.
    @ivar _stopped: whether it is not to be checked any more.
    @ivar _call: begins the next check.
    @ivar _check: the present one, or the last.
    """

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
        self._stopped = False
        self._call: IDelayedCall | None = None
        self._check: Check | None = None

    def start(self) -> None:
        """
        Begin: at once with a server that is not known to be well; with others soon, but
        not with all of them in the same moment.
        """
        well = self._server.standing.healthy
        self._wait(self._random.uniform(0.0, self._shorter_interval) if well else 0.0)

    def stop(self) -> None:
        """
        Check no more.
        """
        self._stopped = True
        if self._call is not None:
            self._call.cancel()
            self._call = None
        if self._check is not None:
            self._check.stop()

    @property
    def _shorter_interval(self) -> float:
        return min(self._schedule.down_interval, self._schedule.interval)

    def _wait(self, seconds: float) -> None:
        if not self._stopped:
            self._call = self._clock.callLater(seconds, self._look)

    def _wait_for_the_next(self) -> None:
        """
        Nothing changes while a server is well, or is not to be checked: everything else
        is to be known soon.
        """
        standing, jitter = self._server.standing, self._schedule.jitter
        settled = standing.healthy and not self._in_a_row and standing.state != DOWN
        seconds = self._schedule.interval if settled else self._shorter_interval
        self._wait(seconds * self._random.uniform(1.0 - jitter, 1.0 + jitter))

    def _look(self) -> None:
        """
        A server that its operator has taken down is not checked.  A checker that does not
        come to an end is not asked again before it has: it would do ever more at once.
        """
        self._call = None
        if self._server.standing.state == DOWN:
            self._in_a_row = 0
            self._wait_for_the_next()
        elif self._check is not None and not self._check.ended:
            self._told(False, "the check before has not come to an end")
        else:
            self._check = check = Check(
                self._checker, self._target, self._schedule.timeout, self._clock, self._told
            )
            check.start()

    def _told(self, well: bool, seen: str) -> None:
        try:
            if self._server.standing.state != DOWN:
                self._events.count("check-passed" if well else "check-failed")
                self._judge(well, seen)
        finally:
            self._wait_for_the_next()

    def _judge(self, well: bool, seen: str) -> None:
        standing, schedule = self._server.standing, self._schedule
        if well == standing.healthy:
            self._in_a_row = 0
            if not well:
                self._still_down(seen)
            return
        self._in_a_row += 1
        needed = schedule.rise if well else schedule.fall
        if self._in_a_row < needed:
            return
        self._in_a_row = 0
        said = seen if needed == 1 else f"{needed} checks in a row, the last: {seen}"
        tell = self._events.better if well else self._events.worse
        tell("up" if well else "down", self._server.name, said)
        standing.judge(well, f"down: {seen}")

    def _still_down(self, seen: str) -> None:
        """
        Of one that was taken for down before it was checked nobody knows yet why.
        """
        standing = self._server.standing
        if not standing.checked:
            self._events.worse("down", self._server.name, f"the first check: {seen}")
        standing.judge(False, f"down: {seen}")


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
