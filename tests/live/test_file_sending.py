"""
Files that are sent past the process, over real sockets.
"""

from __future__ import annotations

import os
from tempfile import TemporaryFile

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.flow.splice.file_sending import AT_ONCE, FileSending
from tests.live.watching import HalfOfAPair, RecordingOutlet, WatchingClock, sockets_in, watches

DATA = os.urandom(1 << 16) * 64
"""
Four mebibytes: more than a socket takes at once.
"""


class FileSendingTests(SynchronousTestCase):
    """
    @ivar ends: what was told at the end, each time.
    """

    @override
    def setUp(self) -> None:
        self.reactor = WatchingClock()
        self.sink = HalfOfAPair(self, tcp=True)
        self.outlet = RecordingOutlet(self.sink)
        self.watches = watches(self, self.reactor)
        self.file = self.enterContext(TemporaryFile())
        self.file.write(DATA)
        self.file.flush()
        self.ends: list[bool] = []

    def sending(self, offset: int = 0, octets: int = len(DATA)) -> FileSending:
        room = self.watches.writable
        sending = FileSending(
            self.reactor, room, self.outlet, self.file.fileno(), offset, octets, self.ends.append
        )
        self.addCleanup(sending.stop)
        sending.start()
        return sending

    def read(self, size: int) -> bytes:
        """
        Read at the far end, while the reactor turns.
        """
        return self.reactor.received_at(self.sink, size)

    def fill(self) -> None:
        """
        Turn until the socket takes no more.
        """
        for _ in range(50):
            self.reactor.turn()

    def assert_over(self) -> None:
        self.assertEqual(sockets_in(self.watches.writable), [])
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_all(self) -> None:
        """
        All octets come, in order, as the socket takes them; who keeps the deadline for slow
        readers hears of it.
        """
        self.sending()
        self.fill()
        self.assertEqual((self.outlet.told[-1], self.ends), ("full", []))
        self.assertEqual(self.read(len(DATA)), DATA)
        self.fill()
        self.assertEqual((self.ends, sum(self.outlet.went)), ([True], len(DATA)))
        self.assertEqual(self.outlet.told.count("full"), self.outlet.told.count("has room"))
        self.assert_over()

    def test_part(self) -> None:
        """
        A part of it comes, and nothing of what is around it.
        """
        self.sending(1000, 100_000)
        self.assertEqual(self.ends, [])
        self.assertEqual(self.read(100_000), DATA[1000:101_000])
        self.fill()
        with self.assertRaises(BlockingIOError):
            self.sink.far.recv(1)
        self.assertEqual(self.ends, [True])

    def test_turns(self) -> None:
        """
        In one turn so much is sent at the most.
        """
        self.sending()
        self.assertLessEqual(sum(self.outlet.went), AT_ONCE)

    def test_behind_what_was_written(self) -> None:
        """
        What waits in the transport goes before.
        """
        self.outlet.waiting = True
        self.sending()
        self.fill()
        self.assertEqual(self.outlet.went, [])
        self.outlet.waiting = False
        self.assertEqual(self.read(len(DATA)), DATA)

    def test_file_became_shorter(self) -> None:
        """
        Pitfall 13: where the file has less than it should it is told.
        """
        self.file.truncate(100_000)
        self.sending()
        self.assertEqual(self.read(100_000), DATA[:100_000])
        self.fill()
        self.assertEqual(self.ends, [False])
        self.assert_over()

    def test_connection_ends(self) -> None:
        """
        Where the client has left the transport is told to end.
        """
        self.sending()
        self.sink.far.close()
        self.fill()
        self.assertEqual((self.outlet.told[-1], self.ends), ("broken", []))
        self.assert_over()

    def test_stopped(self) -> None:
        """
        Pitfall 44: stopped wherever it is, it sends nothing and waits for nothing.
        """
        self.outlet.waiting = True
        self.sending().stop()
        self.assert_over()
        self.outlet.waiting = False
        sending = self.sending()
        self.fill()
        sent = sum(self.outlet.went)
        sending.stop()
        self.assert_over()
        self.read(sent)
        self.fill()
        self.assertEqual((sum(self.outlet.went), self.ends), (sent, []))
        self.sending(0, 10).stop()
        self.fill()
        self.assertEqual(self.ends, [])
        self.assert_over()

    def test_descriptor_gone(self) -> None:
        """
        Where the socket cannot be waited for it is told.
        """
        self.outlet.waiting = True
        self.sending()
        self.sink.near.close()
        self.fill()
        self.assertEqual(self.ends, [False])
