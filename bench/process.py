"""
Server processes: started on one core, awaited, and ended.
"""

import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

START_SECONDS = 30.0
STOP_SECONDS = 5.0
DESCRIPTORS = 32768
_POLL_SECONDS = 0.05


class ServerFailed(Exception):
    """
    A server ended, or did not come to listen, when it should have served.
    """


def find_program(name: str) -> str | None:
    """
    Look a program up, also where administrators' programs are.
    """
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


def free_port() -> int:
    """
    Find a TCP port of 127.0.0.1 on which nothing listens.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def raise_descriptor_limit() -> None:
    """
    Let this process, and each that it starts, have as many descriptors open as the benchmark needs, or as the
    system allows.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, most), most))


class ServerProcess:
    """
    A server in a process group of its own, whose id is the process's.

    @ivar group: the group's id.
    """

    def __init__(
        self, argv: Sequence[str], core: int, directory: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """
        Start it.

        @param core: the core on which it and its children run.
        @param directory: where it runs, and where its output goes (C{output.txt}).
        @param environment: variables added to this process's own.
        """
        self._output = directory / "output.txt"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(core), *argv],
                cwd=directory,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.group = self._process.pid

    def wait_for(self, ports: Sequence[int]) -> None:
        """
        Wait until it listens; if it does not, or if the wait is interrupted, end it.

        @raise ServerFailed: if it ends or takes too long; the last line of its output is in the message.
        """
        try:
            self._wait_for(ports)
        except BaseException:
            self.stop()
            raise

    def _wait_for(self, ports: Sequence[int]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not all(map(_listens, ports)):
            self.check_alive()
            if time.monotonic() > deadline:
                raise ServerFailed(f"does not listen after {START_SECONDS:g} s: {self._last_line()}")
            time.sleep(_POLL_SECONDS)

    def check_alive(self) -> None:
        """
        See that it runs.

        @raise ServerFailed: if it has ended.
        """
        if self._process.poll() is not None:
            raise ServerFailed(f"ended with status {self._process.returncode}: {self._last_line()}")

    def _last_line(self) -> str:
        lines = self._output.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it printed nothing"

    def stop(self) -> None:
        """
        End it, and whatever it leaves behind in its group.
        """
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)
        self._process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
