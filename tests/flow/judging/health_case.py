"""
One server, and what checks it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.errors import Unhealthy
from revproxy.flow.judging.health import HealthChecks, Schedule
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.membership import Membership
from revproxy.flow.pool.roster import Roster
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.testing import StandInTarget
from tests.flow.upstream_side import WaitingClient

STEADY = Schedule(interval=10.0, down_interval=1.0, jitter=0.0, timeout=0.5, rise=2, fall=3)

ONE = "http://one"


@implementer(IHealthChecker)
class Playing:
    """
    A checker that the test plays.

    @ivar asked: the names of the servers that were asked for, each with the time.
    @ivar waiting: those that have no result yet.
    @ivar answer: the result, where it comes at once.
    @ivar error: raised instead, where there is one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asked: list[tuple[str, float]] = []
        self.waiting: dict[str, Deferred[str]] = {}
        self.answer: str | None = None
        self.error: Exception | None = None

    def check(self, target: IProbeTarget) -> Deferred[str]:
        self.asked.append((target.name, self._clock.seconds()))
        if self.error is not None:
            raise self.error
        if self.answer is not None:
            return succeed(self.answer)
        result: Deferred[str] = Deferred()
        self.waiting[target.name] = result
        return result

    def pass_(self, name: str = ONE, seen: str = "status 200") -> None:
        self.waiting.pop(name).callback(seen)

    def fail(self, name: str = ONE, seen: str = "status 503") -> None:
        self.waiting.pop(name).errback(Unhealthy(seen))


class HealthCase(SynchronousTestCase):
    """
    One server, C{http://one}, and what checks it.
    """

    schedule = STEADY
    healthy = True

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.checker = Playing(self.clock)
        self.events = Events("app")
        self.roster = Roster(self.clock, self.events)
        self.members = Membership(self.roster, self.events)
        self.server = self.new_server()
        self.members.have("file", [self.server])
        self.checks = HealthChecks(
            self.members, self.checker, self.schedule, self.clock, Random(1), self.events
        )

    def new_server(self, name: str = ONE) -> Server:
        return Server(
            name, b"one", 1, ConnectionLimits(), WaitingClient(),
            healthy=self.healthy, target=StandInTarget(name),
        )  # fmt: skip

    def next_check(self) -> float:
        """
        Wait for a check.

        @return: how long that was.
        """
        begun, before = self.clock.seconds(), len(self.checker.asked)
        while len(self.checker.asked) == before:
            self.clock.advance(self.clock.getDelayedCalls()[0].getTime() - self.clock.seconds())
        return round(self.clock.seconds() - begun, 6)

    def failed(self, times: int = 1) -> None:
        """
        Let the next checks fail.
        """
        for _ in range(times):
            self.next_check()
            self.checker.fail()

    def passed(self, times: int = 1) -> None:
        """
        Let the next checks go well.
        """
        for _ in range(times):
            self.next_check()
            self.checker.pass_()

    def lines(self, act: Callable[[], object]) -> list[str]:
        """
        What is logged meanwhile: levels and what it says.
        """
        with capturedLogs() as events:
            act()
        return [
            f"{event['log_level'].name} {event['subject']}: {event['event']}: {event['reason']}"
            for event in events
            if event["log_level"] in (LogLevel.info, LogLevel.warn)
        ]
