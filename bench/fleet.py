"""
The proxies that run.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.certificate import CertificateFiles
from bench.cpu import CpuTime, group_time
from bench.memory import group_memory
from bench.peer import Peer, Place
from bench.process import ServerFailed, ServerProcess, free_port
from bench.setup import Setup


class RunningPeer:
    """
    A proxy that has been started.

    @ivar place: where it stands.
    """

    def __init__(self, peer: Peer, place: Place, core: int) -> None:
        """
        Start it, without waiting for anything.

        @param core: the core on which it is to run.
        """
        self.place = place
        self._name = peer.name
        self._process = ServerProcess(peer.configure(place), core, place.directory, peer.environment(place))

    def wait(self) -> None:
        """
        Wait until it listens.

        @raise ServerFailed: if it does not; it has been stopped then.
        """
        try:
            self._process.wait_for([self.place.plain, self.place.tls])
        except ServerFailed as failure:
            raise ServerFailed(f"{self._name}: {failure}") from failure

    def check_alive(self) -> None:
        """
        See that it runs.

        @raise ServerFailed: if it has ended.
        """
        self._process.check_alive()

    def port(self, tls: bool) -> int:
        """
        Say on which port of 127.0.0.1 it listens.
        """
        return self.place.tls if tls else self.place.plain

    def cpu(self) -> CpuTime:
        """
        Say how much CPU time it has used so far, its children's included.
        """
        return group_time(self._process.group)

    def memory(self) -> int:
        """
        Say how much memory it has, in bytes.
        """
        return group_memory(self._process.group)

    def stop(self) -> None:
        """
        End it.
        """
        self._process.stop()


class Fleet:
    """
    Starts proxies as they are needed, and stops them in the end.
    """

    def __init__(
        self, directory: Path, certificate: CertificateFiles, origin: int, echo: int, core: int
    ) -> None:
        """
        @param directory: where each proxy gets a directory of its own.
        @param certificate: what they present.
        @param origin: the port of the origin.
        @param echo: the port of the WebSocket server.
        @param core: the core on which they run.
        """
        self._directory = directory
        self._certificate = certificate
        self._origin = origin
        self._echo = echo
        self._core = core
        self._started = 0
        self._kept: dict[tuple[str, Setup], RunningPeer] = {}
        self._stack = ExitStack()

    def running(self, peer: Peer, setup: Setup) -> RunningPeer:
        """
        Give a proxy that listens, and goes on running until the end.

        @raise ServerFailed: if it does not start.
        """
        key = (peer.name, setup)
        if key not in self._kept:
            started = self._stack.enter_context(self.anew(peer, setup))
            started.wait()
            self._kept[key] = started
        return self._kept[key]

    @contextmanager
    def anew(self, peer: Peer, setup: Setup) -> Iterator[RunningPeer]:
        """
        Start a proxy that is stopped in the end of the context.
        """
        running = RunningPeer(peer, self._place(peer, setup), self._core)
        try:
            yield running
        finally:
            running.stop()

    def stop(self) -> None:
        """
        Stop all that still run.
        """
        self._kept.clear()
        self._stack.close()

    def _place(self, peer: Peer, setup: Setup) -> Place:
        self._started += 1
        home = self._directory / f"{self._started}-{peer.name}"
        home.mkdir()
        origin = self._echo if setup.upgrades else self._origin
        return Place(home, free_port(), free_port(), origin, self._certificate, setup)
