"""
Tests of L{revproxy.flow.splice.pipes}, and of what is asked of the system.
"""

from __future__ import annotations

import os
import resource

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.splice.pipes import LEAST_SIZE, Pipe, Pipes, new_pipe
from revproxy.flow.splice.sockets import has_unread
from revproxy.flow.splice.splicer import Splicer, splicer_for, system_splices
from tests.live.watching import HalfOfAPair, RecordingOutlet, WatchingClock, let_go


def is_open(pipe: Pipe) -> bool:
    """
    Whether both ends of a pipe are there.
    """
    try:
        os.fstat(pipe.exit), os.fstat(pipe.entrance)
    except OSError:
        return False
    return True


class PipesTests(SynchronousTestCase):
    def pipes(self, most: int = 4, most_idle: int = 1) -> Pipes:
        pipes = Pipes(most, most_idle)
        self.addCleanup(let_go, pipes)
        return pipes

    def taken(self, pipes: Pipes) -> Pipe:
        pipe = pipes.take()
        assert pipe is not None
        return pipe

    def test_never_blocks(self) -> None:
        """
        Neither end of a pipe blocks, and no program that is started gets it.
        """
        pipes = self.pipes()
        pipe = self.taken(pipes)
        self.assertRaises(BlockingIOError, os.read, pipe.exit, 1)
        self.assertEqual(os.write(pipe.entrance, b"x" * (pipe.size + 1)), pipe.size)
        self.assertFalse(os.get_inheritable(pipe.exit) or os.get_inheritable(pipe.entrance))
        self.assertGreaterEqual(pipe.size, LEAST_SIZE)
        pipes.give_back(pipe, empty=False)

    def test_used_again(self) -> None:
        """
        An empty pipe is used again.
        """
        pipes = self.pipes()
        pipe = self.taken(pipes)
        pipes.give_back(pipe, empty=True)
        self.assertEqual(self.taken(pipes), pipe)
        pipes.give_back(pipe, empty=True)

    def test_not_empty(self) -> None:
        """
        One that is not empty is closed: what is in it must not come out elsewhere.
        """
        pipes = self.pipes()
        pipe = self.taken(pipes)
        pipes.give_back(pipe, empty=False)
        self.assertFalse(is_open(pipe))

    def test_bounds(self) -> None:
        """
        There are no more than there may be at once, and no more are kept than may be.
        """
        pipes = self.pipes(most=2)
        first, second = self.taken(pipes), self.taken(pipes)
        self.assertIsNone(pipes.take())
        pipes.give_back(first, empty=True)
        pipes.give_back(second, empty=True)
        self.assertEqual((is_open(first), is_open(second)), (True, False))

    def test_no_descriptors(self) -> None:
        """
        Where the process may have no more descriptors there is no pipe.
        """
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        pipe = new_pipe()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.assertIsNone(pipe)


class SplicerTests(SynchronousTestCase):
    def test_this_system(self) -> None:
        """
        Here sockets are spliced; the pipe of the trial is kept.
        """
        pipes = Pipes()
        self.addCleanup(let_go, pipes)
        self.assertTrue(system_splices(pipes))
        before = os.listdir("/proc/self/fd")
        pipe = pipes.take()
        assert pipe is not None
        self.assertEqual(os.listdir("/proc/self/fd"), before)
        pipes.give_back(pipe, empty=True)

    def test_no_pipes(self) -> None:
        """
        Where there is no pipe nothing is spliced.
        """
        self.assertFalse(system_splices(Pipes(most=0)))

    def test_reactor(self) -> None:
        """
        A reactor that watches no descriptors is not asked to.
        """
        self.assertIsNone(splicer_for(Clock()))
        self.assertIsNotNone(splicer_for(WatchingClock()))

    def test_not_a_socket(self) -> None:
        """
        What is no plain socket of Twisted's or ours is neither moved from nor to.
        """
        end = HalfOfAPair(self, tcp=True)
        splicer = Splicer(WatchingClock(), Pipes())
        self.assertIsNone(splicer.outlet(end.transport, self.nothing, self.nothing, lambda octets: None))
        outlet = RecordingOutlet(end)
        self.assertIsNone(splicer.move(end.transport, outlet, 1, lambda octets: None, self.nothing))

    def nothing(self) -> None:
        pass


class UnreadTests(SynchronousTestCase):
    def test_unread(self) -> None:
        """
        Octets that nobody has read are seen.
        """
        end = HalfOfAPair(self, tcp=False)
        self.assertFalse(has_unread(end.transport))
        end.far.send(b"x")
        self.assertTrue(has_unread(end.transport))
        end.near.recv(1)
        self.assertFalse(has_unread(end.transport))
