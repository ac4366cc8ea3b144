"""
A measurement: one row of load through one proxy.
"""

from dataclasses import dataclass

from bench import load
from bench.answer import check_answer
from bench.cpu import CpuTime, group_time
from bench.load import Load
from bench.peer import Peer, Place
from bench.process import ServerProcess
from bench.rows import Row


@dataclass(frozen=True)
class Figure:
    """
    What one row cost one proxy.

    @ivar user: microseconds of CPU a request, in the program.
    @ivar kernel: microseconds of CPU a request, in the kernel.
    @ivar rate: requests a second.
    @ivar p50: median time to an answer, in milliseconds.
    @ivar p99: time within which 99 of 100 were answered, in milliseconds.
    """

    user: float
    kernel: float
    rate: float
    p50: float
    p99: float

    @property
    def cpu(self) -> float:
        """
        Microseconds of CPU a request, all told.
        """
        return self.user + self.kernel


def figure(spent: CpuTime, load: Load) -> Figure:
    """
    Divide what was spent by what was done.
    """
    scale = 1e6 / load.requests
    rate = load.requests / load.seconds
    return Figure(spent.user * scale, spent.kernel * scale, rate, load.p50 * 1e3, load.p99 * 1e3)


def median_figure(figures: list[Figure]) -> Figure:
    """
    Choose the run in the middle by CPU; of an even number, the cheaper of the two in the middle.

    @param figures: at least one.
    """
    return sorted(figures, key=lambda each: each.cpu)[(len(figures) - 1) // 2]


class RunningPeer:
    """
    A proxy that has been started.

    @ivar name: the proxy's name.
    """

    def __init__(self, peer: Peer, place: Place, core: int) -> None:
        """
        Start the proxy.

        @param core: the core on which it is to run.
        @raise ServerFailed: if it does not come to listen.
        """
        self.name = peer.name
        self._place = place
        self._process = ServerProcess(peer.configure(place), core, place.directory, peer.environment(place))
        try:
            self._process.wait_for([place.plain, place.tls])
        except BaseException:  # an interruption too must leave nothing behind
            self._process.stop()
            raise

    def stop(self) -> None:
        """
        End the proxy.
        """
        self._process.stop()

    def measure(self, row: Row, wrk: str, core: int, seconds: int) -> Figure:
        """
        Check the proxy's answer, warm it up, and measure it.

        @param wrk: the path of wrk.
        @param core: the core on which the load is to run.
        @param seconds: how long.
        @raise WrongAnswer: if the proxy does not relay rightly.
        @raise LoadFailed: if any request of the load fails.
        """
        port = self._place.tls if row.tls else self._place.plain
        check_answer(row, port, self._place.certificate.certificate)
        load.run(load.command(wrk, row, port, 1), core, 1)
        before = group_time(self._process.group)
        done = load.run(load.command(wrk, row, port, seconds), core, seconds)
        return figure(group_time(self._process.group) - before, done)
