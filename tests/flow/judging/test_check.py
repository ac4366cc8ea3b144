"""
Tests of L{revproxy.flow.judging.check}: whatever a checker does, there is one result.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.errors import Unhealthy
from revproxy.flow.judging.check import Check
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.testing import StandInTarget


@implementer(IHealthChecker)
class Calling:
    """
    A checker that calls a function.
    """

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look

    def check(self, target: IProbeTarget) -> Deferred[str]:
        result = self._look()
        return result  # type: ignore[return-value]


class CheckTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.told: list[tuple[bool, str]] = []

    def check(self, look: Callable[[], object]) -> Check:
        """
        A check of two seconds that has been started.
        """
        check = Check(Calling(look), StandInTarget(), 2.0, self.clock, lambda *told: self.told.append(told))
        check.start()
        return check

    def assertTold(self, well: bool, seen: str) -> None:
        """
        There is this result, once, and nothing is left to be done.
        """
        self.assertEqual(self.told, [(well, seen)])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.told.clear()

    def test_later(self) -> None:
        """
        A result is told when it comes.
        """
        results: list[Deferred[str]] = [Deferred(), Deferred()]
        checks = [self.check(lambda each=each: each) for each in results]  # type: ignore[misc]
        self.clock.advance(1.9)
        self.assertEqual((self.told, [check.ended for check in checks]), ([], [False, False]))
        results[0].callback("status 200")
        results[1].errback(Unhealthy("status 503"))
        self.assertEqual(self.told, [(True, "status 200"), (False, "status 503")])
        self.assertEqual([check.ended for check in checks], [True, True])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_at_once(self) -> None:
        """
        So it is when it is there at once, and even if it is no Deferred.
        """
        self.assertTrue(self.check(lambda: succeed("fine")).ended)
        self.assertTold(True, "fine")
        self.check(lambda: "fine")
        self.assertTold(True, "fine")
        self.check(lambda: None)
        self.assertTold(True, "None")

    def test_coroutine(self) -> None:
        """
        A coroutine serves as well.
        """

        async def look() -> str:
            return await succeed("fine")

        self.check(look)
        self.assertTold(True, "fine")

    def test_raises(self) -> None:
        """
        A checker that raises has found something wrong, in its own words or by the
        name of what it raised.
        """
        for error, said in (
            (Unhealthy("sick"), "sick"),
            (Unhealthy(), "Unhealthy"),
            (ValueError("a mistake"), "ValueError: a mistake"),
            (KeyError(), "KeyError"),
        ):
            self.check(partial(self.fail_with, error))
            self.assertTold(False, said)

    def fail_with(self, error: Exception) -> Deferred[str]:
        raise error

    def test_one_short_line(self) -> None:
        """
        What the server itself has said stays in one line, and is short.
        """
        self.check(lambda: succeed("a\r\nb"))
        self.assertTold(True, "a\\r\\nb")
        self.check(partial(self.fail_with, Unhealthy("x" * 1000)))
        self.assertTold(False, "x" * 197 + "...")

    def test_never(self) -> None:
        """
        What has no result in time is cancelled, and has failed.
        """
        cancelled: list[object] = []
        check = self.check(lambda: Deferred(cancelled.append))
        self.clock.advance(2.0)
        self.assertEqual(len(cancelled), 1)
        self.assertTold(False, "no result within 2 s")
        self.assertTrue(check.ended)

    def test_own_words(self) -> None:
        """
        One that is cancelled may say how far it got; other errors are of no interest then.
        """
        self.check(lambda: Deferred(lambda result: result.errback(Unhealthy("half an answer"))))
        self.clock.advance(2.0)
        self.assertTold(False, "half an answer")
        self.check(lambda: Deferred(lambda result: result.errback(ConnectionRefusedError())))
        self.clock.advance(2.0)
        self.assertTold(False, "no result within 2 s")

    def test_too_late(self) -> None:
        """
        A result that comes too late is none.
        """
        result: Deferred[str] = Deferred(lambda result: result.callback("fine after all"))
        self.check(lambda: result)
        self.clock.advance(2.0)
        self.assertTold(False, "no result within 2 s")
        late: Deferred[str] = Deferred()
        self.check(lambda: late)
        self.clock.advance(2.0)
        late.callback("fine after all")
        self.assertTold(False, "no result within 2 s")

    def test_does_not_end(self) -> None:
        """
        One that goes on when it is cancelled has failed, and is known not to have ended.
        """
        others: list[Deferred[str]] = [Deferred(), Deferred()]

        async def look() -> str:
            for other in others:
                try:
                    await other
                except Exception:
                    pass
            return "fine after all"

        check = self.check(look)
        self.clock.advance(2.0)
        self.assertTold(False, "no result within 2 s")
        self.assertFalse(check.ended)
        others[1].callback("")
        self.assertTrue(check.ended)
        self.assertEqual(self.told, [])

    def test_cannot_be_cancelled(self) -> None:
        """
        One that raises when it is cancelled has failed, too, and the log has its traceback.
        """

        def cancel(result: Deferred[str]) -> None:
            raise ZeroDivisionError

        check = self.check(lambda: Deferred(cancel))
        self.clock.advance(2.0)
        self.assertTold(False, "no result within 2 s")
        self.assertFalse(check.ended)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_stopped(self) -> None:
        """
        Pitfall 44: one that is stopped is cancelled, says nothing, and leaves no call.
        """
        cancelled: list[object] = []
        check = self.check(lambda: Deferred(cancelled.append))
        check.stop()
        check.stop()
        self.assertEqual((len(cancelled), self.told, self.clock.getDelayedCalls()), (1, [], []))

    def test_stopped_as_it_starts(self) -> None:
        """
        So it is when the checker itself brings that about.
        """
        cancelled: list[object] = []

        def look() -> Deferred[str]:
            check.stop()
            return Deferred(cancelled.append)

        check = Check(Calling(look), StandInTarget(), 2.0, self.clock, lambda *told: self.told.append(told))
        check.start()
        self.assertEqual((len(cancelled), self.told, self.clock.getDelayedCalls()), (1, [], []))

    def test_mistake_of_ours(self) -> None:
        """
        What goes wrong with the result is logged, and is no result.
        """

        def tell(well: bool, seen: str) -> None:
            raise ValueError("ours")

        check = Check(Calling(lambda: succeed("fine")), StandInTarget(), 2.0, self.clock, tell)
        check.start()
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
