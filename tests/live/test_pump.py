"""
Tests of L{revproxy.flow.splice.pump}, between sockets.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from errno import ENOSPC

from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.flow.splice.pipes import Pipes
from revproxy.flow.splice.watch import Watch
from revproxy.interfaces import IOutlet
from tests.live.pump_case import DATA, MIB, PumpCase, descriptors
from tests.live.watching import STOPPED


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
        self.assertEqual(self.waiting(), [self.sink])
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
        self.assertEqual(self.waiting(), [self.sink])


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

    def test_no_pipe(self) -> None:
        """
        Where there is no pipe to be had, now or later, the transport is released, and
        what comes stays in the source.
        """
        self.pipes = Pipes(most=1)
        for waits in (False, True):
            pump = self.pump()
            if waits:
                pump.start()
            pipe = self.pipes.take()
            assert pipe is not None
            self.source.far.sendall(DATA[:1000])
            if waits:
                self.reactor.turn()
            else:
                pump.start()
            self.pipes.give_back(pipe, empty=True)
            self.assertEqual(self.inlet.releases, 1)
            self.assertEqual(self.source.near.recv(2000), DATA[:1000])
            self.assertEqual(self.waiting(), [])
            self.inlet.releases = 0

    def test_not_watched(self) -> None:
        """
        Where the system watches no more sockets the transport is released, and what is
        held is written.
        """
        refusing = RefusingWatch(self.reactor, select.EPOLLOUT)
        self.addCleanup(refusing.connectionLost, STOPPED)
        self.watches = self.watches._replace(writable=refusing)
        self.before = descriptors()
        self.pump().start()
        self.fill()
        self.assertEqual((self.inlet.releases, self.outlet.told), (1, []))
        self.assertTrue(self.sink.written)
        self.assertEqual(sum(self.inlet.came), sum(self.outlet.went))
        self.assert_over()


class RefusingWatch(Watch):
    """
    As where there are too many (epoll(7), C{max_user_watches}).
    """

    @override
    def add(self, descriptor: int, ready: Callable[[], None]) -> None:
        raise OSError(ENOSPC, "no space left")


class UnixTests(MovingTests):
    """
    The same between UNIX sockets.
    """

    tcp = False
