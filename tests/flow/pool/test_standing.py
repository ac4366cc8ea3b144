"""
Tests of L{revproxy.flow.pool.standing}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.standing import DOWN, DRAIN, UP, Standing


class StandingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.changes = 0
        self.standing = Standing(self.changed)

    def changed(self) -> None:
        self.changes += 1

    def test_at_first(self) -> None:
        """
        Nothing is known against a new server.
        """
        self.assertTrue(self.standing.wanted)
        self.assertEqual((self.standing.reason, self.changes), ("", 0))

    def test_operator(self) -> None:
        """
        A server that drains or is set down is not wanted, and it is said why.
        """
        for state, reason in [(DRAIN, "drains"), (DOWN, "set down"), (UP, "")]:
            self.standing.administer(state)
            self.assertEqual((self.standing.wanted, self.standing.reason), (state == UP, reason))
        self.assertEqual(self.changes, 3)

    def test_only_changes_are_told(self) -> None:
        """
        What is said again changes nothing.
        """
        self.standing.administer(UP)
        self.standing.judge(True, "200")
        self.standing.readmit()
        self.assertEqual(self.changes, 0)

    def test_health(self) -> None:
        """
        A server is not wanted while its checks fail.
        """
        self.standing.judge(False, "down: refused")
        self.assertEqual((self.standing.wanted, self.standing.reason), (False, "down: refused"))
        self.standing.judge(True, "200")
        self.assertEqual((self.standing.wanted, self.standing.reason), (True, ""))

    def test_not_checked_yet(self) -> None:
        """
        One that has to show first that it is well is not wanted, either.
        """
        standing = Standing(self.changed, healthy=False)
        self.assertEqual((standing.wanted, standing.reason), (False, "not checked yet"))

    def test_ejection(self) -> None:
        """
        An ejected server comes back by way of a trial; it stays wanted, so that it can be
        used where too many are ejected.
        """
        standing = self.standing
        standing.eject("ejected: 5 failures")
        self.assertEqual(
            (standing.ejected, standing.wanted, standing.reason), (True, True, "ejected: 5 failures")
        )
        standing.try_again()
        self.assertEqual((standing.ejected, standing.on_trial), (False, True))
        standing.readmit()
        self.assertEqual((standing.ejected, standing.on_trial, self.changes), (False, False, 3))

    def test_ejected_on_trial(self) -> None:
        """
        A trial that goes wrong is an ejection like the first.
        """
        self.standing.eject("once")
        self.standing.try_again()
        self.standing.eject("twice")
        self.assertEqual((self.standing.ejected, self.standing.on_trial), (True, False))

    def test_inherited(self) -> None:
        """
        What the health checks said before is believed.
        """
        before = Standing(self.changed)
        before.judge(False, "down: refused")
        self.standing.inherit(before)
        self.assertEqual((self.standing.healthy, self.standing.reason), (False, "down: refused"))
