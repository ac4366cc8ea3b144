"""
A resolver whose answers are the test's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from revproxy.discovery.answers import Addresses, LookUpFailed, Service, Services


class FakeResolver:
    """
    Keeps what it is asked until the test answers.

    @ivar asked: the names that nobody has answered yet, in order.
    @ivar cancelled: those that are not wanted any more.
    """

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self._waiting: list[tuple[str, Deferred[Any]]] = []

    @property
    def asked(self) -> list[str]:
        return [name for name, _ in self._waiting]

    def addresses(self, host: str) -> Deferred[Addresses]:
        return self._ask(host)

    def services(self, name: str) -> Deferred[Services]:
        return self._ask(name)

    def answer(self, name: str, *addresses: str, ttl: float = 30.0, unknown: Collection[int] = ()) -> None:
        """
        Say where a host is.
        """
        self._take(name).callback(Addresses(addresses, ttl, frozenset(unknown)))

    def offer(self, name: str, *services: Service, ttl: float = 30.0) -> None:
        """
        Say who offers a service.
        """
        self._take(name).callback(Services(services, ttl))

    def fail(self, name: str, reason: str = "the test says so", error: Exception | None = None) -> None:
        """
        Say that there is no answer.
        """
        self._take(name).errback(error or LookUpFailed(reason))

    def _ask(self, name: str) -> Deferred[Any]:
        answer: Deferred[Any] = Deferred(self._cancelled)
        self._waiting.append((name, answer))
        return answer

    def _take(self, name: str) -> Deferred[Any]:
        index = self.asked.index(name)
        return self._waiting.pop(index)[1]

    def _cancelled(self, answer: Deferred[Any]) -> None:
        (name,) = [name for name, waiting in self._waiting if waiting is answer]
        self.cancelled.append(name)
        self._waiting.remove((name, answer))
        answer.errback(Failure(CancelledError()))


def service(target: str, port: int = 80, priority: int = 0, weight: int = 0) -> Service:
    """
    @return: an SRV record.
    """
    return Service(target, port, priority, weight)
