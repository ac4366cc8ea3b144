"""
Tests of L{revproxy.flow.splice.pump}, between sockets.
"""

from __future__ import annotations

import os
import resource
import socket
import struct

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.flow.splice.pipes import Pipe, Pipes
from revproxy.flow.splice.pump import ENDLESS, Pump
from revproxy.interfaces import IOutlet
from tests.live.watching import HalfOfAPair, RecordingInlet, RecordingOutlet, WatchingClock, let_go

MIB = 1 << 20
DATA = bytes(range(251)) * 400


def descriptors() -> int:
    """
    How many descriptors the process has.
    """
    return len(os.listdir("/proc/self/fd"))


class PumpCase(SynchronousTestCase):
    """
    @ivar source: where octets come from.
    @ivar sink: where they go.
    """

    tcp = True

    @override
    def setUp(self) -> None:
        self.reactor = WatchingClock()
        self.source, self.sink = HalfOfAPair(self, self.tcp), HalfOfAPair(self, self.tcp)
        self.inlet, self.outlet = RecordingInlet(self.source), RecordingOutlet(self.sink)
        self.pipes = Pipes()
        self.addCleanup(let_go, self.pipes)
        self.before = descriptors()

    def pump(self, octets: int = ENDLESS) -> Pump:
        pipe = self.pipes.take()
        assert pipe is not None
        pump = Pump(self.reactor, pipe, self.gave_back, self.inlet, self.outlet, octets)
        self.addCleanup(pump.stop)
        return pump

    def gave_back(self, pipe: Pipe, empty: bool) -> None:
        self.pipes.give_back(pipe, empty)

    def received(self, size: int) -> bytes:
        """
        Read so much at the far end of the sink, while the reactor turns.
        """
        self.sink.far.setblocking(False)
        data = b""
        while len(data) < size:
            self.reactor.turn()
            try:
                data += self.sink.far.recv(size - len(data))
            except BlockingIOError:
                continue
        return data

    def fill(self) -> int:
        """
        Send to the source until neither socket takes more.

        @return: how many octets were sent.
        """
        self.source.far.setblocking(False)
        sent = idle = 0
        while idle < 50:
            try:
                sent += self.source.far.send(b"x" * MIB)
                idle = 0
            except BlockingIOError:
                idle += 1
            self.reactor.turn()
        return sent

    def assert_over(self) -> None:
        """
        Nothing is watched, and no descriptor is left but those of a pipe that is kept.
        """
        self.assertEqual((self.reactor.readers, self.reactor.writers), ([], []))
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.assertLessEqual(descriptors(), self.before + 2)


class MovingTests(PumpCase):
    def test_interface(self) -> None:
        """
        What these tests move octets to is an outlet.
        """
        self.assertTrue(verifyObject(IOutlet, self.outlet))

    def test_there_already(self) -> None:
        """
        What is there already is moved at once, and nothing is watched for it.
        """
        self.source.far.sendall(DATA[:1000])
        self.pump(1000).start()
        self.assertEqual(self.inlet.releases, 1)
        self.assertFalse(self.source.paused)
        self.assertEqual(self.sink.far.recv(2000), DATA[:1000])
        self.assert_over()

    def test_comes_later(self) -> None:
        """
        What comes later is moved as it comes; the transport reads nothing meanwhile.
        """
        self.pump(len(DATA)).start()
        self.assertTrue(self.source.paused)
        self.source.far.sendall(DATA)
        self.assertEqual(self.received(len(DATA)), DATA)
        self.assertEqual((self.inlet.releases, self.outlet.told), (1, []))
        self.assertEqual((sum(self.inlet.came), sum(self.outlet.went)), (len(DATA), len(DATA)))
        self.assert_over()

    def test_not_too_much(self) -> None:
        """
        What follows the octets that are to be moved stays where it is.
        """
        self.source.far.sendall(DATA)
        self.pump(1000).start()
        self.assertEqual(self.source.near.recv(100), DATA[1000:1100])
        self.assertEqual(self.received(1000), DATA[:1000])
        self.assert_over()

    def test_written_before(self) -> None:
        """
        What was written to the sink's transport goes before.
        """
        self.outlet.waiting = True
        self.source.far.sendall(DATA[:1000])
        self.pump(1000).start()
        for _ in range(3):
            self.reactor.turn()
        self.assertEqual((self.inlet.came, self.outlet.told, self.source.paused), ([], ["full"], True))
        self.outlet.waiting = False
        self.assertEqual(self.received(1000), DATA[:1000])
        self.assertEqual(self.outlet.told, ["full", "has room"])
        self.assert_over()

    def test_written_in_this_turn(self) -> None:
        """
        What leaves by the end of the turn is waited for, and nothing is watched for it.
        """
        self.outlet.waiting = True
        self.source.far.sendall(DATA[:1000])
        self.pump(1000).start()
        self.outlet.waiting = False
        self.reactor.advance(0)
        self.assertEqual((self.inlet.releases, self.outlet.told), (1, []))
        self.assertEqual(self.received(1000), DATA[:1000])
        self.assert_over()

    def test_number_of_another(self) -> None:
        """
        A connection that closes before the end of the turn may leave its number to
        another, which gets nothing of what is moved, and nothing of its own is taken.
        """
        for end in (self.sink, self.source):
            self.outlet.waiting = True
            self.source.far.sendall(DATA[:1000])
            pump = self.pump(1000)
            pump.start()
            other = HalfOfAPair(self, self.tcp)
            other.far.sendall(b"of another")
            os.dup2(other.near.fileno(), end.near.fileno())
            self.outlet.waiting = False
            self.reactor.turn()
            pump.stop()
            other.far.setblocking(False)
            self.assertRaises(BlockingIOError, other.far.recv, 1)
            self.assertEqual(other.near.recv(100), b"of another")


class PressureTests(PumpCase):
    """
    Pitfall 26: who reads slowly holds up the sender.
    """

    def test_full(self) -> None:
        """
        A sink that takes no more is told of once, and nothing is taken from the source
        but a pipe-full.
        """
        self.pump().start()
        sent = self.fill()
        self.assertEqual(self.outlet.told, ["full"])
        self.assertEqual(self.reactor.readers, [])
        held = sum(self.inlet.came) - sum(self.outlet.went)
        self.assertTrue(0 < held <= MIB, held)
        self.assertEqual(len(self.received(sent)), sent)
        self.assertEqual(self.outlet.told[-1], "has room")

    def test_little_by_little(self) -> None:
        """
        Each time that a full sink has taken something it is told of.
        """
        self.pump().start()
        self.fill()
        del self.outlet.told[:]
        while self.outlet.told != ["has room", "full"]:
            self.received(65536)
        self.assertEqual(self.reactor.readers, [])


class EndTests(PumpCase):
    def test_no_more_comes(self) -> None:
        """
        Where the source ends the transport is released, after all was moved, and sees
        the end itself.
        """
        self.pump().start()
        self.source.far.sendall(DATA)
        self.source.far.close()
        self.assertEqual(self.received(len(DATA)), DATA)
        self.reactor.turn()
        self.assertEqual((self.inlet.releases, self.source.near.recv(1)), (1, b""))
        self.assert_over()

    def test_source_breaks(self) -> None:
        """
        A source that is reset is closed.
        """
        self.pump().start()
        self.source.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.source.far.close()
        self.reactor.turn()
        self.assertEqual((self.source.aborted, self.inlet.releases), (True, 0))
        self.assert_over()

    def test_sink_breaks(self) -> None:
        """
        A sink that is reset is told so.
        """
        self.pump().start()
        self.sink.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sink.far.close()
        self.source.far.sendall(DATA)
        self.reactor.turn()
        self.assertEqual((self.outlet.told, self.inlet.releases), (["broken"], 0))
        self.assert_over()

    def test_stopped(self) -> None:
        """
        One that is stopped leaves nothing behind, whatever it held.
        """
        pump = self.pump()
        pump.start()
        self.fill()
        pump.stop()
        pump.stop()
        self.assertEqual((self.inlet.releases, descriptors()), (0, self.before))
        self.assert_over()

    def test_stopped_before_it_began(self) -> None:
        """
        So does one that waits for the end of the turn.
        """
        self.outlet.waiting = True
        pump = self.pump()
        pump.start()
        pump.stop()
        self.reactor.advance(0)
        self.assert_over()

    def test_surrendered(self) -> None:
        """
        What one that gives up holds is written.
        """
        pump = self.pump()
        pump.start()
        self.fill()
        held = sum(self.inlet.came) - sum(self.outlet.went)
        pump.surrender()
        self.assertEqual(self.sink.written, b"x" * held)
        self.assertEqual(sum(self.inlet.came), sum(self.outlet.went))
        self.assert_over()

    def start_without_descriptors(self) -> None:
        """
        Start where the process may have no more descriptors.
        """
        pump = self.pump()
        self.source.far.sendall(DATA[:1000])
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        pump.start()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def test_no_descriptors(self) -> None:
        """
        Where the process may have no more descriptors the transport is released, and
        nothing is lost.
        """
        self.start_without_descriptors()
        self.assertEqual((self.inlet.releases, self.source.paused), (1, False))
        self.assertEqual(self.sink.far.recv(2000), DATA[:1000])
        self.assert_over()

    def test_no_descriptors_to_wait(self) -> None:
        """
        So it is where something has to leave before: what comes stays in the source.
        """
        self.outlet.waiting = True
        self.start_without_descriptors()
        self.assertEqual((self.inlet.releases, self.source.paused), (1, False))
        self.assertEqual(self.source.near.recv(2000), DATA[:1000])
        self.assert_over()


class UnixTests(MovingTests):
    """
    The same between UNIX sockets.
    """

    tcp = False
