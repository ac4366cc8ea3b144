"""
Tests of L{revproxy.flow.splice.watch}, with sockets.
"""

from __future__ import annotations

import os

from twisted.internet.interfaces import IReadDescriptor
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.live.watching import STOPPED, HalfOfAPair, WatchingClock, sockets_in, watches


class WatchTests(SynchronousTestCase):
    """
    @ivar called: the ends that were found to be ready, in order.
    """

    def setUp(self) -> None:
        self.reactor = WatchingClock()
        self.watch, self.writable = watches(self, self.reactor)
        self.end = HalfOfAPair(self, tcp=True)
        self.called: list[HalfOfAPair] = []

    def call(self) -> None:
        self.called.append(self.end)

    def fail_at_once(self) -> None:
        raise ZeroDivisionError

    def test_interface(self) -> None:
        """
        It is what reactors watch.
        """
        self.assertTrue(verifyObject(IReadDescriptor, self.watch))
        self.assertEqual(self.watch.logPrefix(), "splice")

    def test_reactor_stops(self) -> None:
        """
        With the reactor it ends: who waits stops in good order, and nobody else can.
        """
        self.watch.add(self.end.fileno(), self.call)
        self.watch.connectionLost(STOPPED)
        self.watch.remove(self.end.fileno(), self.call)
        self.assertRaises(ValueError, self.watch.add, self.end.fileno(), self.call)

    def test_ready(self) -> None:
        """
        As long as there is something to be read it is told, and not before.
        """
        self.watch.add(self.end.fileno(), self.call)
        self.reactor.turn()
        self.assertEqual(self.called, [])
        self.end.far.sendall(b"x")
        for _ in range(2):
            self.reactor.turn()
        self.assertEqual(len(self.called), 2)

    def test_room(self) -> None:
        """
        So it is as long as there is room, for who waits for that, of the same socket.
        """
        self.watch.add(self.end.fileno(), self.fail)
        self.writable.add(self.end.fileno(), self.call)
        self.reactor.turn()
        self.assertEqual(len(self.called), 1)

    def test_removed(self) -> None:
        """
        Nothing is told any more, and nothing is left.
        """
        self.watch.add(self.end.fileno(), self.call)
        self.end.far.sendall(b"x")
        self.watch.remove(self.end.fileno(), self.call)
        self.reactor.turn()
        self.assertEqual((self.called, sockets_in(self.watch)), ([], []))

    def test_removed_in_the_same_turn(self) -> None:
        """
        Nor is it where both of two sockets are ready, and the first one's owner stops
        both.
        """
        ends = [self.end, HalfOfAPair(self, tcp=True)]

        def stop() -> None:
            self.call()
            for each in ends:
                self.watch.remove(each.fileno(), stop)

        for each in ends:
            each.far.sendall(b"x")
            self.watch.add(each.fileno(), stop)
        self.reactor.turn()
        self.assertEqual(len(self.called), 1)

    def test_closed(self) -> None:
        """
        A socket that is closed is forgotten: of another that gets its number nothing is
        told, and who stops waiting late does not stop the other.
        """
        other = HalfOfAPair(self, tcp=True)
        number = self.end.fileno()
        self.watch.add(number, self.fail)
        self.end.near.close()
        other.far.sendall(b"x")
        os.dup2(other.fileno(), number)
        self.addCleanup(os.close, number)
        self.reactor.turn()
        self.watch.add(number, self.call)
        self.watch.remove(number, self.fail)
        self.reactor.turn()
        self.assertEqual(len(self.called), 1)

    def test_removed_when_closed(self) -> None:
        """
        Who stops waiting for one that is closed has nothing to fear.
        """
        number = self.end.fileno()
        self.watch.add(number, self.call)
        self.end.near.close()
        self.watch.remove(number, self.call)
        self.reactor.turn()
        self.assertEqual(self.called, [])

    def test_none(self) -> None:
        """
        A connection that has ended has no socket to be watched.
        """
        self.assertRaises(ValueError, self.watch.add, -1, self.call)

    def test_failure(self) -> None:
        """
        Who fails is called no more, and the others are.
        """
        failing = HalfOfAPair(self, tcp=True)
        for each in (failing, self.end):
            each.far.sendall(b"x")
        self.watch.add(failing.fileno(), self.fail_at_once)
        self.watch.add(self.end.fileno(), self.call)
        for _ in range(2):
            self.reactor.turn()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(len(self.called), 2)
