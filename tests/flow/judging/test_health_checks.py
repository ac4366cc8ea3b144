"""
Tests of L{revproxy.flow.judging.health}: servers that come, go and are set down, and
checkers that do what they should not.
"""

from __future__ import annotations

from random import Random

from twisted.internet.defer import CancelledError, Deferred
from typing_extensions import override
from zope.interface import implementer

from revproxy.errors import Unhealthy
from revproxy.flow.judging.health import HealthChecks
from revproxy.flow.pool.standing import DOWN, DRAIN, UP
from revproxy.interfaces import IHealthChecker, IProbeTarget
from tests.flow.judging.health_case import ONE, HealthCase


class StateTests(HealthCase):
    """
    What the operator says comes first.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.checks.startService()

    def test_down(self) -> None:
        """
        A server that is set down is not checked; soon after it is set up again it is.
        """
        self.members.set_state(ONE, DOWN)
        self.clock.pump([1.0] * 100)
        self.assertEqual(self.checker.asked, [])
        self.members.set_state(ONE, UP)
        self.assertLessEqual(self.next_check(), 1.0)

    def test_down_meanwhile(self) -> None:
        """
        Results that came in spite of that do not count, nor do those of before.
        """
        self.failed(2)
        self.next_check()
        self.members.set_state(ONE, DOWN)
        self.checker.fail()
        self.assertTrue(self.server.standing.healthy)
        self.assertEqual(self.events.counts["check-failed"], 2)
        self.clock.advance(5.0)
        self.members.set_state(ONE, UP)
        self.failed(2)
        self.assertTrue(self.server.standing.healthy)

    def test_drain(self) -> None:
        """
        One that drains is checked: it may be used again.
        """
        self.members.set_state(ONE, DRAIN)
        self.failed(3)
        self.assertFalse(self.server.standing.healthy)


class CheckerTests(HealthCase):
    """
    Checkers that do what they should not.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.checks.startService()

    def test_at_once(self) -> None:
        """
        One that answers at once is asked again no sooner than others.
        """
        self.checker.answer = "fine"
        self.next_check()
        self.assertEqual([self.next_check(), self.next_check()], [10.0, 10.0])
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_raises(self) -> None:
        """
        One that raises takes the server down, as every other failure does.
        """
        self.checker.error = ValueError("a mistake")
        self.next_check(), self.next_check()
        lines = self.lines(self.next_check)
        self.assertEqual(lines, [f"warn {ONE}: down: 3 checks in a row, the last: ValueError: a mistake"])
        self.assertEqual(self.next_check(), 1.0)

    def test_mistake_of_ours(self) -> None:
        """
        Whatever goes wrong with a result, the next check comes.
        """

        def fail() -> None:
            raise ZeroDivisionError

        self.failed(2)
        self.roster.changed = fail
        self.failed()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.next_check(), 1.0)


@implementer(IHealthChecker)
class Stubborn:
    """
    A checker that heeds no cancelling.

    @ivar asked: how many times it was asked.
    @ivar end: ends what it does.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.end: Deferred[str] = Deferred()

    def check(self, target: IProbeTarget) -> Deferred[str]:
        self.asked += 1
        return Deferred.fromCoroutine(self.look())

    async def look(self) -> str:
        try:
            return await Deferred()
        except CancelledError:
            return await self.end


class StubbornTests(HealthCase):
    def test_does_not_end(self) -> None:
        """
        A checker that goes on when it is cancelled is not asked again before it has ended:
        meanwhile the server fails its checks.
        """
        stubborn = Stubborn()
        checks = HealthChecks(self.members, stubborn, self.schedule, self.clock, Random(1), self.events)
        checks.startService()
        self.clock.pump([1.0] * 20)
        self.assertEqual(stubborn.asked, 1)
        self.assertEqual(self.server.standing.reason, "down: the check before has not come to an end")
        stubborn.end.callback("")
        self.clock.pump([1.0] * 2)
        self.assertEqual(stubborn.asked, 2)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)


class ComingAndGoingTests(HealthCase):
    """
    Servers join and leave, checks begin and end.
    """

    def test_not_running(self) -> None:
        """
        Nothing is checked before the start, whatever joins.
        """
        self.members.have("more", [self.new_server("http://two")])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_joined(self) -> None:
        """
        A server that joins is checked from then on.
        """
        self.checks.startService()
        self.members.have("more", [self.new_server("http://two")], "found")
        self.clock.advance(1.0)
        self.assertEqual({name for name, _ in self.checker.asked}, {ONE, "http://two"})

    def test_left(self) -> None:
        """
        One that has left is not, and its running check is given up.
        """
        self.checks.startService()
        self.next_check()
        running = self.checker.waiting[ONE]
        self.members.remove(ONE)
        self.assertTrue(running.called)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.events.counts["check-failed"], 0)

    def test_left_by_its_result(self) -> None:
        """
        Pitfall 44: even where its own check brought that about nothing is left.
        """
        self.checks.startService()
        self.failed(2)
        self.roster.changed = self.leave
        self.failed()
        self.assertEqual((self.members.servers, self.clock.getDelayedCalls()), ((), []))

    def leave(self) -> None:
        """
        Have the server leave, as its standing has changed.
        """
        if self.members.servers:
            self.members.have("file", [])

    def test_left_by_its_result_at_once(self) -> None:
        """
        The same where the checker answers at once.
        """
        self.checks.startService()
        self.failed(2)
        self.roster.changed = self.leave
        self.checker.error = Unhealthy("status 503")
        self.next_check()
        self.assertEqual((self.members.servers, self.clock.getDelayedCalls()), ((), []))

    def test_no_target(self) -> None:
        """
        One that checks cannot reach stays as it is.
        """
        self.server.target = None
        self.checks.startService()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped(self) -> None:
        """
        Pitfall 44: after the end nothing is scheduled, and nothing goes on, whether a
        check was running or waited for.
        """
        for running in (False, True):
            self.checks.startService()
            if running:
                self.next_check()
            self.checks.stopService()
            self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertTrue(self.checker.waiting[ONE].called)
        self.assertEqual(self.events.counts, {})

    def test_started_again(self) -> None:
        """
        It may go on after that.
        """
        self.checks.startService()
        self.checks.stopService()
        self.checks.startService()
        self.failed(3)
        self.assertFalse(self.server.standing.healthy)
