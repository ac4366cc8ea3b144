"""
Tests for L{revproxy.reactor.descriptor_queue}.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.reactor.descriptor_queue import DescriptorQueue


class Loop:
    """
    Watches descriptors until told otherwise.
    """

    def __init__(self) -> None:
        self.watched: dict[int, Callable[[], object]] = {}

    def add_writer(self, descriptor: int, function: Callable[[], object]) -> None:
        self.watched[descriptor] = function

    def remove_writer(self, descriptor: int) -> None:
        del self.watched[descriptor]


class DescriptorQueueTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.theirs.close)
        self.ours.setblocking(False)
        self.theirs.setblocking(False)
        self.loop = Loop()
        self.unsent = 0
        self.sent: list[OSError | None] = []
        self.queue = DescriptorQueue(self.loop, self.ours, lambda: self.unsent, self.sent.append)
        self.addCleanup(self.queue.close)

    def receive(self) -> tuple[bytes, int]:
        """
        @return: the data that has come, and how many descriptors with it.
        """
        data, descriptors, _, _ = socket.recv_fds(self.theirs, 100, 10)
        for descriptor in descriptors:
            os.close(descriptor)
        return data, len(descriptors)

    def writable(self) -> None:
        """
        Have the loop tell that the socket takes more.
        """
        [function] = self.loop.watched.values()
        function()

    def test_one_octet_each(self) -> None:
        """
        Each descriptor goes with one octet; what is left of the data is its owner's.
        """
        self.queue.add(self.ours.fileno())
        self.queue.add(self.ours.fileno())
        self.queue.write(b"abc")
        self.assertEqual([self.receive(), self.receive()], [(b"a", 1), (b"b", 1)])
        self.assertEqual(self.sent, [None])
        self.assertEqual(self.queue.take(), b"c")
        self.assertEqual(self.queue.take(), b"")

    def test_overrun(self) -> None:
        """
        A descriptor without an octet waits for one.
        """
        self.queue.add(self.ours.fileno())
        self.assertTrue(self.queue.overrun)
        self.assertEqual(len(self.queue), 1)
        self.queue.write(b"a")
        self.assertFalse(self.queue.overrun)
        self.assertEqual(len(self.queue), 0)

    def test_too_little(self) -> None:
        """
        With less data than descriptors, the rest waits, and nobody is told.
        """
        self.queue.add(self.ours.fileno())
        self.queue.add(self.ours.fileno())
        self.queue.write(b"a")
        self.assertEqual((self.sent, len(self.queue), self.loop.watched), ([], 1, {}))

    def test_after_what_was_written(self) -> None:
        """
        What uvloop has yet to send goes before.
        """
        self.unsent = 1
        self.queue.add(self.ours.fileno())
        self.queue.write(b"a")
        self.assertRaises(BlockingIOError, self.receive)
        self.unsent = 0
        self.writable()
        self.assertEqual(self.receive(), (b"a", 1))
        self.assertEqual((self.sent, self.loop.watched), ([None], {}))

    def test_full(self) -> None:
        """
        A socket that takes no more is watched, by a descriptor that is not uvloop's, and
        once for all that is written meanwhile.
        """
        self.fill()
        self.queue.add(self.ours.fileno())
        self.queue.write(b"a")
        self.queue.write(b"b")
        [watched] = self.loop.watched
        self.assertNotEqual(watched, self.ours.fileno())
        self.assertEqual(self.sent, [])
        self.drain()
        self.writable()
        self.assertEqual(self.receive(), (b"a", 1))
        self.assertEqual(self.queue.take(), b"b")
        self.assertRaises(OSError, os.fstat, watched)

    def test_broken(self) -> None:
        """
        What the socket says is passed on, and it is watched no more.
        """
        self.theirs.close()
        self.queue.add(self.ours.fileno())
        self.queue.write(b"a")
        [error] = self.sent
        self.assertIsInstance(error, BrokenPipeError)
        self.assertEqual(self.loop.watched, {})

    def fill(self) -> None:
        """
        Write until the socket takes no more.
        """
        with contextlib.suppress(BlockingIOError):
            while self.ours.send(bytes(4096)):
                pass

    def drain(self) -> None:
        """
        Read all that was written.
        """
        with contextlib.suppress(BlockingIOError):
            while self.theirs.recv(65536):
                pass
