"""
The contracts of health checkers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from revproxy.interfaces import IHealthChecker
from revproxy.testing.targets import StandInConnection, StandInTarget

if TYPE_CHECKING:
    from twisted.trial.unittest import SynchronousTestCase as Base
else:
    Base = object


class HealthCheckerContract(Base):
    """
    What holds for every health checker.  A C{setUp} of yours calls this one's.

    @cvar healthy_answer: what a server says that is well, once it is connected to;
        empty where it need not say anything.
    @ivar clock: for checkers that have one.
    @ivar target: the server that is checked.
    @ivar other: another one.
    """

    healthy_answer: bytes = b""

    def setUp(self) -> None:
        """
        Have servers to check.
        """
        super().setUp()
        self.clock = Clock()
        self.target = StandInTarget()
        self.other = StandInTarget("http://127.0.0.1:8002", 8002)

    def make_checker(self) -> IHealthChecker:
        """
        @return: a new checker.
        """
        raise NotImplementedError

    def be_well(self, connection: StandInConnection) -> None:
        """
        Do what a server does that is well and was connected to.
        """
        if self.healthy_answer:
            connection.say(self.healthy_answer)

    def turn(self) -> None:
        """
        Let the checker hear of the connections that it has closed.
        """
        for target in (self.target, self.other):
            target.turn()

    def assertNothingLeft(self) -> None:
        """
        No connection is open, no attempt to make one goes on, no call is scheduled.
        """
        for target in (self.target, self.other):
            self.assertFalse(target.busy, target.name)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def assertWell(self, checking: Deferred[str]) -> None:
        """
        The check went well, is over, and has said what it has seen.
        """
        self.turn()
        self.assertIsInstance(self.successResultOf(checking), str)
        self.assertNothingLeft()

    def assertNotWell(self, checking: Deferred[str]) -> None:
        """
        The check has failed and is over.
        """
        self.turn()
        self.failureResultOf(checking)
        self.assertNothingLeft()

    def test_provides_its_interface(self) -> None:
        """
        It provides L{IHealthChecker}.
        """
        self.assertTrue(verifyObject(IHealthChecker, self.make_checker()))

    def test_well(self) -> None:
        """
        Where the server is well it says so, and closes its connection.
        """
        checking = self.make_checker().check(self.target)
        self.be_well(self.target.accept())
        self.assertWell(checking)

    def test_refused(self) -> None:
        """
        Where it cannot connect it fails.
        """
        checking = self.make_checker().check(self.target)
        self.target.refuse()
        self.assertNotWell(checking)

    def test_not_accepted(self) -> None:
        """
        Where nobody accepts its connection it goes on until it is cancelled, and then
        gives up connecting.
        """
        checking = self.make_checker().check(self.target)
        self.assertNoResult(checking)
        checking.cancel()
        self.assertNotWell(checking)

    def test_again(self) -> None:
        """
        How one check ends says nothing of the next.
        """
        checker = self.make_checker()
        for _ in range(3):
            checking = checker.check(self.target)
            self.target.refuse()
            self.assertNotWell(checking)
            checking = checker.check(self.target)
            self.be_well(self.target.accept())
            self.assertWell(checking)

    def test_several(self) -> None:
        """
        One checker checks several servers at once, and does not mix them up.
        """
        checker = self.make_checker()
        first, second = checker.check(self.target), checker.check(self.other)
        self.target.refuse()
        self.failureResultOf(first)
        self.assertNoResult(second)
        self.be_well(self.other.accept())
        self.assertWell(second)


class TalkingHealthCheckerContract(HealthCheckerContract):
    """
    What holds, too, for checkers that want to hear something.

    @cvar garbage: what no server says that is well.
    """

    garbage: Sequence[bytes] = (
        b"\r\n",
        b"\0\xff" * 100,
        b"-ERR unknown command\r\n",
        b"HTTP/1.1 999 Strange\r\n\r\n",
        b"\r\n\r\n" * 50_000,
        b"x" * 200_000,
    )

    def test_silent(self) -> None:
        """
        Where the server says nothing it goes on until it is cancelled, and then closes its
        connection.
        """
        checking = self.make_checker().check(self.target)
        self.target.accept()
        self.assertNoResult(checking)
        checking.cancel()
        self.assertNotWell(checking)

    def test_closed(self) -> None:
        """
        Where the server closes the connection without a word it fails.
        """
        checking = self.make_checker().check(self.target)
        self.target.accept().close()
        self.assertNotWell(checking)

    def test_reset(self) -> None:
        """
        Where the connection is lost it fails.
        """
        checking = self.make_checker().check(self.target)
        self.target.accept().reset()
        self.assertNotWell(checking)

    def test_in_pieces(self) -> None:
        """
        An answer is an answer in whatever pieces it comes.
        """
        checking = self.make_checker().check(self.target)
        connection = self.target.accept()
        for position in range(len(self.healthy_answer)):
            connection.say(self.healthy_answer[position : position + 1])
        self.assertWell(checking)

    def test_garbage(self) -> None:
        """
        Where the server says what makes no sense it fails, at the latest when the server
        closes the connection.
        """
        for garbage in self.garbage:
            checking = self.make_checker().check(self.target)
            connection = self.target.accept()
            connection.say(garbage)
            connection.close()
            self.assertNotWell(checking)
