"""
What all measurements of a benchmark have in common.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.fleet import Fleet, RunningPeer
from bench.peer import Peer
from bench.setup import Setup


@dataclass(frozen=True)
class Conditions:
    """
    What all measurements of a benchmark have in common.

    @ivar wrk: the path of wrk.
    @ivar core: the core on which the load runs.
    @ivar seconds: how long a load is measured.
    @ivar quick: whether smaller loads will do.
    """

    wrk: str
    core: int
    seconds: int
    quick: bool


@dataclass(frozen=True)
class Subject:
    """
    A proxy as a row wants it.

    @ivar peer: the proxy.
    @ivar setup: how it is set up.
    """

    peer: Peer
    setup: Setup
    fleet: Fleet

    def running(self) -> RunningPeer:
        """
        Give the one that goes on running from one measurement to the next.

        @raise ServerFailed: if it does not start.
        """
        return self.fleet.running(self.peer, self.setup)

    @contextmanager
    def anew(self) -> Iterator[RunningPeer]:
        """
        Start another, without waiting for it; it is stopped in the end of the context.
        """
        with self.fleet.anew(self.peer, self.setup) as running:
            yield running

    def with_peer(self, peer: Peer) -> "Subject":
        """
        Give another proxy under the same conditions.
        """
        return Subject(peer, self.setup, self.fleet)
