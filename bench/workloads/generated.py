"""
Loads that wrk cannot make: those of C{bench.generators}.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from typing_extensions import override

from bench.answer import check_answer
from bench.conditions import Conditions, Subject
from bench.figures import Figures, cpu_figures
from bench.fleet import RunningPeer
from bench.request import Request
from bench.workloads.closed_loop import WARM_UP_SECONDS
from bench.workloads.workload import Workload
from bench.wrk import TLS, LoadFailed

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0
"""
Seconds that a generator may take longer than it should.
"""


def generate(generator: str, core: int, port: int, seconds: float, *more: str) -> dict[str, float]:
    """
    Run a generator on one core until it ends.

    @param generator: its module's name.
    @param port: where on 127.0.0.1 the proxy listens.
    @param more: further arguments.
    @return: what it printed.
    @raise LoadFailed: if it failed or did not end.
    """
    argv = [sys.executable, "-m", f"bench.generators.{generator}", str(port), str(seconds), *more]
    try:
        done = subprocess.run(
            ["taskset", "-c", str(core), *argv],
            check=False,
            capture_output=True,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, **TLS},
            timeout=seconds + PATIENCE,
        )
    except subprocess.TimeoutExpired as expired:
        raise LoadFailed(f"the generator {generator} did not end") from expired
    if done.returncode:
        raise LoadFailed(done.stderr.strip().rpartition("\n")[2] or f"the generator {generator} failed")
    printed: dict[str, float] = json.loads(done.stdout)
    return printed


class _Generated(Workload):
    """
    A load by a generator that prints how much it has C{done} in how many C{seconds}.
    """

    def __init__(self, generator: str, tls: bool, connections: int) -> None:
        """
        @param connections: how many there are at once.
        """
        self._generator = generator
        self._tls = tls
        self._connections = connections

    @override
    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        """
        Implement L{Workload.prepare}.
        """
        self._load(subject.running(), conditions.core, WARM_UP_SECONDS)

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.
        """
        running = subject.running()
        before = running.cpu()
        printed = self._load(running, conditions.core, conditions.seconds)
        return cpu_figures(running.cpu() - before, int(printed["done"]), printed["seconds"])

    def _load(self, running: RunningPeer, core: int, seconds: int) -> dict[str, float]:
        return generate(self._generator, core, running.port(self._tls), seconds, str(self._connections))


class WebSocketMessages(_Generated):
    """
    WebSockets on each of which the next message is sent when the last one has come back.
    """

    def __init__(self, connections: int = 32) -> None:
        super().__init__("websocket", tls=False, connections=connections)


class ResumedHandshakes(_Generated):
    """
    Connections that resume a TLS session, each with one request.
    """

    def __init__(self, connections: int = 16) -> None:
        super().__init__("resumed", tls=True, connections=connections)

    @override
    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        """
        Implement L{Workload.prepare}.
        """
        place = subject.running().place
        check_answer(Request("/1k", tls=True), place.tls, place.certificate.certificate, resumption=True)
        super().prepare(subject, conditions)
