"""
How long a proxy takes to start.
"""

import time
from http.client import HTTPException
from socket import create_connection

from typing_extensions import override

from bench.answer import TIMEOUT, exchange
from bench.conditions import Conditions, Subject
from bench.figures import Figures, Measure
from bench.fleet import RunningPeer
from bench.process import START_SECONDS, ServerFailed
from bench.request import Request
from bench.workloads.workload import Workload

REQUEST = Request("/1k")
_POLL_SECONDS = 0.005


class Start(Workload):
    """
    From the command to the first answered request.
    """

    measures = (Measure("cpu", "s", "CPU"), Measure("wall", "s", "wall"))

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.

        @return: seconds of CPU time and of time passed.
        """
        began = time.monotonic()
        with subject.anew() as running:
            wait_for_answer(running, began + START_SECONDS)
            return {"wall": time.monotonic() - began, "cpu": running.cpu().total}


def wait_for_answer(running: RunningPeer, deadline: float) -> None:
    """
    Ask until there is an answer.

    @param deadline: when to give up, by the monotonic clock.
    @raise ServerFailed: if there is none.
    @raise WrongAnswer: if it is not the origin's.
    """
    while not _answers(running.place.plain):
        running.check_alive()
        if time.monotonic() > deadline:
            raise ServerFailed("nothing was answered")
        time.sleep(_POLL_SECONDS)


def _answers(port: int) -> bool:
    try:
        with create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            exchange(REQUEST, connection)
    except (OSError, HTTPException):
        return False
    return True
