"""
Three servers in processes of their own, a proxy before them, and a load on it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.installed import installed
from tests.live.programs import ROOT, Program, eventually, free_port, listening, new_directory
from tests.live.proxy import Proxy, relaying

QUICK = {
    "type": "http",
    "interval": "100ms",
    "down_interval": "100ms",
    "timeout": "200ms",
    "rise": 2,
    "fall": 2,
}
"""
A health check by which a server is out within 0.6 seconds and back within 0.4.
"""

_FAILED = re.compile(r"^ +(?:Socket errors|Non-2xx)", re.MULTILINE)
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_STATUSES = re.compile(r"Non-2xx or 3xx responses: (\d+)")


class Patient:
    """
    One of the servers.

    @ivar url: without a slash at the end.
    """

    def __init__(self, test: SynchronousTestCase) -> None:
        self._test = test
        self._directory = new_directory(test)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """
        Start it, or start it again.
        """
        arguments = [sys.executable, "-m", "tests.live.sick_server", str(self._port), str(self._directory)]
        self._program = Program(self._test, arguments, self._directory, {"PYTHONPATH": str(ROOT)})
        eventually(lambda: listening(self._port, self._program), "a server")

    def be(self, state: str) -> None:
        """
        Have it fall ill, or be well.
        """
        self._directory.joinpath("state").write_text(state)

    def signal(self, number: signal.Signals) -> None:
        """
        Kill it, freeze it, and so on.
        """
        os.kill(self._program.process.pid, number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._program.process.wait()

    def posted(self) -> list[str]:
        """
        The first line of each body that it got.
        """
        return self._directory.joinpath("posted").read_text().splitlines()


class Load:
    """
    Requests from wrk, as many as are answered.
    """

    def __init__(self, port: int, seconds: int, connections: int = 16) -> None:
        self._process = subprocess.Popen(
            [
                installed("wrk"),
                "--threads=1",
                f"--connections={connections}",
                f"--duration={seconds}s",
                "--timeout=10s",
                f"http://127.0.0.1:{port}/",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )

    def report(self) -> str:
        """
        Wait until it is over.
        """
        report, _ = self._process.communicate(timeout=60)
        return report

    def failures(self) -> tuple[int, int]:
        """
        @return: how many requests broke off, and how many were answered with an error.
        """
        report = self.report()
        errors, statuses = _ERRORS.search(report), _STATUSES.search(report)
        return sum(map(int, errors.groups())) if errors else 0, int(statuses[1]) if statuses else 0


class HospitalCase(SynchronousTestCase):
    """
    @cvar upstream: options of the upstream.
    """

    upstream: dict[str, Any] = {}

    @override
    def setUp(self) -> None:
        self.patients = [Patient(self) for _ in range(3)]
        self.first = self.patients[0]
        document = relaying(*(patient.url for patient in self.patients), **self.upstream)
        self.proxy = Proxy(self, document)

    def load(self, seconds: int = 3) -> Load:
        """
        Begin a load.
        """
        load = Load(self.proxy.port(), seconds)
        self.addCleanup(load.report)
        return load

    def assertNoneFailed(self, load: Load) -> None:
        """
        Every request of a load was answered with 200.
        """
        report = load.report()
        self.assertNotRegex(report, _FAILED)
        self.assertRegex(report, r"[1-9]\d* requests in")

    def told(self, event: str, patient: Patient | None = None, times: int = 1) -> None:
        """
        Wait until the proxy has told of an event so many times.
        """
        subject = re.escape((patient or self.first).url)
        line = re.compile(rf"upstream app: {subject}: {event}: .+")

        def seen() -> bool | None:
            return len(line.findall(self.proxy.program.output())) >= times or None

        eventually(seen, f"{event} of {subject}:\n{self.proxy.program.output()[-2000:]}")
