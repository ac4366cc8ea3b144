"""
Requests as fast as they are answered.
"""

from collections.abc import Sequence

from typing_extensions import override

from bench import wrk
from bench.answer import check_answer
from bench.conditions import Conditions, Subject
from bench.figures import Figures, cpu_figures
from bench.fleet import RunningPeer
from bench.request import Request
from bench.workloads.workload import Workload
from bench.wrk import Load

WARM_UP_SECONDS = 1


class ClosedLoop(Workload):
    """
    Connections on each of which the next request is sent when the last one is answered.
    """

    def __init__(self, request: Request, connections: int = 32, script: Sequence[str] = ()) -> None:
        """
        @param request: what is asked for.
        @param connections: how many there are at once.
        @param script: a script for wrk, with its arguments, that asks for something else.
        """
        self._request = request
        self._connections = connections
        self._script = script

    @override
    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        """
        Implement L{Workload.prepare}.
        """
        running = subject.running()
        certificate = running.place.certificate.certificate
        resumption = False if subject.setup.full_handshakes else None
        check_answer(self._request, running.port(self._request.tls), certificate, resumption)
        self.load(running, conditions, WARM_UP_SECONDS)

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.
        """
        running = subject.running()
        before = running.cpu()
        done = self.load(running, conditions, conditions.seconds)
        figures = cpu_figures(running.cpu() - before, done.requests, done.seconds)
        return {**figures, "p50": done.p50 * 1e3, "p99": done.p99 * 1e3}

    def load(self, running: RunningPeer, conditions: Conditions, seconds: int) -> Load:
        """
        Let wrk loose on a proxy.

        @raise LoadFailed: if a request fails.
        """
        argv = wrk.command(
            conditions.wrk,
            self._request,
            running.port(self._request.tls),
            self._connections,
            seconds,
            self._script,
        )
        return wrk.run(argv, conditions.core, seconds)
