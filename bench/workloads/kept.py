"""
Requests for what the origin says may be kept.
"""

import time

from typing_extensions import override

from bench.answer import check_kept
from bench.conditions import Conditions, Subject
from bench.figures import Figures, Measure
from bench.request import CACHEABLE, Request
from bench.workloads.closed_loop import WARM_UP_SECONDS, ClosedLoop

SETTLE_SECONDS = 0.5


class Hits(ClosedLoop):
    """
    Requests for one thing, again and again, so that a cache answers all of them.
    """

    def __init__(self, name: str, connections: int = 32) -> None:
        """
        @param name: the name of the origin's file.
        """
        self._one = Request(f"{CACHEABLE}/{name}")
        super().__init__(self._one, connections)

    @override
    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        """
        Implement L{Workload.prepare}.
        """
        check_kept(self._one, subject.running().place.plain, subject.setup.cache is not None)
        super().prepare(subject, conditions)


class Misses(Hits):
    """
    Requests for something else each time, so that a cache can answer none of them.
    """

    def __init__(self, name: str) -> None:
        """
        @param name: the name of the origin's file.
        """
        super().__init__(name)
        self._script = ("distinct.lua",)


class EntryMemory(Misses):
    """
    What the processes' memory grows by for each response that is kept.

    What is set aside at the start does not count, used or not, nor do files.
    """

    measures = (Measure("memory", "KiB"),)
    most_runs = 1

    @override
    def prepare(self, subject: Subject, conditions: Conditions) -> None:
        """
        Implement L{Workload.prepare}: it is another proxy that is measured.
        """

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.

        @return: KiB a response, and how many C{entries} there were.
        """
        with subject.anew() as running:
            running.wait()
            check_kept(self._one, running.place.plain, kept=True)
            self.load(running, conditions, WARM_UP_SECONDS)
            before = running.memory()
            done = self.load(running, conditions, conditions.seconds)
            time.sleep(SETTLE_SECONDS)
            return {"memory": (running.memory() - before) / 1024 / done.requests, "entries": done.requests}
