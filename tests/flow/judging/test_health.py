"""
Tests of L{revproxy.flow.judging.health}: when a server is checked, and what follows.
"""

from __future__ import annotations

from typing_extensions import override

from revproxy.flow.judging.health import Schedule
from tests.flow.judging.health_case import ONE, HealthCase


class CountingTests(HealthCase):
    """
    So many results in a row make a difference.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.checks.startService()

    def test_fall(self) -> None:
        """
        A server goes down after so many failures in a row, with one line in the log.
        """
        self.assertEqual(self.lines(lambda: self.failed(2)), [])
        self.assertTrue(self.server.standing.healthy)
        lines = self.lines(self.failed)
        self.assertEqual(lines, [f"warn {ONE}: down: 3 checks in a row, the last: status 503"])
        self.assertFalse(self.server.standing.healthy)
        self.assertEqual(self.server.standing.reason, "down: status 503")

    def test_rise(self) -> None:
        """
        It comes up after so many that go well.
        """
        self.failed(3)
        self.assertEqual(self.lines(self.passed), [])
        self.assertFalse(self.server.standing.healthy)
        lines = self.lines(self.passed)
        self.assertEqual(lines, [f"info {ONE}: up: 2 checks in a row, the last: status 200"])
        self.assertEqual((self.server.standing.healthy, self.server.standing.reason), (True, ""))

    def test_in_a_row(self) -> None:
        """
        One that goes otherwise has the count begin anew.
        """
        self.failed(2)
        self.passed()
        self.failed(2)
        self.assertTrue(self.server.standing.healthy)
        self.failed()
        self.assertFalse(self.server.standing.healthy)
        self.passed()
        self.failed()
        self.passed()
        self.assertFalse(self.server.standing.healthy)
        self.passed()
        self.assertTrue(self.server.standing.healthy)

    def test_nothing_new(self) -> None:
        """
        What is known already is not told again, but the newest reason is kept.
        """
        self.assertEqual(self.lines(lambda: self.passed(5)), [])
        self.failed(3)
        self.next_check()
        self.assertEqual(self.lines(lambda: self.checker.fail(seen="status 500")), [])
        self.assertEqual(self.server.standing.reason, "down: status 500")

    def test_counted(self) -> None:
        """
        Checks and changes are counted.
        """
        self.passed(2)
        self.failed(3)
        self.passed(2)
        expected = {"check-passed": 4, "check-failed": 3, "down": 1, "up": 1}
        self.assertEqual(self.events.counts, expected)

    def test_too_late(self) -> None:
        """
        A check without a result in time has failed.
        """
        self.failed(2)
        self.next_check()
        lines = self.lines(lambda: self.clock.advance(0.5))
        self.assertEqual(lines, [f"warn {ONE}: down: 3 checks in a row, the last: no result within 0.5 s"])


class OneIsEnoughTests(HealthCase):
    schedule = Schedule(interval=10.0, jitter=0.0, rise=1, fall=1)

    def test_no_row(self) -> None:
        """
        Where one result makes the difference, it is told without a row.
        """
        self.checks.startService()
        self.assertEqual(self.lines(self.failed), [f"warn {ONE}: down: status 503"])
        self.assertEqual(self.lines(self.passed), [f"info {ONE}: up: status 200"])


class IntervalTests(HealthCase):
    """
    When the next check is.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.checks.startService()
        self.first = self.next_check()

    def after(self, *results: bool) -> list[float]:
        """
        How long it is until the next check, after each result.
        """
        waits = []
        for well in results:
            (self.checker.pass_ if well else self.checker.fail)()
            waits.append(self.next_check())
        return waits

    def test_well(self) -> None:
        """
        As long as a server is well, the interval lies between two checks.
        """
        self.assertEqual(self.after(True, True), [10.0, 10.0])

    def test_in_doubt_and_down(self) -> None:
        """
        While it is not, or may be found otherwise soon, the shorter one does.
        """
        self.assertEqual(self.after(False, True, False, False, False), [1.0, 10.0, 1.0, 1.0, 1.0])
        self.assertEqual(self.after(False, True, True, True), [1.0, 1.0, 10.0, 10.0])

    def test_from_the_end(self) -> None:
        """
        The interval begins when the check is over.
        """
        self.clock.advance(0.4)
        self.assertEqual(self.after(True), [10.0])
        self.assertEqual(self.next_check(), 1.5)  # 0.5 s in vain, and as it is in doubt now, 1 s

    def test_one_at_a_time(self) -> None:
        """
        There is never more than one check of a server.
        """
        self.clock.advance(0.4)
        self.assertEqual(len(self.checker.asked), 1)


class JitterTests(HealthCase):
    schedule = Schedule(interval=10.0, jitter=0.2)

    def test_jitter(self) -> None:
        """
        Intervals differ by chance, within the given share, so that proxies that were
        started together do not stay together.
        """
        self.checks.startService()
        self.next_check()
        waits = []
        for _ in range(100):
            self.checker.pass_()
            waits.append(self.next_check())
        self.assertTrue(8.0 <= min(waits) < 8.5 and 11.5 < max(waits) <= 12.0, waits)

    def test_first(self) -> None:
        """
        Of servers that are taken for well, the first checks are soon, but not all at once.
        """
        self.members.have("more", [self.new_server(f"http://{number}") for number in range(50)])
        self.checks.startService()
        self.assertEqual(self.checker.asked, [])
        self.clock.pump([0.01] * 100)
        times = [time for _, time in self.checker.asked]
        self.assertEqual(len(times), 51)
        self.assertGreater(len(set(times)), 30)


class ShortIntervalTests(HealthCase):
    schedule = Schedule(interval=0.1, down_interval=1.0, jitter=0.0, fall=1)

    def test_never_slower(self) -> None:
        """
        A server that is down is not checked less often than others.
        """
        self.checks.startService()
        self.failed()
        self.assertEqual(self.next_check(), 0.1)


class InitiallyDownTests(HealthCase):
    healthy = False

    def test_at_once(self) -> None:
        """
        A server that is taken for down is checked at once, and then soon until it is up.
        """
        self.assertEqual(self.server.standing.reason, "not checked yet")
        self.checks.startService()
        self.assertEqual(self.next_check(), 0.0)
        self.checker.pass_()
        self.assertEqual(self.next_check(), 1.0)
        self.checker.pass_()
        self.assertTrue(self.server.standing.healthy)

    def test_reason(self) -> None:
        """
        Where the first check fails already its reason is logged, once.
        """
        self.checks.startService()
        self.assertEqual(
            self.lines(lambda: self.failed(5)), [f"warn {ONE}: down: the first check: status 503"]
        )
        self.assertEqual(self.server.standing.reason, "down: status 503")
        self.assertEqual(self.events.counts["down"], 1)

    def test_inherited(self) -> None:
        """
        What a former configuration knew already is not told again.
        """
        self.checks.startService()
        self.failed()
        later = InitiallyDownTests()
        later.setUp()
        later.members.inherit(self.members)
        self.assertEqual(later.server.standing.reason, "down: status 503")
        later.checks.startService()
        self.assertEqual(later.lines(later.failed), [])

    def test_nothing_to_inherit(self) -> None:
        """
        Where it knew nothing, nothing is known.
        """
        later = InitiallyDownTests()
        later.setUp()
        later.members.inherit(self.members)
        self.assertEqual(later.server.standing.reason, "not checked yet")
