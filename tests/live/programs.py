"""
Programs that live tests start: their output is kept, and they end with the test.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from twisted.trial.unittest import SynchronousTestCase

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent.parent
"""
The checkout.
"""

BIN = Path(sys.executable).parent
"""
Where the scripts of the environment that runs the tests are.
"""

DEADLINE = 30.0
"""
How long, in seconds, a test waits for what must happen soon.
"""


class Answer(NamedTuple):
    """
    A response as a test looks at it.
    """

    status: int
    body: bytes


def eventually(question: Callable[[], T | None], what: str, seconds: float = DEADLINE) -> T:
    """
    Ask again and again until there is an answer.

    @param question: gives L{None} as long as it has none.
    @param what: what is waited for, in words for the failure.
    @raise AssertionError: when there is none in time.
    """
    deadline = time.monotonic() + seconds
    while (answer := question()) is None:
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """
    A TCP port of 127.0.0.1 that nobody listened on a moment ago.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str = "/") -> Answer:
    """
    One request on a connection of its own.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def get_soon(port: int, running: Program) -> Answer:
    """
    One request to a program that may still be starting.

    @raise AssertionError: when it ends, or does not listen in time.
    """

    def attempt() -> Answer | None:
        if running.process.poll() is not None:
            raise AssertionError(f"it ended with {running.process.returncode}:\n{running.output()}")
        try:
            return get(port)
        except ConnectionRefusedError:
            return None

    try:
        return eventually(attempt, f"an answer on port {port}")
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n{running.output()}") from None


def listening(port: int, running: Program) -> bool | None:
    """
    Whether a program listens already; L{None} for not yet, as L{eventually} asks.

    @raise AssertionError: when it has ended.
    """
    if running.process.poll() is not None:
        raise AssertionError(f"it ended with {running.process.returncode}:\n{running.output()}")
    try:
        socket.create_connection(("127.0.0.1", port), timeout=DEADLINE).close()
    except ConnectionRefusedError:
        return None
    return True


class Program:
    """
    A program that runs beside the test.

    @ivar directory: where it runs: new, and gone with the test.
    @ivar process: the running program.
    """

    def __init__(
        self,
        test: SynchronousTestCase,
        arguments: Sequence[str | Path],
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.directory = directory or new_directory(test)
        self._output = self.directory / "output"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                arguments,
                cwd=self.directory,
                env={**os.environ, **(environment or {})},
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        test.addCleanup(self.stop)

    def output(self) -> str:
        """
        All that it has printed so far.
        """
        return self._output.read_text(errors="replace")

    def stop(self) -> int:
        """
        Ask it to end, wait until it has, and give its exit status.
        """
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end when asked to:\n{self.output()}") from None


def alive(pid: int) -> bool:
    """
    Whether a process is there that is no zombie.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def new_directory(test: SynchronousTestCase) -> Path:
    """
    An empty directory with a short name (a UNIX socket fits), gone with the test.
    """
    directory = Path(tempfile.mkdtemp(prefix="revproxy-"))
    test.addCleanup(shutil.rmtree, directory, ignore_errors=True)
    return directory


def run(
    arguments: Sequence[str | Path], directory: Path, environment: Mapping[str, str] | None = None
) -> str:
    """
    Run a program to its end and give what it printed.

    @param environment: variables that it gets besides those of the tests.
    @raise AssertionError: where its exit status is not 0.
    """
    done = subprocess.run(
        arguments,
        cwd=directory,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout
