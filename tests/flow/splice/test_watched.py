"""
Tests of L{revproxy.flow.splice.watched}.
"""

from __future__ import annotations

from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.flow.splice.watched import Watched


class WatchedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.calls = 0
        self.watched = Watched(17, self.called)

    def called(self) -> None:
        self.calls += 1

    def test_interface(self) -> None:
        """
        It is what reactors watch, by its number.
        """
        self.assertTrue(verifyObject(IReadWriteDescriptor, self.watched))
        self.assertEqual((self.watched.fileno(), self.watched.logPrefix()), (17, "splice"))

    def test_ready(self) -> None:
        """
        Whatever the reactor has found, its owner looks.
        """
        for find in (self.watched.doRead, self.watched.doWrite):
            self.assertIsNone(find())
        self.watched.connectionLost(Failure(ConnectionLost()))
        self.assertEqual(self.calls, 3)
