"""
Tests of L{revproxy.discovery.together}.
"""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from revproxy.discovery.together import all_of


class AllOfTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.awaited: list[Deferred[int]] = [Deferred(), Deferred()]
        self.waiting = Deferred.fromCoroutine(all_of(self.awaited))

    def test_all(self) -> None:
        """
        It waits for all of them, whether they go well or not.
        """
        self.awaited[1].callback(5)
        self.assertNoResult(self.waiting)
        self.awaited[0].errback(ZeroDivisionError())
        failure, number = self.successResultOf(self.waiting)
        assert isinstance(failure, Failure)
        self.assertEqual((failure.type, number), (ZeroDivisionError, 5))

    def test_cancelled(self) -> None:
        """
        Pitfall 44: who waits no more cancels all of them, and does not go on.
        """
        cancelled: list[object] = []
        waiting = Deferred.fromCoroutine(all_of([Deferred(cancelled.append), Deferred(cancelled.append)]))
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(len(cancelled), 2)

    def test_none(self) -> None:
        """
        Nothing to wait for is there at once.
        """
        self.assertEqual(self.successResultOf(Deferred.fromCoroutine(all_of([]))), [])
