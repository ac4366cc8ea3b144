"""
How long answers take at a load that all but the slow can bear.
"""

from functools import cache

from typing_extensions import override

from bench.answer import check_answer
from bench.conditions import Conditions, Subject
from bench.figures import Figures, Measure
from bench.fleet import Fleet
from bench.peers import PEERS, YARDSTICK
from bench.request import Request
from bench.setup import Setup
from bench.workloads.closed_loop import WARM_UP_SECONDS, ClosedLoop
from bench.workloads.generated import generate
from bench.workloads.workload import NotMeasurable, Workload

REQUEST = Request("/1k")
_STEP = 100


@cache
def half_top_rate(fleet: Fleet, conditions: Conditions) -> int:
    """
    Find out how many requests a second are half of what nginx answers, in whole hundreds.

    @raise LoadFailed: if it does not answer.
    @raise ServerFailed: if it does not start.
    """
    load = ClosedLoop(REQUEST)
    yardstick = Subject(PEERS[YARDSTICK], Setup(), fleet)
    load.prepare(yardstick, conditions)
    rate = load.measure(yardstick, conditions)["rate"]
    return max(round(rate / 2 / _STEP), 1) * _STEP


class Latency(Workload):
    """
    Requests at half the rate of nginx's best, sent when they are due (see L{bench.generators.open_loop}).
    """

    measures = (
        Measure("p99", "ms", "p99"),
        Measure("p50", "ms", "p50"),
        Measure("p999", "ms", "p99.9"),
    )

    @override
    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        """
        Implement L{Workload.prepare}.
        """
        running = subject.running()
        check_answer(REQUEST, running.place.plain, running.place.certificate.certificate)
        self._load(subject, conditions, WARM_UP_SECONDS)

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.

        @return: percentiles in milliseconds, and the C{rate} in requests a second.
        """
        rate = half_top_rate(subject.fleet, conditions)
        return {**self._load(subject, conditions, conditions.seconds), "rate": rate}

    def _load(self, subject: Subject, conditions: Conditions, seconds: int) -> dict[str, float]:
        rate = half_top_rate(subject.fleet, conditions)
        port = subject.running().place.plain
        printed = generate("open_loop", conditions.core, port, seconds, str(rate))
        if "overloaded" in printed:
            raise NotMeasurable(f"does not keep up with {rate} requests a second")
        return {key: value * 1e3 for key, value in printed.items()}
