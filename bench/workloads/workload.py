"""
What a kind of load is to the benchmark.
"""

from abc import ABC, abstractmethod

from bench.conditions import Conditions, Subject
from bench.figures import CPU, Figures, Measure


class NotMeasurable(Exception):
    """
    The proxy cannot take part, by no fault of the benchmark; the message says why.
    """


class Workload(ABC):
    """
    A kind of load.

    @ivar measures: what the table shows of it; the first is what proxies are compared by.
    @ivar most_runs: how often it is measured at most, where more runs would not say more.
    """

    measures: tuple[Measure, ...] = (CPU,)
    most_runs: int = 1000

    def prepare(self, subject: Subject, conditions: Conditions) -> None:  # noqa: B027 (most have nothing to do)
        """
        Check that the proxy answers rightly, and warm it up, before it is measured for the first time.

        @raise WrongAnswer: if it does not relay rightly.
        @raise LoadFailed: if any part of the load fails.
        @raise ServerFailed: if the proxy does not start.
        @raise NotMeasurable: if it cannot take part.
        """

    @abstractmethod
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Measure once.

        @return: values by their keys, those of L{measures} among them.
        @raise WrongAnswer: if the proxy does not relay rightly.
        @raise LoadFailed: if any part of the load fails.
        @raise ServerFailed: if the proxy does not start.
        @raise NotMeasurable: if it cannot take part.
        """
