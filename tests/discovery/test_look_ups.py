"""
Tests of L{revproxy.discovery.look_ups}.
"""

from __future__ import annotations

from twisted.application.service import IService
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.discovery.answers import Place
from revproxy.discovery.finders import NameFinder
from revproxy.discovery.look_ups import MOST_PLACES, LookUps, Pace
from revproxy.flow.pool.events import Events
from tests.discovery.resolvers import FakeResolver

BAD = "169.254.169.254"


def refusal(address: str) -> str | None:
    return f"{address} is forbidden" if address == BAD else None


class LookUpsCase(SynchronousTestCase):
    """
    @ivar heard: what was known after each look-up.
    """

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.resolver = FakeResolver()
        self.events = Events("app")
        self.heard: list[list[str]] = []
        finder = NameFinder(self.resolver, "app.test", 80)
        pace = Pace(least=2.0, most=100.0, timeout=4.0)
        self.look_ups = LookUps("app.test", finder, self.clock, pace, refusal, self.events)
        self.look_ups.heard = lambda: self.heard.append(self.known())

    def known(self) -> list[str]:
        return [place.address for place in self.look_ups.places]

    def answer(self, *addresses: str, ttl: float = 30.0) -> None:
        self.resolver.answer("app.test", *addresses, ttl=ttl)

    def due(self) -> float:
        """
        In how many seconds the next look-up is.
        """
        (call,) = self.clock.getDelayedCalls()
        return call.getTime() - self.clock.seconds()

    def wait(self) -> None:
        """
        Wait for the next look-up.
        """
        self.clock.advance(self.due())
        self.assertEqual(self.resolver.asked, ["app.test"])


class AgainTests(LookUpsCase):
    """
    When a name is looked up.
    """

    def test_interface(self) -> None:
        """
        It is a service.
        """
        verifyObject(IService, self.look_ups)

    def test_from_the_start(self) -> None:
        """
        The first look-up is at the start, the next when the answer does not hold any more.
        """
        self.assertEqual((self.resolver.asked, self.clock.getDelayedCalls()), ([], []))
        self.look_ups.startService()
        self.answer("10.0.0.1", ttl=30.0)
        self.assertEqual((self.heard, self.due()), ([["10.0.0.1"]], 30.0))
        self.wait()
        self.answer("10.0.0.2", ttl=40.0)
        self.assertEqual((self.heard[-1], self.due()), (["10.0.0.2"], 40.0))

    def test_bounds(self) -> None:
        """
        Whatever an answer says, it holds neither too short nor too long.
        """
        self.look_ups.startService()
        for ttl, due in ((0.0, 2.0), (1.9, 2.0), (3.0, 3.0), (86400.0, 100.0), (float("inf"), 100.0)):
            self.answer("10.0.0.1", ttl=ttl)
            self.assertEqual(self.due(), due)
            self.wait()

    def test_now(self) -> None:
        """
        It can be told to look now, unless it is looking.
        """
        self.look_ups.look()
        self.assertEqual(self.resolver.asked, [])
        self.look_ups.startService()
        self.look_ups.look()
        self.answer("10.0.0.1")
        self.look_ups.look()
        self.assertEqual(self.resolver.asked, ["app.test"])
        self.answer("10.0.0.1", ttl=30.0)
        self.assertEqual(self.due(), 30.0)

    def test_stopped_while_waiting(self) -> None:
        """
        Pitfall 44: after the end nothing is scheduled.
        """
        self.look_ups.startService()
        self.answer("10.0.0.1")
        self.look_ups.stopService()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_while_looking(self) -> None:
        """
        Pitfall 44: nor is a look-up pending, and nothing of it is told.
        """
        self.look_ups.startService()
        with capturedLogs() as events:
            self.look_ups.stopService()
        self.assertEqual((self.resolver.cancelled, self.clock.getDelayedCalls()), (["app.test"], []))
        self.assertEqual((self.heard, list(events), self.events.counts.total()), ([], [], 0))

    def test_started_again(self) -> None:
        """
        It can be started again.
        """
        self.look_ups.startService()
        self.look_ups.stopService()
        self.look_ups.startService()
        self.answer("10.0.0.1")
        self.assertEqual(self.heard, [["10.0.0.1"]])


class FailureTests(LookUpsCase):
    """
    What becomes of look-ups that fail.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.look_ups.startService()

    def fails(self, times: int = 1) -> list[float]:
        """
        Have look-ups fail, and give the pauses after them.
        """
        pauses = []
        for _ in range(times):
            self.resolver.fail("app.test", "why")
            pauses.append(self.due())
            self.wait()
        return pauses

    def test_stays(self) -> None:
        """
        What was known stays.
        """
        self.answer("10.0.0.1")
        self.wait()
        self.fails(3)
        self.assertEqual(self.heard, [["10.0.0.1"]] * 4)

    def test_soon_again(self) -> None:
        """
        It is tried again soon, and less often the longer it fails; then as ever.
        """
        self.assertEqual(self.fails(7), [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0])
        self.answer("10.0.0.1", ttl=30.0)
        self.assertEqual(self.due(), 30.0)
        self.wait()
        self.assertEqual(self.fails(), [1.0])

    def test_told_once(self) -> None:
        """
        Of a run of failures the first is told, and its end.
        """
        with capturedLogs() as events:
            self.answer("10.0.0.1")
            self.wait()
            self.fails(5)
            self.answer("10.0.0.1")
        self.assertEqual(
            [formatEvent(event) for event in events],
            [
                "upstream app: app.test: look-up-failed: why; what was known stays",
                "upstream app: app.test: looked-up-again: it is answered",
            ],
        )
        self.assertEqual(self.events.counts["look-up-failed"], 5)

    def test_nothing_known(self) -> None:
        """
        Whoever waits for the first look-up hears of its failure, too.
        """
        with capturedLogs() as events:
            self.fails()
        self.assertEqual(self.heard, [[]])
        self.assertEqual(
            [formatEvent(event) for event in events], ["upstream app: app.test: look-up-failed: why"]
        )

    def test_late(self) -> None:
        """
        A look-up that takes too long has failed.
        """
        with capturedLogs() as events:
            self.clock.advance(4.0)
        self.assertEqual((self.resolver.cancelled, self.due()), (["app.test"], 1.0))
        self.assertSubstring("no answer within 4 s", str(formatEvent(events[0])))

    def test_unforeseen(self) -> None:
        """
        A failure that nobody foresaw is logged with its traceback, and ends nothing.
        """
        self.resolver.fail("app.test", error=ZeroDivisionError("by zero"))
        self.assertEqual((len(self.flushLoggedErrors(ZeroDivisionError)), self.due()), (1, 1.0))

    def test_unusable(self) -> None:
        """
        Nor does a failure of those who hear of it.
        """

        def fail() -> None:
            raise ZeroDivisionError

        self.look_ups.heard = fail
        self.answer("10.0.0.1", ttl=30.0)
        self.assertEqual((len(self.flushLoggedErrors(ZeroDivisionError)), self.due()), (1, 30.0))

    def test_half_known(self) -> None:
        """
        What is found in part is used, and looked for again soon.
        """
        self.answer("10.0.0.1", "::1")
        self.wait()
        self.resolver.answer("app.test", "10.0.0.2", unknown={6})
        self.assertEqual((self.heard[-1], self.due()), (["10.0.0.2", "::1"], 1.0))
        self.assertEqual(self.events.counts["look-up-failed"], 1)


class ForbiddenTests(LookUpsCase):
    """
    Pitfall 39.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.look_ups.startService()

    def test_left_out(self) -> None:
        """
        Pitfall 39: an address at which no server may be is left out, the others are used.
        """
        self.answer("10.0.0.1", BAD)
        self.assertEqual((self.heard, self.due()), ([["10.0.0.1"]], 30.0))

    def test_rebinding(self) -> None:
        """
        Pitfall 39: a name that leads to such an address later on, and nowhere else, stays
        where it was.
        """
        self.answer("10.0.0.1")
        self.wait()
        self.answer(BAD)
        self.assertEqual((self.heard[-1], self.due()), (["10.0.0.1"], 1.0))

    def test_told_once(self) -> None:
        """
        It is told when it comes, not each time that it is found.
        """
        with capturedLogs() as events:
            for addresses in (["10.0.0.1", BAD], ["10.0.0.2", BAD], ["10.0.0.1"], ["10.0.0.1", BAD]):
                self.answer(*addresses)
                self.wait()
        told = ["upstream app: app.test: refused: 169.254.169.254 is forbidden"] * 2
        self.assertEqual([formatEvent(event) for event in events], told)

    def test_too_many(self) -> None:
        """
        A name has so many servers and no more, and that is told.
        """
        with capturedLogs() as events:
            self.answer(*(f"10.0.{number // 250}.{number % 250}" for number in range(MOST_PLACES + 1)))
        self.assertEqual((len(self.heard[-1]), self.due()), (MOST_PLACES, 30.0))
        self.assertSubstring("only 1000 are used", str(formatEvent(events[0])))

    def test_inherited(self) -> None:
        """
        What somebody else has found out is used only if it may be.
        """
        self.look_ups.begin_with([Place("app.test", 80, "10.0.0.1"), Place("app.test", 80, BAD)])
        self.assertEqual(self.known(), ["10.0.0.1"])
