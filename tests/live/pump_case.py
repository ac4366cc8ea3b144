"""
Pumps between pairs of sockets.
"""

from __future__ import annotations

import os

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.flow.splice.pipes import Pipes
from revproxy.flow.splice.pump import ENDLESS, Pump
from tests.live.watching import (
    HalfOfAPair,
    RecordingInlet,
    RecordingOutlet,
    WatchingClock,
    let_go,
    sockets_in,
    watches,
)

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
        self.watches = watches(self, self.reactor)
        self.before = descriptors()

    def pump(self, octets: int = ENDLESS) -> Pump:
        pump = Pump(self.reactor, self.watches, self.pipes, self.inlet, self.outlet, octets)
        self.addCleanup(pump.stop)
        return pump

    def waiting(self) -> list[HalfOfAPair]:
        """
        The ends whose sockets are watched.
        """
        watched = {descriptor for watch in self.watches for descriptor in sockets_in(watch)}
        return [end for end in (self.source, self.sink) if end.fileno() in watched]

    def received(self, size: int) -> bytes:
        """
        Read so much at the far end of the sink, while the reactor turns.
        """
        return self.reactor.received_at(self.sink, size)

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
        Nothing is waited for, and no descriptor is left but those of a pipe that is kept.
        """
        self.assertEqual(self.waiting(), [])
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.assertLessEqual(descriptors(), self.before + 2)
